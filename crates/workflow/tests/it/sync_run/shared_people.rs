//! Several records of one person or one lead: what they say together is written once.

use std::fmt::Write as _;

use b24_client::{Call, Params};
use serde_json::Value;
use workflow::sync::Entry;
use workflow::sync::entry::{Action, ContactChoice};
use workflow::sync::journal::{RecordOutcome, RunKind};
use workflow::sync::run::PlanOrder;

use super::later::{plan, saved};
use super::session::{Desk, visit};

/// A visit of one and the same person, with a post and one telephone number or several.
fn of_one(number: u64, post: &str, phones: &str) -> String {
    let row = visit(number).replacen(&format!("Визит {number}"), post, 1);
    row.replacen(&format!("+7999{number:07};Петров;Пётр{number}"), &format!("{phones};Петров;Пётр"), 1)
}

const PHONE: &str = "+79990000001";
const OTHER: &str = "+79990000599";

/// The post of contacts comes from the note.
fn posts(policy: &str, further: &str) -> String {
    let mut text = include_str!("visits.toml").replace("[comment]\ntemplate = \"{note}\"\n", "");
    let _fits = write!(
        text,
        "[contact.fields]\n\"Должность\" = {{ column = \"note\", policy = \"{policy}\" }}\n{further}"
    );
    text
}

async fn desk(mapping: &str) -> Desk {
    Desk::new("").await.with_mapping(mapping)
}

fn post(desk: &Desk) -> String {
    desk.written("contact")[0]["post"].as_str().unwrap_or_default().to_owned()
}

async fn phones(desk: &Desk) -> Vec<String> {
    let params = Params::new().set("select", ["PHONE"]).set("order", Params::new().set("ID", "ASC"));
    let contacts: Value = desk.client().call(Call::read("crm.contact.list", params)).await.unwrap();
    let numbers = contacts[0]["PHONE"].as_array().unwrap();
    numbers.iter().map(|number| number["VALUE"].as_str().unwrap().to_owned()).collect()
}

/// The warnings of the last run's plan.
fn warnings(desk: &Desk) -> Vec<String> {
    let journal = desk.journal();
    let run = journal.runs(None, 1).unwrap()[0].id;
    let entries = journal.planned(run, 0, 100).unwrap().into_iter().map(|spooled| spooled.entry);
    let warnings = entries.flat_map(|entry| entry.warnings);
    warnings.map(|warning| format!("{} {} {}", warning.key.unwrap(), warning.code, warning.message)).collect()
}

fn names_both(warning: &str, later: &str, first: &str) {
    assert!(warning.starts_with(&format!("{later} sync.contact-contradicted")), "{warning}");
    assert!(warning.contains(&format!("record {first} ")), "{warning}");
}

#[tokio::test]
async fn a_change_that_several_records_want_is_written_once() {
    for batch_size in ["", "batch_size = 1\n"] {
        let desk = desk(&format!("{batch_size}{}", posts("always", ""))).await;
        let rows = |post: &str| [1, 2, 3].map(|number| of_one(number, post, PHONE));
        desk.rows(&rows("Врач"));
        desk.run().await.unwrap();
        desk.rows(&rows("Хирург"));
        let robots = desk.robots();
        let (planned, applied) = desk.again().await.unwrap();
        assert_eq!((planned.counts.update, planned.counts.unchanged), (1, 2));
        assert_eq!((planned.robots.contacts, desk.robots() - robots), (1, 1));
        assert_eq!((applied.count(RecordOutcome::Updated), post(&desk).as_str()), (1, "Хирург"));
        assert!(warnings(&desk).is_empty());
    }
}

#[tokio::test]
async fn records_that_differ_do_not_overwrite_one_another_for_ever() {
    for batch_size in ["", "batch_size = 1\n"] {
        let desk = desk(&format!("{batch_size}{}", posts("always", ""))).await;
        desk.rows(&[1, 2, 3].map(|number| of_one(number, "", PHONE)));
        desk.run().await.unwrap();
        let rows = ["Врач", "Хирург", "Хирург"];
        desk.rows(&[0, 1, 2].map(|n| of_one(n as u64 + 1, rows[n], PHONE)));
        let (planned, _) = desk.again().await.unwrap();
        assert_eq!((planned.counts.update, planned.counts.unchanged), (1, 2));
        for _ in 0..2 {
            let told = warnings(&desk);
            assert_eq!((told.len(), post(&desk).as_str()), (2, "Врач"));
            names_both(&told[0], "F1_2", "F1_1");
            names_both(&told[1], "F1_3", "F1_1");
            let (planned, _) = desk.again().await.unwrap();
            assert_eq!((planned.counts.update, planned.counts.unchanged), (0, 3), "it does not flip");
        }
    }
}

#[tokio::test]
async fn an_empty_field_is_filled_by_the_first_record_of_a_run() {
    for batch_size in ["", "batch_size = 1\n"] {
        let desk = desk(&format!("{batch_size}{}", posts("if-empty", ""))).await;
        desk.rows(&[1, 2, 3].map(|number| of_one(number, "", PHONE)));
        desk.run().await.unwrap();
        desk.rows(&[of_one(1, "", PHONE), of_one(2, "Врач", PHONE), of_one(3, "Хирург", PHONE)]);
        let (planned, _) = desk.again().await.unwrap();
        assert_eq!((planned.counts.contacts_update, post(&desk).as_str()), (1, "Врач"));
        names_both(&warnings(&desk)[0], "F1_3", "F1_2");
        let (planned, _) = desk.again().await.unwrap();
        assert_eq!((planned.counts.contacts_update, planned.counts.warnings), (0, 0), "it is filled");
    }
}

