//! Creation without robots needs the right to import, which is asked for first and shown by the first import.

use workflow::sync::apply::{Apply, ApplyError, ask_import_right};
use workflow::sync::entry::{Action, ContactChoice};

use super::stage::{Stage, clock, new_record, stage};

#[tokio::test]
async fn an_import_of_nothing_tells_who_may_not_import() {
    let mut stage = stage("skip").await;
    assert_eq!(ask_import_right(&stage.client, true).await, None);
    assert_eq!(stage.requests(), 2, "contacts and deals");
    stage.as_manager();
    let refused = ask_import_right(&stage.client, true).await.unwrap();
    assert_eq!(refused.what, "contacts");
    assert_eq!(ask_import_right(&stage.client, false).await.unwrap().what, "deals");
    assert!(stage.written("deal").is_empty() && stage.written("contact").is_empty());
}

#[tokio::test]
async fn a_run_whose_first_import_is_refused_ends_there() {
    for with_contact in [true, false] {
        let mut stage = stage("skip").await;
        stage.as_manager();
        let journal = stage.journal();
        let mut entries: Vec<_> = (1..=130).map(new_record).collect();
        for entry in &mut entries {
            let Action::Create(creation) = &mut entry.action else { panic!() };
            if !with_contact {
                creation.contact = ContactChoice::None;
            }
        }
        let run = Stage::planned(&journal, &entries);
        let now = clock;
        let mut apply =
            Apply::new(stage.client.clone(), &journal, &stage.rules, stage.order(run), &now).unwrap();
        let error = apply.step(&mut |_| {}).await.unwrap_err();
        assert!(matches!(&error, ApplyError::ImportRefused(_)), "{error}");
        assert_eq!(error.code(), "sync.import-refused");
        assert!(error.hint().unwrap().contains("«Импорт»"));
        assert_eq!(stage.requests(), 1, "one import, and nothing after it");
        assert!(journal.open_intents().unwrap().is_empty());
        assert!(journal.rejects(None).unwrap().is_empty(), "no record is at fault");
        assert_eq!(journal.pending(run, 0, 500).unwrap().len(), 130);
    }
}
