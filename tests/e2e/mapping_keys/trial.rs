//! A mapping that works, and what changes in its plan when lines of it do.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use b24_sandbox::SandboxBuilder;
use serde_json::Value;

use crate::clinic::Clinic;
use crate::stage::{Ran, done, run};

/// Every case changes lines of it.
const MAPPING: &str = r#"
name = "keys"
automation = "run"
batch_size = 500

[source]
kind = "csv"
path = "rows.csv"
zone = "Europe/Moscow"
encoding = "utf-8"
delimiter = ","
decimal_mark = "point"
date_format = "dd.mm.yyyy"

[key]
column = "id"
prefix = "K_"
field = "Внешний ключ"

[deal]
funnel = "Клиника"

[deal.fields]
"Название" = "title"
"Сумма" = "amount"
"Начало приёма" = "start"

[contact]
phone = "phone"
full_name = "person"

[stages]
column = "status"
default = "Приём назначен"

[comment]
template = "{note}"

[guards]
percent = 100
"#;

pub(super) const HEADING: &str = "id,title,amount,start,phone,person,status,note,extra\n";
pub(super) const ROW: &str =
    "1,Кабинет,1234.5,03.04.2026 10:00,8 (900) 000-00-01,Иванова Анна Петровна,Ждёт,осмотр,лишнее\n";

/// Texts of the mapping and what stands in their place.
pub(super) type Edits<'a> = &'a [(&'a str, &'a str)];

/// A clinic with one row.
pub(super) struct Trial {
    pub(super) clinic: Clinic,
}

impl Trial {
    pub(super) fn new() -> Self {
        Self::on(|sandbox| sandbox)
    }

    /// The same on another portal.
    pub(super) fn on(settings: impl FnOnce(SandboxBuilder) -> SandboxBuilder) -> Self {
        let trial = Self { clinic: Clinic::with(|sandbox| settings(sandbox.deals(20).tls_port(0))) };
        trial.rows(ROW);
        trial
    }

    /// The rows of the source.
    pub(super) fn rows(&self, rows: &str) {
        self.clinic.stage.home.write("rows.csv", &format!("{HEADING}{rows}"));
    }

    fn map(&self, edits: Edits<'_>) {
        let mut text = MAPPING.to_owned();
        for (from, to) in edits {
            assert!(text.contains(from), "{from} is no part of the mapping");
            text = text.replacen(from, to, 1);
        }
        self.clinic.map(&text);
    }

    /// Everything that a plan says: what is printed, and the saved plan.
    pub(super) fn plan(&self, edits: Edits<'_>) -> String {
        self.map(edits);
        let path = self.clinic.stage.home.path().join("plan.json");
        std::fs::remove_file(&path).ok();
        let Ran { code, stdout, stderr } = run(&mut self.clinic.sync(&["plan", "m.toml", "-o", "plan.json"]));
        let saved = std::fs::read_to_string(&path).unwrap_or_default();
        format!("exit code {code}\n{stdout}\n{stderr}\n{saved}")
    }

    /// The text is in the plan with the changed mapping only.
    pub(super) fn shows(&self, edits: Edits<'_>, text: &str) {
        self.compare(&[], edits, text);
    }

    /// The text is in the plan with the unchanged mapping only.
    pub(super) fn hides(&self, edits: Edits<'_>, text: &str) {
        self.compare(edits, &[], text);
    }

    /// The text is in the second plan and not in the first.
    pub(super) fn compare(&self, without: Edits<'_>, with: Edits<'_>, text: &str) {
        let (before, after) = (self.plan(without), self.plan(with));
        assert!(!before.contains(text), "`{text}` is there without {with:?}: {before}");
        assert!(after.contains(text), "`{text}` is not there with {with:?}: {after}");
    }

    /// Writes it, and demands that nothing is left.
    pub(super) fn run(&self, edits: Edits<'_>) {
        self.map(edits);
        self.clinic.run_clean();
    }

    pub(super) fn call(&self, method: &str, params: &[&str]) -> Value {
        let mut args = vec!["call", method, "--json"];
        args.extend(params.iter().flat_map(|one| ["-p", *one]));
        done(&mut self.clinic.stage.b24(&args)).json()["result"].clone()
    }

    /// Creates a lead of the row's telephone; its number.
    pub(super) fn lead(&self) -> u64 {
        let params =
            ["fields[TITLE]=Заявка", "fields[SOURCE_ID]=WEB", "fields[PHONE][0][VALUE]=+79000000001"];
        self.call("crm.lead.add", &params).as_u64().unwrap()
    }

    /// The last record of an entity that was written.
    pub(super) fn last(&self, entity: &str) -> Value {
        let rows: Value = serde_json::from_str(&self.clinic.stage.sandbox.rows(entity).unwrap()).unwrap();
        rows["changed"].as_array().unwrap().last().unwrap().clone()
    }

    /// Moves the row's deal.
    pub(super) fn move_to(&self, stage: &str) {
        let (id, stage) = (format!("id={}", self.last("deal")["id"]), format!("fields[stageId]={stage}"));
        self.call("crm.item.update", &["entityTypeId=2", &id, &stage]);
    }

    /// What a database server on this machine hears of a plan with these lines in the source.
    pub(super) fn server_hears(&self, lines: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0_u8; 1024];
            let read = stream.read(&mut buffer).unwrap();
            let mut text = String::from_utf8_lossy(&buffer[..read]).into_owned();
            // A request for TLS is eight bytes; everything else introduces the user, who is asked for a password.
            if read > 8 {
                stream.write_all(&[b'R', 0, 0, 0, 8, 0, 0, 0, 3]).unwrap();
                let read = stream.read(&mut buffer).unwrap_or(0);
                text.push_str(&String::from_utf8_lossy(&buffer[..read]));
            } else {
                text.push_str("TLS, please");
            }
            text
        });
        let edits = lines.replace("PORT", &port.to_string());
        self.plan(&[
            ("kind = \"csv\"\npath = \"rows.csv\"\n", edits.as_str()),
            ("encoding = \"utf-8\"\ndelimiter = \",\"\n", ""),
        ]);
        heard.join().unwrap()
    }
}
