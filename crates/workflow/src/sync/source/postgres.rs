//! A query of a PostgreSQL database.
//!
//! The server gives every value as its own text, so that numbers keep their digits; rows are fetched through a portal, a
//! page at a time, within one read-only transaction that shows one state of the data.

mod statement;
mod tls;

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::config::SslMode;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, IsolationLevel, NoTls, Row, Statement, Transaction};

use self::statement::{TextValue, Wrapped};
use super::outlet::{self, Feed, Plan, Stop};
use super::query::{self, Bound};
use super::settings::wrong;
use super::{Opened, Opening, PAGE_ROWS, SourceError, SourceSettings};

/// So long the server may take to let us in.
const ENTRANCE: Duration = Duration::from_secs(15);

pub(super) async fn open(
    settings: &SourceSettings,
    opening: &Opening<'_>,
    plan: Plan,
) -> Result<Opened, SourceError> {
    let access = Access::new(settings, opening)?;
    let text = settings.query.clone().unwrap_or_default();
    let (feed, pages) = outlet::feed(plan);
    tokio::spawn(async move {
        let gone = feed.sender();
        tokio::select! {
            () = read_to_end(access, &text, feed) => {}
            () = gone.closed() => {}
        }
    });
    outlet::begin(pages).await
}

/// Where the database is and who asks it.
struct Access {
    config: Config,
    host: String,
    zone: String,
    /// None on this machine.
    tls: Option<tls::Connector>,
}

impl Access {
    fn new(settings: &SourceSettings, opening: &Opening<'_>) -> Result<Self, SourceError> {
        let host = settings.host.clone().unwrap_or_default();
        let mut config = Config::new();
        config
            .host(&host)
            .port(settings.port.unwrap_or(5432))
            .dbname(settings.database.as_deref().unwrap_or_default())
            .user(settings.user.as_deref().unwrap_or_default())
            .application_name("b24")
            .connect_timeout(ENTRANCE);
        if let Some(password) = password(settings, opening)? {
            config.password(password);
        }
        let ca_file = settings.ca_file.as_ref().map(|path| opening.folder.join(path));
        let tls = if is_here(&host) && ca_file.is_none() {
            config.ssl_mode(SslMode::Disable);
            None
        } else {
            config.ssl_mode(SslMode::Require);
            Some(tls::Connector::new(&host, ca_file.as_deref())?)
        };
        Ok(Self { config, host, zone: settings.zone.clone(), tls })
    }

    fn failed(&self, error: tokio_postgres::Error) -> SourceError {
        SourceError::Postgres { host: self.host.clone(), source: Box::new(error) }
    }

    async fn connect(&self) -> Result<Client, SourceError> {
        let client = match &self.tls {
            None => {
                let connected = self.config.connect(NoTls).await;
                let (client, connection) = connected.map_err(|error| self.failed(error))?;
                // What it has to say, the client's own calls say too.
                tokio::spawn(async move { drop(connection.await) });
                client
            }
            Some(tls) => {
                let connected = self.config.connect(tls.clone()).await;
                let (client, connection) = connected.map_err(|error| self.failed(error))?;
                tokio::spawn(async move { drop(connection.await) });
                client
            }
        };
        // The zone is one that the settings' check knows, so it has no quotes.
        let manners = format!("SET datestyle TO 'ISO, YMD'; SET TimeZone TO '{}'", self.zone);
        client.batch_execute(&manners).await.map_err(|error| self.failed(error))?;
        Ok(client)
    }
}

/// Whether the server is on this machine: an address of it, or a folder with the server's socket.
fn is_here(host: &str) -> bool {
    let is_loopback = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    host == "localhost" || host.starts_with('/') || is_loopback
}

fn password(settings: &SourceSettings, opening: &Opening<'_>) -> Result<Option<String>, SourceError> {
    if let Some(name) = &settings.password_env {
        let missing = || wrong("password_env", &format!("the environment variable {name} is not set"));
        return (opening.environment)(name).map(Some).ok_or_else(missing);
    }
    let Some(path) = &settings.password_file else { return Ok(None) };
    let path: PathBuf = opening.folder.join(path);
    let text = std::fs::read_to_string(&path)
        .map_err(|source: io::Error| SourceError::NotReadable { path: path.clone(), source })?;
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

async fn read_to_end(access: Access, text: &str, mut feed: Feed) {
    let read = read(&access, text, &mut feed).await;
    feed.finish(read).await;
}

async fn read(access: &Access, text: &str, feed: &mut Feed) -> Result<(), Stop> {
    let failed = |error| access.failed(error);
    let wrapped = Wrapped::new(text);
    let mut client = access.connect().await?;
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await
        .map_err(failed)?;
    // The server says what the query's columns are called and of which types they are.
    let plain = transaction.prepare(wrapped.query()).await.map_err(failed)?;
    let names: Vec<String> = plain.columns().iter().map(|column| column.name().to_owned()).collect();
    query::check_columns(&names)?;
    feed.columns(&names);
    let (cursor, count) = (parameter(&wrapped, &plain, feed)?, plain.params().len());
    if count > usize::from(wrapped.has_cursor()) {
        return Err(Stop::Failed(query::foreign_parameter()));
    }
    let texts = transaction.prepare(&wrapped.as_texts(&names)).await.map_err(failed)?;
    let parameters: Vec<&(dyn ToSql + Sync)> = cursor.iter().map(|value| value as _).collect();
    let portal = transaction.bind(&texts, &parameters).await.map_err(failed)?;
    let types: Vec<Type> = plain.columns().iter().map(|column| column.type_().clone()).collect();
    pages(&transaction, &portal, &names, &types, feed, access).await
}

async fn pages(
    transaction: &Transaction<'_>,
    portal: &tokio_postgres::Portal,
    names: &[String],
    types: &[Type],
    feed: &mut Feed,
    access: &Access,
) -> Result<(), Stop> {
    let columns: Arc<[String]> = names.into();
    let most = i32::try_from(PAGE_ROWS).unwrap_or(i32::MAX);
    let mut number = 0;
    loop {
        let rows = transaction.query_portal(portal, most).await.map_err(|error| access.failed(error))?;
        for row in &rows {
            number += 1;
            let values = values(row, types, feed.plan()).map_err(|error| access.failed(error))?;
            feed.row(number, &columns, values).await?;
        }
        if rows.len() < PAGE_ROWS {
            return Ok(());
        }
    }
}

/// The value of `:cursor`, when the query has it.
fn parameter(wrapped: &Wrapped, plain: &Statement, feed: &Feed) -> Result<Option<TextValue>, SourceError> {
    if !wrapped.has_cursor() {
        return Ok(None);
    }
    let is_instant = plain.params().first() == Some(&Type::TIMESTAMPTZ);
    Ok(Some(TextValue(match query::bound(feed.plan())? {
        Bound::Number(number) => number,
        Bound::Time { utc, .. } if is_instant => utc,
        Bound::Time { spelled, .. } => spelled,
    })))
}

fn values(row: &Row, types: &[Type], plan: &Plan) -> Result<Vec<Option<String>>, tokio_postgres::Error> {
    let mut values = Vec::with_capacity(types.len());
    for (index, kind) in types.iter().enumerate() {
        let text: Option<String> = row.try_get(index)?;
        values.push(text.map(|text| match *kind {
            Type::TIMESTAMP | Type::TIMESTAMPTZ => text.replacen(' ', "T", 1),
            Type::NUMERIC | Type::FLOAT4 | Type::FLOAT8 => plan.spell(text),
            _ => text,
        }));
    }
    Ok(values)
}
