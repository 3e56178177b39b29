//! A closed deal gets a successor when its record has changed since, and not because it was read again.

use b24_client::Params;
use workflow::sync::plan::SavedPlan;
use workflow::sync::run::PlanOrder;

use super::later::{plan, saved};
use super::session::{Desk, visit};

const POLICIES: [&str; 3] = ["skip", "new-same-key", "new-suffixed-key"];
/// Every deal is created in a stage that is closed.
const CLOSED: &str = "[stages]\ncolumn = \"note\"\ndefault = \"WON\"\n";

fn mapping(policy: &str, further: &str) -> String {
    format!("[deal]\nclosed = \"{policy}\"\n{further}")
}

async fn desk(policy: &str, further: &str) -> Desk {
    Desk::new(&mapping(policy, further)).await
}

/// Somebody closes every deal.
async fn close(desk: &Desk) {
    for deal in desk.written("deal") {
        desk.change(2, &deal["id"], Params::new().set("stageId", "WON")).await;
    }
}

fn titles(desk: &Desk) -> Vec<String> {
    desk.written("deal").iter().map(|deal| deal["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_record_whose_stage_is_a_closed_one_makes_one_deal_however_often_it_is_read() {
    for policy in POLICIES {
        let desk = desk(policy, CLOSED).await;
        desk.source(1..=3);
        let (_, applied) = desk.run().await.unwrap();
        assert_eq!(applied.deals_created, 3, "{policy}");
        // All rows lie within the overlap.
        let (planned, _) = desk.run().await.unwrap();
        assert_eq!((planned.counts.skipped, planned.counts.create), (3, 0), "{policy}");
        assert_eq!(planned.counts.reasons["sync.deal-closed"], 3, "{policy}");
        desk.again().await.unwrap();
        assert_eq!((desk.written("deal").len(), desk.written("comment").len()), (3, 3), "{policy}");
        desk.lose_the_journal();
        desk.again().await.unwrap();
        assert_eq!(desk.written("deal").len(), 3, "{policy}: without a journal");
    }
}

#[tokio::test]
async fn without_a_cursor_a_closed_deal_gets_no_successor_either() {
    for policy in POLICIES {
        let whole = include_str!("visits.toml")
            .replace("[source.cursor]\ncolumn = \"changed\"\ntype = \"time\"\n", "");
        let desk = desk(policy, "").await.with_mapping(&format!("{whole}{}", mapping(policy, CLOSED)));
        desk.source(1..=3);
        for _ in 0..3 {
            desk.run().await.unwrap();
            assert_eq!(desk.written("deal").len(), 3, "{policy}");
        }
    }
}

#[tokio::test]
async fn a_saved_plan_that_is_applied_again_makes_no_further_deals() {
    for policy in POLICIES {
        let desk = desk(policy, CLOSED).await;
        desk.source(1..=3);
        let journal = desk.journal();
        let path = saved(&desk, &journal, &plan(&desk, &journal).await);
        let (session, plan) = (desk.session(&journal), SavedPlan::open(&path).unwrap());
        for _ in 0..3 {
            let adopted = session.adopt(&plan, &mut |_| {}).await.unwrap();
            session.apply(&adopted, &mut |_| {}).await.unwrap();
            assert_eq!(desk.written("deal").len(), 3, "{policy}");
        }
    }
}

#[tokio::test]
async fn a_deal_that_somebody_closes_and_corrects_gets_no_successor() {
    for policy in POLICIES {
        let desk = desk(policy, "").await;
        desk.source(1..=2);
        desk.run().await.unwrap();
        close(&desk).await;
        desk.change(2, &desk.written("deal")[0]["id"], Params::new().set("title", "Исправлено")).await;
        for _ in 0..2 {
            let (planned, _) = desk.again().await.unwrap();
            assert_eq!((planned.counts.skipped, planned.counts.create), (2, 0), "{policy}");
        }
    }
}

#[tokio::test]
async fn a_record_that_changed_since_makes_one_successor_which_is_kept_up_to_date() {
    for (policy, keys) in [("new-same-key", ["F1_1", "F1_1"]), ("new-suffixed-key", ["F1_1", "F1_1_2"])] {
        let desk = desk(policy, "").await;
        desk.source(1..=2);
        desk.run().await.unwrap();
        close(&desk).await;
        let later = |title: &str| [visit(1).replace("Приём", title), visit(2)];
        desk.rows(&later("Повтор"));
        for _ in 0..2 {
            desk.again().await.unwrap();
            assert_eq!(titles(&desk), ["Приём 1", "Приём 2", "Повтор 1"], "{policy}");
        }
        desk.rows(&later("Ещё"));
        desk.again().await.unwrap();
        assert_eq!(titles(&desk), ["Приём 1", "Приём 2", "Ещё 1"], "{policy}: it is open");
        close(&desk).await;
        desk.again().await.unwrap();
        let deals = desk.written("deal");
        let of_first: Vec<&str> =
            [0, 2].iter().map(|n: &usize| deals[*n]["ufCrm_1721244482250"].as_str().unwrap()).collect();
        assert_eq!((deals.len(), of_first), (3, keys.to_vec()), "{policy}: closed with nothing changed");
    }
}

#[tokio::test]
async fn a_new_comment_for_a_closed_deal_makes_a_successor_that_has_it() {
    let desk = desk("new-same-key", "").await;
    desk.source(1..=1);
    desk.run().await.unwrap();
    close(&desk).await;
    desk.rows(&[visit(1).replace("Визит", "Перенесён")]);
    for _ in 0..2 {
        desk.again().await.unwrap();
        assert_eq!((desk.written("deal").len(), desk.written("comment").len()), (2, 2));
    }
}

#[tokio::test]
async fn a_stage_that_the_deal_has_reached_by_hand_makes_no_successor() {
    let stages =
        "[stages]\ncolumn = \"note\"\nupdate = true\ndefault = \"NEW\"\nmap = { \"готово\" = \"WON\" }\n";
    let comments = include_str!("visits.toml").replace("[comment]\ntemplate = \"{note}\"\n", "");
    let text = format!("{comments}{}", mapping("new-same-key", stages));
    let desk = desk("skip", "").await.with_mapping(&text);
    desk.source(1..=1);
    desk.run().await.unwrap();
    close(&desk).await;
    desk.rows(&[visit(1).replace("Визит 1", "готово")]);
    desk.again().await.unwrap();
    assert_eq!(desk.written("deal").len(), 1);
    // It is under way again.
    desk.source(1..=1);
    for _ in 0..2 {
        desk.again().await.unwrap();
        assert_eq!(desk.written("deal").len(), 2);
    }
}

#[tokio::test]
async fn without_its_journal_a_closed_deal_gets_a_successor_when_its_fields_are_not_as_wanted() {
    let desk = desk("new-same-key", "").await;
    desk.source(1..=2);
    desk.run().await.unwrap();
    close(&desk).await;
    desk.lose_the_journal();
    desk.rows(&[visit(1).replace("Приём", "Повтор"), visit(2).replace("Визит", "Перенесён")]);
    for _ in 0..2 {
        desk.again().await.unwrap();
        assert_eq!(titles(&desk), ["Приём 1", "Приём 2", "Повтор 1"]);
        close(&desk).await;
    }
}

#[tokio::test]
async fn another_mapping_makes_no_successors_by_itself() {
    let desk = desk("new-same-key", "").await;
    desk.source(1..=1);
    desk.run().await.unwrap();
    close(&desk).await;
    let other = include_str!("visits.toml").replace("= \"title\"", "= { template = \"№ {title}\" }");
    let desk = desk.with_mapping(&format!("{other}{}", mapping("new-same-key", "")));
    desk.again().await.unwrap();
    assert_eq!(desk.written("deal").len(), 1);
    desk.rows(&[visit(1).replace("Приём", "Повтор")]);
    desk.again().await.unwrap();
    assert_eq!(titles(&desk), ["Приём 1", "№ Повтор 1"]);
}

#[tokio::test]
async fn a_successor_whose_answer_was_lost_is_made_once() {
    for (fault, after_the_fault) in [("error", 1), ("reset-before", 1), ("reset-after", 2)] {
        let desk = desk("new-same-key", CLOSED).await;
        desk.source(1..=1);
        desk.run().await.unwrap();
        desk.rows(&[visit(1).replace("Приём", "Повтор")]);
        desk.faults(&format!("[[fault]]\nmethod = \"crm.item.add\"\nnth = 1\ndo = \"{fault}\"\n"));
        let journal = desk.journal();
        let session = workflow::sync::run::Session { patient: false, ..desk.session(&journal) };
        session.run(PlanOrder { full: true, ..PlanOrder::default() }, &mut |_| {}).await.unwrap();
        drop(journal);
        assert_eq!(desk.written("deal").len(), after_the_fault, "{fault}");
        desk.no_faults();
        desk.pass_settling().await;
        desk.wait_for_retries();
        for _ in 0..2 {
            desk.again().await.unwrap();
            assert_eq!(titles(&desk), ["Приём 1", "Повтор 1"], "{fault}");
        }
    }
}
