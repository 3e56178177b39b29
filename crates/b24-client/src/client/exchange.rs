//! One request from encoding to a decoded answer: limits before it, repetitions after it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Inner;
use crate::auth::{Access, Auth, AuthError, Origin};
use crate::client::Time;
use crate::envelope::{Answered, Decoded, Shape, decode, decode_batch, decode_pages};
use crate::error::{ApiCode, ApiError, Error, GATEWAY_TIMEOUT};
use crate::limits::{Stats, Usage};
use crate::transport::{Answer, Request, TransportError};

/// What to send, and what may be done when the answer is lost.
pub(crate) struct Exchange<'a> {
    pub(crate) method: &'a str,
    pub(crate) body: String,
    /// Methods whose execution time it uses.
    pub(crate) uses: Vec<&'a str>,
    pub(crate) commands: u64,
    pub(crate) again: Again,
    /// Whether the answer is a batch's.
    pub(crate) maps: bool,
    /// How the rows stand in the answer, when it is one to a batch of pages.
    pub(crate) pages: Option<Shape>,
    /// Whether it only reads, so that it does not matter whether it was executed.
    pub(crate) reads: bool,
    /// Where the time of the last attempt is noted.
    pub(crate) sent: Option<&'a SentAt>,
}

/// Whether a request may be sent again although it may have been executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    Never,
    AsItIs,
    /// As it is, unless it took too long: then its parts are to be asked for in smaller requests.
    InParts,
}

/// When a request was sent last, if it was.
#[derive(Debug, Default)]
pub(crate) struct SentAt(Mutex<Option<Instant>>);

impl SentAt {
    pub(crate) fn get(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

/// What a client has done, for [`Stats`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    requests: AtomicU64,
    commands: AtomicU64,
    retries: AtomicU64,
    refused: AtomicU64,
    waited_nanos: AtomicU64,
}

/// Why one attempt has no result.
enum Failure {
    Transport(TransportError),
    NotAnAnswer { status: u16, reason: String, excerpt: String },
    Moved(Origin),
    Login(AuthError),
    Api(ApiError),
}

impl Failure {
    fn proves_not_executed(&self) -> bool {
        match self {
            Self::Transport(error) => error.proves_not_executed(),
            Self::Api(error) => error.code.proves_not_executed(),
            // What needed a login was refused for its token before.
            Self::Login(_) => true,
            Self::NotAnAnswer { .. } | Self::Moved(_) => false,
        }
    }

    /// Whether it was too much for one request.
    fn is_too_slow(&self) -> bool {
        matches!(
            self,
            Self::Transport(TransportError::TimedOut(_)) | Self::NotAnAnswer { status: GATEWAY_TIMEOUT, .. }
        )
    }