#[tokio::test]
async fn a_lead_that_several_deals_link_gets_its_status_once() {
    for batch_size in ["", "batch_size = 1\n"] {
        let leads = "[leads]\nstatus = \"IN_PROCESS\"\n";
        let desk = desk(&format!("{batch_size}{}", posts("always", leads))).await;
        let number = Params::new().set("typeId", "PHONE").set("valueType", "MOBILE").set("value", PHONE);
        let fields = Params::new().set("title", "Звонок").set("fm", Params::new().set("n0", number));
        let params = Params::new().set("entityTypeId", 1).set("fields", fields);
        desk.client().call(Call::<Value>::write("crm.item.add", params)).await.unwrap();
        desk.rows(&[1, 2, 3].map(|number| of_one(number, "", PHONE)));
        let robots = desk.robots();
        let (planned, _) = desk.run().await.unwrap();
        assert_eq!((planned.counts.create, planned.robots.leads), (3, 1));
        assert_eq!(desk.robots() - robots, 3 + 1 + 1, "deals, a contact, a lead");
        assert_eq!(desk.written("lead")[0]["stageId"], "IN_PROCESS");
        // It has the status now.
        desk.rows(&[of_one(4, "", PHONE)]);
        let (planned, _) = desk.again().await.unwrap();
        assert_eq!((planned.counts.create, planned.robots.leads), (1, 0));
    }
}

#[tokio::test]
async fn a_new_person_is_created_with_everything_their_records_say() {
    for (batch_size, automation) in
        [("", "run"), ("batch_size = 1\n", "run"), ("", "skip"), ("batch_size = 1\n", "skip")]
    {
        let policy = if automation == "run" { "always" } else { "create-only" };
        let text =
            posts(policy, "").replace("automation = \"run\"", &format!("automation = \"{automation}\""));
        let desk = desk(&format!("{batch_size}{text}")).await;
        let both = format!("{PHONE}, {OTHER}");
        desk.rows(&[
            of_one(1, "", PHONE),
            of_one(2, "Врач", PHONE),
            of_one(3, "Хирург", PHONE),
            of_one(4, "Врач", &both),
        ]);
        let (planned, applied) = desk.run().await.unwrap();
        assert_eq!((planned.counts.contacts_create, applied.contacts_created), (1, 1), "{automation}");
        assert_eq!(
            (post(&desk).as_str(), phones(&desk).await),
            ("Врач", vec![PHONE.to_owned(), OTHER.to_owned()])
        );
        let told = warnings(&desk);
        assert_eq!(told.len(), 1, "{told:?}");
        names_both(&told[0], "F1_3", "F1_1");
        // Whoever comes with the other number is the same person.
        desk.rows(&[of_one(5, "Врач", OTHER)]);
        let (_, applied) = desk.again().await.unwrap();
        assert_eq!((applied.deals_created, applied.contacts_created, applied.contacts_changed), (1, 0, 0));
    }
}

#[tokio::test]
async fn a_new_person_whose_first_record_has_no_name_gets_that_of_a_later_one() {
    for batch_size in ["", "batch_size = 1\n"] {
        let by_phone = posts("always", "").replace("[contact]\n", "[contact]\nmatch = \"phone\"\n");
        let desk = desk(&format!("{batch_size}{by_phone}")).await;
        let nameless = of_one(1, "", PHONE).replace("Петров;Пётр", ";");
        desk.rows(&[nameless, of_one(2, "", PHONE)]);
        desk.run().await.unwrap();
        let contacts = desk.written("contact");
        assert_eq!((contacts.len(), contacts[0]["lastName"].as_str()), (1, Some("Петров")));
    }
}

#[tokio::test]
async fn a_plan_shows_and_a_saved_one_writes_the_whole_person() {
    let desk = desk(&format!("batch_size = 1\n{}", posts("always", ""))).await;
    desk.rows(&[of_one(1, "", PHONE), of_one(2, "Врач", &format!("{PHONE}, {OTHER}"))]);
    let journal = desk.journal();
    let session = desk.session(&journal);
    let shown = session.plan(RunKind::Plan, PlanOrder::default(), &mut |_| {}).await.unwrap();
    let first: Entry = journal.planned(shown.run, 0, 1).unwrap().remove(0).entry;
    let Action::Create(creation) = first.action else { panic!() };
    let ContactChoice::Create { phones: numbers, fields, .. } = creation.contact else { panic!() };
    assert_eq!((numbers, fields.len()), (vec![PHONE.to_owned(), OTHER.to_owned()], 1));
    let path = saved(&desk, &journal, &plan(&desk, &journal).await);
    let plan = workflow::sync::plan::SavedPlan::open(&path).unwrap();
    for _ in 0..2 {
        let adopted = session.adopt(&plan, &mut |_| {}).await.unwrap();
        session.apply(&adopted, &mut |_| {}).await.unwrap();
        assert_eq!((desk.written("contact").len(), desk.written("deal").len()), (1, 2));
        assert_eq!((post(&desk).as_str(), phones(&desk).await.len()), ("Врач", 2));
    }
}
