//! The accept loops and the HTTP side of a call.

mod control;
mod oauth;
mod socket;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hyper::service::Service as _;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::decode::parameters;
use crate::engine::{Call, Engine, Outcome};
use crate::oauth::take_token;
use crate::route::{Route, route};
use socket::{Abort, Socket};

/// The largest body that is read.
const MAX_BODY: usize = 256 * 1024 * 1024;

const NOT_FOUND: &str =
    "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>";

/// A body that is too large or ends too early.
const BAD_REQUEST: &str =
    "<html><head><title>400 Bad Request</title></head><body><h1>400 Bad Request</h1></body></html>";

/// What stands beside the `Location` of a renamed portal: no JSON.
const MOVED: &str = "<html><head><title>302 Found</title></head><body><h1>302 Found</h1></body></html>";

/// The connection a request came by.
#[derive(Debug, Clone)]
struct Peer {
    ip: IpAddr,
    abort: Arc<Abort>,
    tls: bool,
}

impl Peer {
    /// The address of the sandbox as this peer asks it.
    fn origin(&self, host: &str) -> String {
        format!("{}://{host}", if self.tls { "https" } else { "http" })
    }
}

/// All addresses of a sandbox.
pub(crate) fn router(engine: Arc<Engine>) -> Router {
    control::routes().merge(oauth::routes()).fallback(rest).with_state(engine)
}

/// Accepts connections until `stop` closes. With `tls` each one starts with a handshake.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<TlsAcceptor>,
    mut stop: watch::Receiver<()>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        // A failed accept is the client's loss (it hung up) or a shortage of descriptors that passes.
        let Ok((stream, address)) = accepted else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let abort = Arc::new(Abort::default());
        let socket = Socket::new(stream, abort.clone());
        let peer = Peer { ip: address.ip(), abort, tls: tls.is_some() };
        let (router, tls, stop) = (router.clone(), tls.clone(), stop.clone());
        tokio::spawn(async move {
            match tls {
                None => connection(socket, peer, router, stop).await,
                Some(acceptor) => match acceptor.accept(socket).await {
                    Ok(stream) => connection(stream, peer, router, stop).await,
                    Err(error) => tracing::debug!(%error, "TLS handshake failed"),
                },
            }
        });
    }
}

/// Serves one connection until either side ends it.
async fn connection<S>(stream: S, peer: Peer, router: Router, mut stop: watch::Receiver<()>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let abort = peer.abort.clone();
    let service = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(peer.clone());
        service.call(request)
    });
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        ended = connection => if let Err(error) = ended {
            tracing::debug!(%error, "connection ended");
        },
        // Dropping the connection closes its socket, without another byte.
        () = abort.wanted() => {}
        _ = stop.changed() => {}
    }
}

/// Everything that is no `/sandbox/…` address.
async fn rest(
    State(engine): State<Arc<Engine>>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    let Some(route) = route(request.uri().path()) else {
        return html(StatusCode::NOT_FOUND, NOT_FOUND);
    };
    let arrived = engine.now();
    if let Some(name) = engine.new_name(oauth::host_of(request.headers())) {
        engine.sent_on(&route, arrived);
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let location = format!("{}{path}", peer.origin(&name));
        return (StatusCode::FOUND, [(header::LOCATION, location)], MOVED).into_response();
    }
    let admitted = engine.admit(peer.ip, arrived);
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        engine.refused(&route, 400, arrived);
        return html(StatusCode::BAD_REQUEST, BAD_REQUEST);
    };
    if let Err(refusal) = admitted {
        engine.refused(&route, refusal.status, arrived);
        return response(Outcome::refused(&refusal)).unwrap_or_default();
    }
    let headers = parts.headers.clone();
    let mut params = parameters(parts, body).await;
    let token = match route {
        Route::Token { .. } => take_token(&headers, &mut params),
        Route::Webhook { .. } | Route::Version3 => None,
    };
    let call = Call { route, token, params, arrived };
    // A task of its own: what was received is executed to its end even when the client hangs up.
    let execution = tokio::spawn(async move { engine.execute(call).await });
    match execution.await.map(response) {
        Ok(Some(response)) => response,
        Ok(None) => {
            peer.abort.want();
            std::future::pending().await
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// `None` when there must be no response.
fn response(outcome: Outcome) -> Option<Response> {
    let (status, body) = match outcome {
        Outcome::Reset => return None,
        Outcome::Html { status, body } => return Some(html(StatusCode::from_u16(status).ok()?, body)),
        Outcome::Json { status, body } => (status, body),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let allowed = HeaderValue::from_static("origin, content-type, accept");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    Some(response)
}

fn html(status: StatusCode, page: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}