    /// Whether another attempt could end differently.
    fn may_pass(&self) -> bool {
        match self {
            Self::Transport(TransportError::TooLarge { .. } | TransportError::Untrusted(_))
            | Self::Moved(_)
            | Self::Login(_) => false,
            Self::Transport(_) => true,
            // A page with status 200 may be a proxy's; one with 4xx is an answer that stays.
            Self::NotAnAnswer { status, .. } => *status < 300 || *status >= 500 || *status == 429,
            Self::Api(error) => {
                error.code.proves_not_executed()
                    || error.code == ApiCode::Connection
                    || (error.is_ambiguous() && error.code != ApiCode::PortalDeleted)
            }
        }
    }
}

impl Inner {
    /// Sends a request until it is answered, refused for good, or its repetitions are used up.
    pub(crate) async fn exchange(&self, exchange: Exchange<'_>) -> Result<Answered, Error> {
        let mut attempts = 0;
        let mut perhaps_executed = None;
        let mut renewed = false;
        loop {
            attempts += 1;
            let access = self.auth.access(exchange.method);
            let failure = match self.attempt(&exchange, &access, attempts).await {
                Ok(answered) => return Ok(Answered { repeated: perhaps_executed.is_some(), ..answered }),
                // Neither an expired token nor a moved portal has executed anything: again at once.
                Err(Failure::Moved(to)) if self.auth.follow(&access, &to).await => continue,
                Err(Failure::Api(error))
                    if !renewed && error.wants_new_token() && access.token().is_some() =>
                {
                    renewed = true;
                    match self.auth.renew(&access).await {
                        Ok(()) => continue,
                        Err(error) => Failure::Login(error),
                    }
                }
                Err(failure) => failure,
            };
            let pause = self.portal_says(&exchange, &failure);
            let allowed = failure.may_pass()
                && (exchange.again != Again::Never || failure.proves_not_executed())
                && !(exchange.again == Again::InParts && failure.is_too_slow());
            if !allowed || attempts > self.retry.retries || pause > self.retry.longest_wait {
                // A refusal proves nothing about the attempt before it.
                let said = perhaps_executed.filter(|_| failure.proves_not_executed()).unwrap_or(failure);
                return Err(self.give_up(exchange.method, attempts, said));
            }
            if !exchange.reads && !failure.proves_not_executed() {
                perhaps_executed = Some(failure);
            }
            let wait = self.retry.wait(attempts, self.random(), pause);
            crate::observed::tell(|| {
                tracing::debug!(
                    method = exchange.method,
                    attempts,
                    wait_ms = wait.as_millis(),
                    "sending again"
                );
            });
            self.counters.retries.fetch_add(1, Ordering::Relaxed);
            self.counters.wait(wait);
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt(
        &self,
        exchange: &Exchange<'_>,
        access: &Access,
        attempt: u32,
    ) -> Result<Answered, Failure> {
        let permit = self.gate.enter(&exchange.uses).await;
        self.counters.wait(permit.waited);
        self.counters.requests.fetch_add(1, Ordering::Relaxed);
        self.counters.commands.fetch_add(exchange.commands, Ordering::Relaxed);
        if let Some(sent) = exchange.sent {
            sent.note();
        }
        let (method, body) = (exchange.method.to_owned(), exchange.body.clone());
        let request = Request { method, body, access: access.clone() };
        let answer = self.transport.send(request).await;
        let counted = permit.counted;
        drop(permit);
        if let Ok(Answer { status: 429 | 503, retry_after: Some(wait), .. }) = &answer {
            self.gate.throttled(*wait);
        }
        let outcome = self.judge(answer, access, exchange);
        if matches!(&outcome, Err(Failure::Api(error)) if error.code == ApiCode::QueryLimit) {
            self.counters.refused.fetch_add(1, Ordering::Relaxed);
            self.gate.bucket_refused(counted);
        }
        match &outcome {
            Ok(answered) => {
                crate::observed::tell(|| {
                    tracing::debug!(
                        method = exchange.method,
                        commands = exchange.commands,
                        attempt,
                        "answered"
                    );
                });
                self.clock.note(answered.time.as_ref());
                self.note_usage(exchange.method, answered.time.as_ref());
            }
            Err(failure) => {
                let status = match failure {
                    Failure::NotAnAnswer { status, .. } => *status,
                    Failure::Api(error) => error.status,
                    Failure::Transport(_) | Failure::Moved(_) | Failure::Login(_) => 0,
                };
                crate::observed::tell(|| {
                    tracing::debug!(method = exchange.method, attempt, status, "no result");
                });
            }
        }
        outcome
    }

    fn judge(
        &self,
        answer: Result<Answer, TransportError>,
        access: &Access,
        exchange: &Exchange<'_>,
    ) -> Result<Answered, Failure> {
        let answer =
            answer.map_err(|error| Failure::Transport(error.map_text(|text| self.auth.strip(text))))?;
        if (300..400).contains(&answer.status)
            && let Some(to) = answer.location.as_deref().and_then(|to| Auth::new_address(access, to))
        {
            return Err(Failure::Moved(to));
        }
        let status = answer.status;
        let Ok(text) = String::from_utf8(answer.body).map(Arc::new) else {
            let reason = "it is not UTF-8".to_owned();
            return Err(Failure::NotAnAnswer { status, reason, excerpt: String::new() });
        };
        let decoded = match exchange.pages {
            Some(shape) => decode_pages(&text, status, shape),
            None if exchange.maps => decode_batch(&text, status),
            None => decode(&text, status),
        };
        match decoded {
            // A result with the status of a failure is somebody else's page in JSON.
            Decoded::Answered(answered) if status < 300 => Ok(answered),
            Decoded::Answered(_) => Err(self.alien(status, "a result with the status of a failure", &text)),
            Decoded::Refused(error) => Err(Failure::Api(self.stripped(&error))),
            Decoded::Alien(reason) => Err(self.alien(status, &reason, &text)),
        }
    }

    fn alien(&self, status: u16, reason: &str, text: &str) -> Failure {
        let excerpt: String = self.auth.strip(text).chars().take(300).collect();
        Failure::NotAnAnswer { status, reason: reason.to_owned(), excerpt }
    }

    /// The portal's own words without the secret, which it might repeat.
    pub(crate) fn stripped(&self, error: &ApiError) -> ApiError {
        ApiError {
            code: error.code,
            status: error.status,
            text: self.auth.strip(&error.text),
            description: self.auth.strip(&error.description),
            body: self.auth.strip(&error.body),
        }
    }

    /// How long the portal wants to be left alone after a failure.
    fn portal_says(&self, exchange: &Exchange<'_>, failure: &Failure) -> Duration {
        match failure {
            Failure::Api(error) if error.code == ApiCode::OperationTimeLimit => {
                self.gate.method_refused(exchange.method, self.retry.operating_pause)
            }
            _ => Duration::ZERO,
        }
    }

    /// A command inside a batch was refused for a limit.
    pub(crate) fn command_refused(&self, method: &str, code: ApiCode) {
        if code == ApiCode::OperationTimeLimit {
            self.gate.method_refused(method, self.retry.operating_pause);
        }
    }

    /// Commands of a batch are sent again after this wait.
    pub(crate) fn note_repetition(&self, wait: Duration) {
        self.counters.retries.fetch_add(1, Ordering::Relaxed);
        self.counters.wait(wait);
    }

    /// The share of a request's time that a command of this method takes.
    pub(crate) fn share(&self, method: &str) -> f64 {
        self.gate.share(method)
    }

    /// How many requests may go at once now; `None` without a limit.
    pub(crate) fn requests_at_once(&self) -> Option<u64> {
        self.gate.at_once()
    }

    /// Notes the execution time that an answer reports for a method.
    pub(crate) fn note_usage(&self, method: &str, time: Option<&Time>) {
        if let Some(seconds) = time.and_then(|time| time.duration) {
            self.gate.took(method, seconds);
        }
        let Some((time, used)) = time.and_then(|time| Some((time, time.operating?))) else { return };
        // The portal's clock against itself: this machine's may be wrong.
        let reset_in = time
            .operating_reset_at
            .zip(time.finish)
            .and_then(|(reset, now)| Duration::try_from_secs_f64((reset - now).max(0.0)).ok());
        self.gate.used(method, Usage { used, reset_in });
    }

    fn give_up(&self, method: &str, attempts: u32, failure: Failure) -> Error {
        let method = method.to_owned();
        let host = self.auth.portal().host().to_owned();
        match failure {
            Failure::Transport(source) if source.proves_not_executed() => {
                Error::Unreachable { method, host, attempts, source }
            }
            Failure::Transport(source) => Error::Lost { method, attempts, source },
            Failure::NotAnAnswer { status, reason, excerpt } => {
                Error::NotAnAnswer { method, status, reason, attempts, excerpt }
            }
            Failure::Moved(to) => Error::Moved { host, to: self.auth.strip(to.name()) },
            Failure::Login(source) => Error::Login { portal: self.auth.portal().name().to_owned(), source },
            Failure::Api(source) => Error::Api { method, attempts, source: Box::new(source) },
        }
    }

    /// The next number of a splitmix64 sequence (Steele, Lea, Flood 2014): jitter needs no better one.
    pub(crate) fn random(&self) -> u64 {
        let mut number = self.jitter.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed);
        number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        number ^ (number >> 31)
    }
}

impl Counters {
    pub(super) fn wait(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.waited_nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    pub(super) fn stats(&self) -> Stats {
        Stats {
            requests: self.requests.load(Ordering::Relaxed),
            commands: self.commands.load(Ordering::Relaxed),
            retries: self.retries.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            waited: Duration::from_nanos(self.waited_nanos.load(Ordering::Relaxed)),
        }
    }
}
