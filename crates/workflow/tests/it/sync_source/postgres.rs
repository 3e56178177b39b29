//! Queries of a real PostgreSQL server, which `cargo xtask peers` (and so `cargo xtask test`) starts for them.

use std::path::PathBuf;

use tokio_postgres::NoTls;
use workflow::sync::source::{self, Opening, SourceError};

use crate::sync_source::stage::{Read, Stage, runtime, settings_of};

/// `PORT:FOLDER` of the server; `cargo xtask peers` sets it.
const ADDRESS: &str = "B24_TEST_POSTGRES";
const PASSWORD: &str = "b24 test only";

struct Server {
    port: u16,
    folder: PathBuf,
    stage: Stage,
}

impl Server {
    /// None, and said so, where there is no server.
    fn find(statements: &str) -> Option<Self> {
        let Some(address) = std::env::var_os(ADDRESS) else {
            eprintln!("SKIPPED: there is no PostgreSQL server; `cargo xtask peers` starts one");
            return None;
        };
        let address = address.into_string().unwrap();
        let (port, folder) = address.split_once(':').unwrap();
        let server = Self { port: port.parse().unwrap(), folder: folder.into(), stage: Stage::new() };
        server.execute(statements);
        Some(server)
    }

    fn execute(&self, statements: &str) {
        runtime().block_on(async {
            let mut config = tokio_postgres::Config::new();
            config.host("127.0.0.1").port(self.port).user("b24").password(PASSWORD).dbname("postgres");
            let (client, connection) = config.connect(NoTls).await.unwrap();
            let talk = tokio::spawn(connection);
            client.batch_execute(statements).await.unwrap();
            drop(client);
            talk.await.unwrap().unwrap();
        });
    }

    fn settings(&self, query: &str) -> String {
        format!(
            "kind = \"postgres\"\nhost = \"127.0.0.1\"\nport = {}\ndatabase = \"postgres\"\nuser = \"b24\"\n\
             password_env = \"CLINIC_PASSWORD\"\nquery = '''{query}'''\n",
            self.port
        )
    }

    fn read(&self, settings: &str, cursor: Option<&str>) -> Result<Read, SourceError> {
        self.stage.read_from(settings, cursor)
    }

    fn fails(&self, settings: &str) -> String {
        self.stage.fails(settings).replace(&self.port.to_string(), "PORT")
    }
}

#[test]
fn values_come_exactly_as_the_server_writes_them() {
    let Some(server) = Server::find("") else { return };
    let query = "SELECT 12345678901234567890.123450::numeric AS sum, 0.1::float8 AS rate, 7::int8 AS id, true AS paid,
        timestamp '2026-03-31 10:00:00.5' AS civil, timestamptz '2026-03-31 10:00:00+00' AS moment,
        date '2026-03-31' AS day, NULL::text AS nothing, '' AS \"пусто\", 'Ёлка; \"x\"' AS text;";
    let read = server.read(&server.settings(query), None).unwrap();
    assert_eq!(
        read.rows(),
        [
            "1: 12345678901234567890.123450 | 0.1 | 7 | true | 2026-03-31T10:00:00.5 | 2026-03-31T13:00:00+03 | \
          2026-03-31 | - | - | Ёлка; \"x\""
        ]
    );
    assert_eq!(read.format.moment("2026-03-31T13:00:00+03").unwrap().to_string(), "2026-03-31T10:00:00Z");
}

#[test]
fn a_long_result_comes_in_pages_and_from_the_cursor_on() {
    let Some(server) = Server::find(
        "DROP TABLE IF EXISTS visits; CREATE TABLE visits (id int, civil timestamp, moment timestamptz);
         INSERT INTO visits SELECT n, timestamp '2026-11-01' + n * interval '1 minute',
             timestamptz '2026-11-01 00:00:00+03' + n * interval '1 minute' FROM generate_series(1, 1700) AS n",
    ) else {
        return;
    };
    for column in ["civil", "moment"] {
        let query =
            format!("SELECT id, {column} FROM visits WHERE {column} >= :cursor ORDER BY id -- :cursor");
        let settings = format!(
            "{}[cursor]\ncolumn = \"{column}\"\ntype = \"time\"\noverlap = \"10m\"\ninitial = \"2026-01-01\"",
            server.settings(&query)
        );
        let first = server.read(&settings, None).unwrap();
        assert_eq!((first.records.len(), first.pages), (1700, 4), "{column}");
        assert_eq!(first.cursor.as_deref(), Some("2026-11-02T01:20:00.000000000Z"), "{column}");
        let next = server.read(&settings, first.cursor.as_deref()).unwrap();
        let ids: Vec<_> = next.records.iter().filter_map(|record| record.get("id")).collect();
        assert_eq!((ids.len(), ids.first().copied()), (11, Some("1690")), "{column}");
    }
    let number = format!(
        "{}[cursor]\ncolumn = \"id\"\ntype = \"number\"\noverlap = 5\ninitial = 0",
        server.settings("SELECT id FROM visits WHERE id >= :cursor")
    );
    assert_eq!(server.read(&number, Some("1700")).unwrap().records.len(), 6);
}

