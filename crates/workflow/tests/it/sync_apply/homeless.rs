//! Comments whose deal is not there block nothing.

use b24_client::{Call, Params};
use serde_json::Value;
use workflow::sync::entry::Action;
use workflow::sync::journal::{Command, Journal, NewIntent, RecordOutcome, RunKind, comment_hash};
use workflow::sync::value::FieldValue;

use super::stage::{Stage, clock, new_record, stage};

/// A comment whose answer was lost by an earlier run.
fn lost_comment(stage: &Stage, target: Option<u64>) -> Journal {
    let journal = stage.journal();
    let run = journal.begin(RunKind::Run, "clinic", "{}", clock()).unwrap();
    let mark = Some(comment_hash("Визит 1"));
    let intent = NewIntent { key: "F1_1".to_owned(), command: Command::CommentAdd, target, mark };
    journal.intend(run, "clinic", &[intent], clock()).unwrap();
    // Its process dies.
    drop(journal);
    stage.journal()
}

#[tokio::test]
async fn a_lost_comment_of_a_deal_that_was_never_created_is_closed() {
    for target in [None, Some(999_999)] {
        let stage = stage("run").await;
        let journal = lost_comment(&stage, target);
        let applied = stage.write(&journal, &[new_record(1)]).await;
        assert_eq!(applied.count(RecordOutcome::Created), 1, "{target:?}");
        assert!(journal.open_intents().unwrap().is_empty());
        assert_eq!(stage.written("comment").len(), 1);
    }
}

#[tokio::test]
async fn a_lost_comment_of_a_deal_that_cannot_be_seen_is_not_given_up() {
    let mut stage = stage("run").await;
    let asked = Call::<Value>::read(
        "crm.deal.list",
        Params::new().set("filter", Params::new().set("!ASSIGNED_BY_ID", 2)),
    );
    let deals = stage.client.call(asked).await.unwrap();
    let hidden: u64 = deals[0]["ID"].as_str().unwrap().parse().unwrap();
    stage.as_manager();
    let journal = lost_comment(&stage, Some(hidden));
    stage.write(&journal, &[new_record(1)]).await;
    let open = journal.open_intents().unwrap();
    assert_eq!(open.iter().map(|intent| intent.target).collect::<Vec<_>>(), [Some(hidden)]);
}

#[tokio::test]
async fn a_deal_that_is_refused_takes_its_lost_comment_with_it() {
    let stage = stage("run").await;
    let journal = stage.journal();
    let mut entry = new_record(1);
    let Action::Create(creation) = &mut entry.action else { panic!() };
    creation.fields[0].name = "stageId".to_owned();
    creation.fields[0].value = FieldValue::text("C99:NOWHERE");
    stage.faults("[[fault]]\nmethod = \"crm.timeline.comment.add\"\nnth = 1\ndo = \"error\"\n");
    let applied = stage.write(&journal, &[entry]).await;
    assert_eq!((applied.count(RecordOutcome::Rejected), applied.waiting), (1, 0));
    assert!(journal.open_intents().unwrap().is_empty());
    let applied = stage.write(&journal, &[new_record(1)]).await;
    assert_eq!((applied.count(RecordOutcome::Created), stage.written("comment").len()), (1, 1));
}
