//! `b24 sandbox serve`, as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout};

use crate::stage::{Home, done, run};

/// A sandbox process that is stopped with the test.
struct Served {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Served {
    fn start(home: &Home, args: &[&str]) -> Self {
        let args = [&["sandbox", "serve", "--port", "0"], args].concat();
        let mut child = home.spawn(&args).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already, as it should.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[test]
fn the_first_line_is_a_webhook_that_works() {
    let home = Home::new();
    let mut served = Served::start(&home, &["--invoices", "7", "--rate", "0"]);
    let line = served.line();
    let webhook = line.strip_prefix("webhook: ").unwrap();
    assert!(webhook.starts_with("http://127.0.0.1:") && webhook.ends_with("/rest/1/sandbox/"), "{line}");
    let document = done(home.b24(&["doctor", "--json"]).env("B24_WEBHOOK", webhook)).json();
    assert_eq!(document["data"]["invoices"], 7);
}

#[test]
fn the_second_line_is_the_tls_address_and_its_certificate() {
    let home = Home::new();
    let mut served = Served::start(&home, &["--tls-port", "0"]);
    served.line();
    let line = served.line();
    let (webhook, ca) = line.strip_prefix("tls: ").unwrap().split_once(" ca: ").unwrap();
    home.write("config.toml", &format!("[profile.a]\nwebhook = \"{webhook}\"\nca_file = '{ca}'\n"));
    done(&mut home.b24(&["call", "profile"]));
}

#[cfg(unix)]
#[test]
fn it_stops_cleanly_on_ctrl_c_and_on_a_request_to_terminate() {
    for signal in ["-INT", "-TERM"] {
        let home = Home::new();
        let mut served = Served::start(&home, &["--tls-port", "0"]);
        served.line();
        let line = served.line();
        let (_, ca) = line.split_once(" ca: ").unwrap();
        let id = served.child.id().to_string();
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert_eq!(served.child.wait().unwrap().code(), Some(0), "{signal}");
        assert!(!std::path::Path::new(ca).exists(), "its certificate file is gone");
    }
}

#[test]
fn json_announces_the_addresses_in_a_document() {
    let home = Home::new();
    let mut served = Served::start(&home, &["--json"]);
    let mut documents =
        serde_json::Deserializer::from_reader(&mut served.stdout).into_iter::<serde_json::Value>();
    let document = documents.next().unwrap().unwrap();
    assert!(document["data"]["webhook"].as_str().unwrap().ends_with("/rest/1/sandbox/"), "{document}");
    assert_eq!(document["data"]["tls"], serde_json::Value::Null);
}

#[test]
fn bad_settings_are_told_before_it_serves() {
    let home = Home::new();
    let faults = home.write("faults.toml", "[[fault]]\nmethod = \"*\"\ndo = \"explode\"\n");
    let ran = run(&mut home.b24(&["sandbox", "serve", "--port", "0", "--faults", faults.to_str().unwrap()]));
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran:?}");
    assert!(ran.stderr.starts_with("error[sandbox.faults]"), "{ran:?}");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ran = run(&mut home.b24(&["sandbox", "serve", "--port", &port]));
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.stderr.contains("choose another port"), "{ran:?}");
    assert_eq!(run(&mut home.b24(&["sandbox", "serve", "--rate", "-1"])).code, 2);
    assert_eq!(run(&mut home.b24(&["sandbox", "serve", "--tls-cert", "c.pem"])).code, 2);
}

#[test]
fn a_portals_own_structure_can_be_served_and_comes_back_the_same() {
    let home = Home::new();
    let mut first = Served::start(&home, &[]);
    let pull = |served: &mut Served, name: &str| {
        let line = served.line();
        let webhook = line.strip_prefix("webhook: ").unwrap();
        done(home.b24(&["fields", "pull", "-o", name]).env("B24_WEBHOOK", webhook));
        let text = std::fs::read_to_string(home.path().join(name)).unwrap();
        text.lines().filter(|line| !line.starts_with("portal = ")).collect::<Vec<_>>().join("\n")
    };
    let one = pull(&mut first, "one.toml");
    let mut second = Served::start(&home, &["--schema", "one.toml"]);
    assert_eq!(pull(&mut second, "two.toml"), one);
}

#[test]
fn a_structure_that_cannot_be_read_is_named_with_its_line() {
    let home = Home::new();
    home.write("bad.toml", "b24_structure = 1\nportal = 5\n");
    let ran = run(&mut home.b24(&["sandbox", "serve", "--port", "0", "--schema", "bad.toml"]));
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.stderr.contains("line 2: invalid type"), "{ran:?}");
}
