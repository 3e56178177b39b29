//! A clinic and its portal: a file of visits, a mapping, and what the sandbox holds of both.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use assert_cmd::Command;
use b24_sandbox::SandboxBuilder;
use serde_json::Value;

use crate::stage::{Ran, Stage, run};

/// The key's field in `crm.item.*`.
pub(crate) const KEY: &str = "ufCrm_1721244482250";

/// The mapping of the tests; they change lines of it.
pub(crate) const MAPPING: &str = r#"
name = "clinic"
automation = "run"

[source]
kind = "csv"
path = "visits.csv"
zone = "Europe/Moscow"
encoding = "utf-8"
delimiter = ","
decimal_mark = "point"
date_format = "yyyy-mm-dd"

[key]
column = "id"
prefix = "T1_"
field = "Внешний ключ"

[deal]
funnel = "Клиника"
closed = "skip"

[deal.fields]
"Название" = "{patient}"
"Сумма" = "amount"
"Врач" = "doctor"

[contact]
phone = "phone"
full_name = "patient"

[stages]
column = "status"
default = "Приём назначен"
final = ["Счёт выдан", "Приём отменён"]
protected = ["Лист ожидания"]

[stages.map]
"Запланирован" = "Приём назначен"
"В процессе" = "Лечение"
"Завершен" = "Счёт выдан"

[comment]
template = "{comment}"

[guards]
creates = 20000
updates = 20000
percent = 100
"#;

/// The portal stops a request after this, so a look-up a little later proves that nothing is executed any more.
pub(crate) const CAP: Duration = Duration::from_millis(1500);

/// One visit as a line of the file.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) id: String,
    pub(crate) patient: String,
    pub(crate) phone: String,
    pub(crate) amount: String,
    pub(crate) status: &'static str,
    pub(crate) comment: String,
}

/// Visits, two for each patient.
pub(crate) fn visits(count: usize) -> Vec<Visit> {
    let visit = |n: usize| {
        let person = n.div_ceil(2);
        Visit {
            id: n.to_string(),
            patient: format!("Иванова{person} Анна Петровна"),
            phone: format!("8 (900) {:03}-{:02}-{:02}", person / 10_000, person / 100 % 100, person % 100),
            amount: format!("{}.50", 1_000 + n),
            status: "Запланирован",
            comment: format!("Приём {n}: осмотр"),
        }
    };
    (1..=count).map(visit).collect()
}

/// A clinic with its portal.
pub(crate) struct Clinic {
    pub(crate) stage: Stage,
}

impl Clinic {
    /// A portal without limits and without a moment's work.
    pub(crate) fn new() -> Self {
        Self::with(|sandbox| sandbox)
    }

    /// The same with further settings of the portal.
    pub(crate) fn with(settings: impl FnOnce(SandboxBuilder) -> SandboxBuilder) -> Self {
        let stage = Stage::with(|sandbox| settings(sandbox.execution_cap(CAP)));
        stage.home.write("config.toml", "[limits]\nrate = 0\nsettle_after_s = 2.0\n");
        let clinic = Self { stage };
        clinic.map(MAPPING);
        clinic
    }

    pub(crate) fn map(&self, text: &str) {
        self.stage.home.write("m.toml", text);
    }

    pub(crate) fn record(&self, visits: &[Visit]) {
        let mut text = "id,patient,phone,doctor,amount,status,comment\n".to_owned();
        for Visit { id, patient, phone, amount, status, comment } in visits {
            // Writing to a string cannot fail.
            let _fits = writeln!(text, "{id},{patient},{phone},Орлов С. В.,{amount},{status},{comment}");
        }
        self.stage.home.write("visits.csv", &text);
    }

    /// `b24 sync …` with a state folder of its own.
    pub(crate) fn sync(&self, args: &[&str]) -> Command {
        self.stage.b24(&[&["--state-dir", "state", "sync"], args].concat())
    }

    /// Runs the mapping; exit code and document.
    pub(crate) fn run(&self) -> Ran {
        run(&mut self.sync(&["run", "m.toml", "--json"]))
    }

    /// Runs the mapping to its end and demands that nothing is left.
    pub(crate) fn run_clean(&self) -> Value {
        let ran = self.run();
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.json()["data"]["runs"][0].clone()
    }

    /// Runs the mapping until nothing is left: what is inside the settling time waits for the run after.
    pub(crate) fn run_to_the_end(&self) {
        let mut ran = self.run();
        for _ in 0..5 {
            if ran.code == 0 {
                return;
            }
            std::thread::sleep(Duration::from_millis(700));
            ran = self.run();
        }
        panic!("it does not come to its end: {ran:?}");
    }

    pub(crate) fn inject(&self, method: &str, nth: u32, fault: &str) {
        let plan = format!("[[fault]]\nmethod = \"{method}\"\nnth = {nth}\ndo = \"{fault}\"");
        self.stage.sandbox.inject(plan.parse().unwrap());
    }

    fn changed(&self, entity: &str) -> Vec<Value> {
        let rows: Value = serde_json::from_str(&self.stage.sandbox.rows(entity).unwrap()).unwrap();
        rows["changed"].as_array().unwrap().clone()
    }

    /// The deals of the clinic by their keys.
    pub(crate) fn deals(&self) -> BTreeMap<String, Vec<Value>> {
        let mut deals: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for deal in self.changed("deal") {
            if let Some(key) = deal[KEY].as_str().filter(|key| key.starts_with("T1_")) {
                deals.entry(key.to_owned()).or_default().push(deal.clone());
            }
        }
        deals
    }

    /// The one deal of a key.
    pub(crate) fn deal(&self, key: &str) -> Value {
        let deals = self.deals().remove(key).unwrap_or_default();
        assert_eq!(deals.len(), 1, "{key}: {deals:?}");
        deals[0].clone()
    }

    /// How many contacts there are by name and number.
    pub(crate) fn people(&self) -> BTreeMap<String, usize> {
        let mut people = BTreeMap::new();
        for contact in self.changed("contact") {
            let phone = contact["fm"][0]["value"].as_str().unwrap_or_default();
            let name = contact["lastName"].as_str().unwrap_or_default();
            *people.entry(format!("{name} {phone}")).or_default() += 1;
        }
        people
    }

    /// Texts in the timelines, by deal.
    pub(crate) fn comments(&self) -> BTreeMap<String, Vec<String>> {
        let mut comments: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for comment in self.changed("comment") {
            let text = comment["COMMENT"].as_str().unwrap().to_owned();
            comments.entry(comment["ENTITY_ID"].as_str().unwrap().to_owned()).or_default().push(text);
        }
        comments
    }

    /// Every visit has one deal with one comment, every patient one contact.
    pub(crate) fn assert_complete(&self, visits: usize) {
        let (deals, people, comments) = (self.deals(), self.people(), self.comments());
        let twice: Vec<&String> = deals.iter().filter(|(_, all)| all.len() > 1).map(|(key, _)| key).collect();
        assert!(twice.is_empty(), "deals of {twice:?} stand twice");
        assert_eq!(deals.len(), visits, "deals");
        let twice: Vec<&String> =
            people.iter().filter(|(_, count)| **count > 1).map(|(who, _)| who).collect();
        assert!(twice.is_empty(), "contacts {twice:?} stand twice");
        assert_eq!(people.len(), visits.div_ceil(2), "contacts");
        let twice: Vec<&Vec<String>> = comments.values().filter(|texts| texts.len() > 1).collect();
        assert!(twice.is_empty(), "comments {twice:?} stand twice");
        assert_eq!(comments.len(), visits, "comments");
    }
}