#[test]
fn a_reader_that_is_dropped_leaves_the_server_alone() {
    let Some(server) = Server::find("") else { return };
    let settings =
        server.settings("SELECT n, repeat('x', 200) AS text FROM generate_series(1, 1000000) AS n");
    runtime().block_on(async {
        let stage = &server.stage;
        let mut opened = source::open(&settings_of(&settings), &stage.opening(None)).await.unwrap();
        assert_eq!(opened.source.next_page().await.unwrap().records.len(), 500);
    });
    let busy = "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'b24' AND query LIKE '%1000000%' \
                AND pid <> pg_backend_pid()";
    let gone = (0..100).any(|_| server.read(&server.settings(busy), None).unwrap().rows() == ["1: 0"]);
    assert!(gone, "the query goes on");
}

#[test]
fn an_encrypted_connection_trusts_whom_the_mapping_trusts() {
    let Some(server) = Server::find("") else { return };
    let plain = server.settings("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    assert_eq!(server.read(&plain, None).unwrap().rows(), ["1: false"]);
    let trusted = server.folder.join("server.crt");
    let encrypted = format!("{plain}ca_file = '{}'\n", trusted.display());
    assert_eq!(server.read(&encrypted, None).unwrap().rows(), ["1: true"]);
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert.pem();
    std::fs::write(server.stage.path("other.pem"), other).unwrap();
    let distrusted = server.fails(&format!("{plain}ca_file = \"other.pem\"\n"));
    assert!(distrusted.contains("error performing TLS handshake: invalid peer certificate"), "{distrusted}");
}

#[test]
fn what_the_server_refuses_is_told_in_its_words() {
    let Some(server) = Server::find("CREATE TABLE IF NOT EXISTS kept (id int)") else { return };
    insta::assert_snapshot!(server.fails(&server.settings("SELECT nothing FROM nowhere")), @r#"sync.source-postgres: cannot read from the database server 127.0.0.1: db error: ERROR: relation "nowhere" does not exist [check host, port, database, user and query of [source]]"#);
    insta::assert_snapshot!(server.fails(&server.settings("DELETE FROM kept RETURNING id")), @r#"sync.source-postgres: cannot read from the database server 127.0.0.1: db error: ERROR: syntax error at or near "FROM" [check host, port, database, user and query of [source]]"#);
    insta::assert_snapshot!(server.fails(&server.settings("SELECT 1 AS a, 2 AS a")), @"sync.source-setting: cannot use `query` of [source]: two of its columns are named `a`; write `AS` with another name [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(server.fails(&server.settings("SELECT 1 AS a WHERE 1 = $1")), @"sync.source-setting: cannot use `query` of [source]: it may have one parameter, :cursor [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(server.fails(&server.settings("SELECT 1 / (n - 2) AS a FROM generate_series(1, 3) AS n")), @"sync.source-postgres: cannot read from the database server 127.0.0.1: db error: ERROR: division by zero [check host, port, database, user and query of [source]]");
    let wrong_user = server.settings("SELECT 1 AS a").replace("user = \"b24\"", "user = \"nobody\"");
    insta::assert_snapshot!(server.fails(&wrong_user), @r#"sync.source-postgres: cannot read from the database server 127.0.0.1: db error: FATAL: password authentication failed for user "nobody" [check host, port, database, user and query of [source]]"#);
}

#[test]
fn a_password_that_is_not_there_is_asked_for_by_name() {
    let stage = Stage::new();
    let settings = "kind = \"postgres\"\nhost = \"127.0.0.1\"\nport = 1\ndatabase = \"d\"\nuser = \"u\"\nquery = \"SELECT 1\"\n";
    insta::assert_snapshot!(stage.fails(&format!("{settings}password_env = \"NOT_THERE\"")), @"sync.source-setting: cannot use `password_env` of [source]: the environment variable NOT_THERE is not set [correct [source] of the mapping; docs/sync.md lists the keys]");
    insta::assert_snapshot!(stage.fails(&format!("{settings}password_file = \"password\"")), @"sync.source-not-readable: cannot read `password`: No such file or directory (os error 2) [check the path; a relative one starts at the mapping's folder]");
    std::fs::write(stage.path("password"), "secret\n").unwrap();
    let told = stage.fails(&format!("{settings}password_file = \"password\""));
    assert!(!told.contains("secret"));
    insta::assert_snapshot!(told, @"sync.source-postgres: cannot read from the database server 127.0.0.1: error connecting to server: Connection refused (os error 111) [check host, port, database, user and query of [source]]");
    let opening =
        Opening { environment: &|name| (name == "P").then(|| "hidden".to_owned()), ..stage.opening(None) };
    let settings = settings_of(&format!("{settings}password_env = \"P\""));
    let error = runtime().block_on(source::open(&settings, &opening)).unwrap_err();
    assert!(!format!("{error:?}").contains("hidden"));
}
