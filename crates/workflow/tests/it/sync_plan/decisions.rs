//! What is done for one record: a table of policies, without a portal.

use std::sync::Arc;

use serde_json::{Value, json};
use workflow::sync::entry::{Action, ContactChoice, Update};
use workflow::sync::look_up::{LiveContact, LiveDeal, LiveLead, Presence};
use workflow::sync::mapping::{Automation, ClosedDeals, ContactMatch, LeadRule, Resolved};
use workflow::sync::plan::decide::Context;
use workflow::sync::plan::{Decision, Seen, decide};
use workflow::sync::wanted::{Policy, Wanted, WantedField};
use workflow::sync::{FieldValue, Imprint, Sight, ValueKind};

use super::fixtures::{KEY, live_contact, live_deal, person, rules, stages, wanted, wants};

fn seen(deals: Sight<Vec<Arc<LiveDeal>>>) -> Seen {
    Seen {
        deals: vec![("F1_1".to_owned(), deals)],
        card: None,
        people: None,
        leads: None,
        adoptable: None,
        remembered: None,
        noted: None,
        of_others: Vec::new(),
    }
}

fn deal_with(changes: &Value) -> Arc<LiveDeal> {
    let mut deal = json!({"ID": "55", "TITLE": "Приём", "STAGE_ID": "NEW", "STAGE_SEMANTIC_ID": "P", "CLOSED": "N",
        "CATEGORY_ID": "0", "CONTACT_ID": null, "OPPORTUNITY": "0.00", "COMMENTS": null, "SOURCE_ID": "WEB", KEY: "F1_1"});
    for (name, value) in changes.as_object().unwrap() {
        deal[name] = value.clone();
    }
    live_deal(&deal)
}

fn there(changes: &Value) -> Seen {
    seen(Sight::Found(vec![deal_with(changes)]))
}

fn decided(wanted: &Wanted, seen: &Seen, rules: &Resolved) -> Decision {
    let mut context = Context {
        rules,
        site: "https://portal.example",
        comment_due: &|_, text| text != "posted",
        identity: &mut |_| Some("someone".to_owned()),
    };
    decide(wanted, seen, &mut context)
}

fn action(wanted: &Wanted, seen: &Seen, rules: &Resolved) -> Action {
    decided(wanted, seen, rules).action
}

/// The action in one word, with its code.
fn word(action: &Action) -> String {
    match action {
        Action::Create(_) => "create".to_owned(),
        Action::Update(_) => "update".to_owned(),
        Action::Unchanged { .. } => "unchanged".to_owned(),
        Action::Skipped { code, .. } | Action::Conflict { code, .. } => code.clone(),
        Action::Unknown { .. } => "unknown".to_owned(),
    }
}

fn update(action: Action) -> Update {
    let Action::Update(update) = action else { panic!("{action:?}") };
    update
}

fn field(policy: Policy, value: &str) -> WantedField {
    let value = if value.is_empty() { FieldValue::empty(ValueKind::Text) } else { FieldValue::text(value) };
    wants("comments", "COMMENTS", "Комментарий", policy, value)
}

#[test]
fn every_policy_of_a_field_writes_what_it_promises() {
    use Policy::{Always, Clear, CreateOnly, IfEmpty};
    // Policy, wanted, there, what is written.
    let table = [
        (Always, "new", "old", Some("new")),
        (Always, "new", "", Some("new")),
        (Always, "same", " same ", None),
        (Always, "", "old", None),
        (IfEmpty, "new", "old", None),
        (IfEmpty, "new", "", Some("new")),
        (IfEmpty, "", "", None),
        (CreateOnly, "new", "old", None),
        (CreateOnly, "new", "", None),
        (Clear, "new", "old", Some("new")),
        (Clear, "", "old", Some("")),
        (Clear, "", "", None),
    ];
    for (policy, wants, there_is, written) in table {
        let wanted = Wanted { deal: vec![field(policy, wants)], ..wanted("F1_1") };
        let action = action(&wanted, &there(&json!({"COMMENTS": there_is})), &rules());
        let case = format!("{policy:?}: {wants:?} over {there_is:?}");
        match written {
            None => assert_eq!(word(&action), "unchanged", "{case}"),
            Some(text) => {
                let update = update(action);
                assert_eq!(update.changes.len(), 1, "{case}");
                assert_eq!(update.changes[0].after.first().unwrap_or_default(), text, "{case}");
                assert_eq!(update.changes[0].before.first().unwrap_or_default(), there_is, "{case}");
            }
        }
    }
}

#[test]
fn an_amount_of_zero_is_an_empty_one() {
    use Policy::{Always, IfEmpty};
    // Policy, wanted, there, whether it is written.
    let table = [
        (IfEmpty, "1200", "0.00", true),
        (IfEmpty, "1200", "5.00", false),
        (IfEmpty, "0", "0.00", false),
        (Always, "0", "0.00", false),
        (Always, "0", "5.00", true),
    ];
    for (policy, wants_amount, there_is, written) in table {
        let value = FieldValue::one(ValueKind::Decimal, wants_amount);
        let amount = wants("opportunity", "OPPORTUNITY", "Сумма", policy, value);
        let wanted = Wanted { deal: vec![amount], ..wanted("F1_1") };
        let action = action(&wanted, &there(&json!({"OPPORTUNITY": there_is})), &rules());
        let expected = if written { "update" } else { "unchanged" };
        assert_eq!(word(&action), expected, "{policy:?}: {wants_amount} over {there_is}");
    }
}

#[test]
fn absent_creates_and_unknown_never_does() {
    assert_eq!(word(&action(&wanted("F1_1"), &seen(Sight::Absent), &rules())), "create");
    assert_eq!(word(&action(&wanted("F1_1"), &seen(Sight::Unknown("lost".to_owned())), &rules())), "unknown");
    for (phones, expected) in [(Sight::Absent, "create"), (Sight::Unknown("cut".to_owned()), "unknown")] {
        let wanted =
            Wanted { contact: Some(person("+79991234567", "Иванов", "Иван")), ..wanted("F1_1") };
        let seen = Seen { people: Some(phones), ..seen(Sight::Absent) };
        assert_eq!(word(&action(&wanted, &seen, &rules())), expected);
    }
}

#[test]
fn a_creation_has_key_stage_funnel_and_every_value() {
    let wanted =
        Wanted { deal: vec![field(Policy::CreateOnly, "new"), field(Policy::Clear, "")], ..wanted("F1_1") };
    let Action::Create(creation) = action(&wanted, &seen(Sight::Absent), &rules()) else { panic!() };
    let fields: Vec<(&str, &str)> =
        creation.fields.iter().map(|field| (field.name.as_str(), field.value.first().unwrap())).collect();
    let expected =
        [("comments", "new"), ("categoryId", "0"), ("stageId", "NEW"), ("ufCrm_1721244482250", "F1_1")];
    assert_eq!(fields, expected);
}

#[test]
fn the_three_policies_of_closed_deals() {
    let closed = json!({"STAGE_ID": "WON", "STAGE_SEMANTIC_ID": "S", "CLOSED": "Y"});
    let table = [
        (ClosedDeals::Skip, "sync.deal-closed"),
        (ClosedDeals::NewSameKey, "create"),
        (ClosedDeals::NewSuffixedKey, "create"),
    ];
    for (policy, expected) in table {
        let rules = Resolved { closed: policy, ..rules() };
        let mut seen = there(&closed);
        seen.deals.push((
            "F1_1_2".to_owned(),
            Sight::Found(vec![deal_with(&json!({"STAGE_ID": "LOSE",
            "STAGE_SEMANTIC_ID": "F", KEY: "F1_1_2"}))]),
        ));
        seen.deals.push(("F1_1_3".to_owned(), Sight::Absent));
        let changed = Wanted { comment: Some("Новое".to_owned()), ..wanted("F1_1") };
        assert_eq!(word(&action(&changed, &seen, &rules)), "sync.deal-closed", "its fields are as wanted");
        let renamed = Wanted { deal: vec![field(Policy::Always, "new")], ..wanted("F1_1") };
        let found = if policy == ClosedDeals::Skip { "sync.deal-closed" } else { "create" };
        assert_eq!(word(&action(&renamed, &seen, &rules)), found, "its fields are not as wanted");
        seen.noted = Some((55, Imprint::of(&changed, &rules)));
        assert_eq!(word(&action(&changed, &seen, &rules)), "sync.deal-closed", "it did not change");
        seen.noted = Some((54, Imprint::of(&wanted("F1_1"), &rules)));
        assert_eq!(word(&action(&changed, &seen, &rules)), "sync.deal-closed", "not of this deal");
        let posted = Wanted { comment: Some("posted".to_owned()), ..wanted("F1_1") };
        seen.noted = Some((55, Imprint::of(&wanted("F1_1"), &rules)));
        assert_eq!(word(&action(&posted, &seen, &rules)), "sync.deal-closed", "the deal holds everything");
        let action = action(&changed, &seen, &rules);
        assert_eq!(word(&action), expected, "{policy:?}");
        if let Action::Create(creation) = action {
            let key = creation.fields.last().unwrap().value.first();
            let suffixed = policy == ClosedDeals::NewSuffixedKey;
            let expected = if suffixed { ("F1_1_3", 0) } else { ("F1_1", 55) };
            assert_eq!((key.unwrap(), creation.after), expected);
        }
    }
    let open = json!({"STAGE_ID": "NEW"});
    let rules = Resolved { closed: ClosedDeals::NewSuffixedKey, ..rules() };
    let mut seen = there(&closed);
    seen.deals.push((
        "F1_1_2".to_owned(),
        Sight::Found(vec![deal_with(&json!({"ID": "77", KEY: "F1_1_2", "TITLE": "?",
        "STAGE_ID": open["STAGE_ID"]}))]),
    ));
    assert_eq!(
        update(action(&wanted("F1_1"), &seen, &rules)).deal,
        Some(77),
        "the open one of the chain is kept up to date"
    );
}

#[test]
fn final_stages_are_not_touched_and_protected_ones_keep_their_stage() {
    let mut rules = rules();
    rules.stages.update = true;
    rules.stages.finals = stages(&["FINAL_INVOICE", "C4:WON", "WON"]);
    rules.stages.protected = stages(&["EXECUTING", "APOLOGY"]);
    let changed = Wanted { stage: Some("PREPARATION".to_owned()), ..wanted("F1_1") };
    let at = |stage: &str, semantics: &str| {
        there(&json!({"TITLE": "Старое", "STAGE_ID": stage, "STAGE_SEMANTIC_ID": semantics}))
    };
    assert_eq!(word(&action(&changed, &at("FINAL_INVOICE", "P"), &rules)), "sync.stage-final");
    assert_eq!(word(&action(&changed, &at("C4:WON", "S"), &rules)), "sync.deal-closed");
    for (stage, semantics) in [("EXECUTING", "P"), ("APOLOGY", "F")] {
        let update = update(action(&changed, &at(stage, semantics), &rules));
        let names: Vec<&str> = update.changes.iter().map(|change| change.name.as_str()).collect();
        assert_eq!(names, ["title"], "{stage}: fields change, the stage does not");
    }
    let update_of_free = update(action(&changed, &at("NEW", "P"), &rules));
    assert_eq!(update_of_free.changes[1].name, "stageId");
    rules.stages.update = false;
    assert_eq!(
        update(action(&changed, &at("NEW", "P"), &rules)).changes.len(),
        1,
        "the stage is set on creation only"
    );
}

#[test]
fn a_stage_of_another_funnel_is_left_alone_with_a_warning() {
    let mut rules = rules();
    rules.stages.update = true;
    let moved = there(&json!({"STAGE_ID": "C1:EXECUTING", "CATEGORY_ID": "1"}));
    let decision = decided(&wanted("F1_1"), &moved, &rules);
    assert_eq!(word(&decision.action), "unchanged");
    assert_eq!(decision.warnings[0].code, "sync.stage-other-funnel");
}

#[test]
fn nobody_guesses_which_deal_is_meant() {
    let two = seen(Sight::Found(vec![deal_with(&json!({})), deal_with(&json!({"ID": "56"}))]));
    let Action::Conflict { code, links, .. } = action(&wanted("F1_1"), &two, &rules()) else { panic!() };
    assert_eq!(code, "sync.deal-ambiguous");
    assert_eq!(
        links,
        ["https://portal.example/crm/deal/details/55/", "https://portal.example/crm/deal/details/56/"]
    );
    assert_eq!(word(&action(&wanted("F1_1"), &there(&json!({KEY: "f1_1"})), &rules())), "sync.key-case");
    let rules = Resolved { closed: ClosedDeals::NewSameKey, ..rules() };
    let one_open = seen(Sight::Found(vec![
        deal_with(&json!({"STAGE_SEMANTIC_ID": "S"})),
        deal_with(&json!({"ID": "56", "TITLE": "?"})),
    ]));
    assert_eq!(
        update(action(&wanted("F1_1"), &one_open, &rules)).deal,
        Some(56),
        "the closed one is meant to be there"
    );
}

fn ivan(id: u64, last: &str) -> Arc<LiveContact> {
    live_contact(&json!({"ID": id.to_string(), "LAST_NAME": last, "NAME": "Иван", "POST": "Врач"}))
}

#[test]
fn a_contact_is_chosen_by_phone_and_name_or_by_phone_alone() {
    use ContactMatch::{Phone, PhoneAndName};
    let (ivanov, petrov) = (ivan(7, "Иванов"), ivan(8, "Петров"));
    let table = [
        (PhoneAndName, vec![&ivanov, &petrov], "7"),
        (PhoneAndName, vec![&petrov], "new"),
        (PhoneAndName, vec![&ivanov, &ivanov], "sync.contact-ambiguous"),
        (Phone, vec![&petrov], "8"),
        (Phone, vec![&ivanov, &petrov], "sync.contact-ambiguous"),
    ];
    for (rule, people, expected) in table {
        let mut rules = rules();
        rules.contact.as_mut().unwrap().match_by = rule;
        let people = Sight::Found(people.into_iter().cloned().collect());
        let seen = Seen { people: Some(people), ..seen(Sight::Absent) };
        let wanted =
            Wanted { contact: Some(person("+79991234567", "Иванов", "Иван")), ..wanted("F1_1") };
        let got = match action(&wanted, &seen, &rules) {
            Action::Create(creation) => match creation.contact {
                ContactChoice::Use { id, link: true, changes } if changes.is_empty() => id.to_string(),
                ContactChoice::Create { identity, .. } if identity == "someone" => "new".to_owned(),
                other => panic!("{other:?}"),
            },
            other => word(&other),
        };
        assert_eq!(got, expected, "{rule:?}");
    }
}

#[test]
fn the_contact_of_a_deal_stays_and_only_its_fields_change() {
    let mut someone = person("+79991234567", "Сидоров", "Иван");
    someone.fields =
        vec![wants("post", "POST", "Должность", Policy::Always, FieldValue::text("Главный врач"))];
    let wanted = Wanted { contact: Some(someone), ..wanted("F1_1") };
    let with = |card| Seen { card: Some(card), ..there(&json!({"CONTACT_ID": "7"})) };
    let update = update(action(&wanted, &with(Sight::Found(ivan(7, "Иванов"))), &rules()));
    let ContactChoice::Use { id: 7, changes, link: false } = update.contact else { panic!("{update:?}") };
    assert_eq!(
        changes.iter().map(|change| change.name.as_str()).collect::<Vec<_>>(),
        ["post"],
        "never the name"
    );
    assert_eq!(word(&action(&wanted, &with(Sight::Unknown("lost".to_owned())), &rules())), "unknown");
    assert_eq!(word(&action(&wanted, &with(Sight::Absent), &rules())), "unchanged");
}

#[test]
fn a_deal_without_a_contact_gets_the_one_with_the_number() {
    let wanted =
        Wanted { contact: Some(person("+79991234567", "Иванов", "Иван")), ..wanted("F1_1") };
    let seen = Seen { people: Some(Sight::Found(vec![ivan(7, "Иванов")])), ..there(&json!({})) };
    let update = update(action(&wanted, &seen, &rules()));
    assert!(matches!(update.contact, ContactChoice::Use { id: 7, link: true, .. }));
}

#[test]
fn an_open_deal_without_a_key_is_taken_over_only_when_the_mapping_says_so() {
    let wanted =
        Wanted { contact: Some(person("+79991234567", "Иванов", "Иван")), ..wanted("F1_1") };
    let open = deal_with(&json!({"ID": "90", KEY: "", "CONTACT_ID": "7"}));
    let with = |deals: Vec<Arc<LiveDeal>>| Seen {
        people: Some(Sight::Found(vec![ivan(7, "Иванов")])),
        adoptable: Some(Sight::Found(deals)),
        ..seen(Sight::Absent)
    };
    assert_eq!(word(&action(&wanted, &with(vec![Arc::clone(&open)]), &rules())), "create", "off by default");
    let rules = Resolved { adopt: true, ..rules() };
    let adopted = update(action(&wanted, &with(vec![Arc::clone(&open)]), &rules));
    assert!(adopted.adopted && adopted.deal == Some(90));
    assert_eq!(adopted.changes[0].after.first(), Some("F1_1"), "the key persists");
    let two = with(vec![Arc::clone(&open), deal_with(&json!({"ID": "91", KEY: ""}))]);
    assert_eq!(word(&action(&wanted, &two, &rules)), "sync.adoption-ambiguous");
    let finals = with(vec![deal_with(&json!({"ID": "91", KEY: "", "STAGE_SEMANTIC_ID": "S"}))]);
    assert_eq!(word(&action(&wanted, &finals, &rules)), "create");
}

fn lead(id: u64, status: &str) -> LiveLead {
    LiveLead {
        id,
        status: status.to_owned(),
        closed: false,
        contact: None,
        source: "CALL".to_owned(),
        source_description: "Реклама".to_owned(),
    }
}

#[test]
fn a_created_deal_takes_over_where_its_lead_came_from_unless_the_mapping_says_it() {
    let created = |source: bool, filled: &[&str]| {
        let mut rules = rules();
        rules.deal.retain(|rule| rule.field.name != "sourceId" || filled.contains(&"sourceId"));
        rules.leads = Some(LeadRule { field: None, status: None, source, closed: stages(&[]) });
        let leads = Some(Sight::Found(vec![lead(7, "NEW")]));
        let seen = Seen { leads, ..seen(Sight::Absent) };
        let Action::Create(creation) = action(&wanted("F1_1"), &seen, &rules) else { panic!() };
        let carried = |name: &str| {
            let field = creation.fields.iter().find(|field| field.name == name)?;
            field.value.first().map(str::to_owned)
        };
        (carried("sourceId"), carried("sourceDescription"))
    };
    let (call, words) = (Some("CALL".to_owned()), Some("Реклама".to_owned()));
    assert_eq!(created(true, &[]), (call, words.clone()));
    assert_eq!(created(true, &["sourceId"]), (None, words));
    assert_eq!(created(false, &[]), (None, None));
}

#[test]
fn the_oldest_open_lead_is_linked() {
    let mut rules = rules();
    let field = rules.deal[3].field.clone();
    let closed = stages(&["JUNK", "CONVERTED"]);
    rules.leads = Some(LeadRule { field: Some(field), status: None, source: false, closed });
    let leads = vec![lead(5, "JUNK"), lead(9, "NEW"), lead(7, "IN_PROCESS")];
    let seen = Seen { leads: Some(Sight::Found(leads)), ..seen(Sight::Absent) };
    let decision = decided(&wanted("F1_1"), &seen, &rules);
    let Action::Create(creation) = decision.action else { panic!() };
    assert_eq!(creation.lead, Some(7));
    assert_eq!(creation.fields.last().unwrap().value.first(), Some("7"));
    assert_eq!(decision.warnings[0].code, "sync.lead-several");
    let unknown = Seen { leads: Some(Sight::Unknown("lost".to_owned())), ..seen };
    assert_eq!(word(&action(&wanted("F1_1"), &unknown, &rules)), "unknown");
}

#[test]
fn a_comment_is_due_when_it_differs_from_the_last_one() {
    for (text, expected) in [("posted", "unchanged"), ("another", "update")] {
        let wanted = Wanted { comment: Some(text.to_owned()), ..wanted("F1_1") };
        assert_eq!(word(&action(&wanted, &there(&json!({})), &rules())), expected);
    }
}

#[test]
fn without_robots_updates_are_refused_but_comments_are_not() {
    let rules = Resolved { automation: Automation::Skip, ..rules() };
    let changed = there(&json!({"TITLE": "Старое"}));
    assert_eq!(word(&action(&wanted("F1_1"), &changed, &rules)), "sync.update-starts-robots");
    let wanted_comment = Wanted { comment: Some("another".to_owned()), ..wanted("F1_1") };
    assert_eq!(word(&action(&wanted_comment, &there(&json!({})), &rules)), "update");
    assert_eq!(word(&action(&wanted("F1_1"), &seen(Sight::Absent), &rules)), "create");
}

#[test]
fn a_deal_that_is_gone_gets_a_successor_and_one_without_its_key_no_twin() {
    let with = |presence| Seen { remembered: Some((55, presence)), ..seen(Sight::Absent) };
    let decision = decided(&wanted("F1_1"), &with(Presence::Gone), &rules());
    assert_eq!(word(&decision.action), "create");
    assert_eq!(decision.warnings[0].code, "sync.deal-gone");
    for (presence, expected) in [
        (Presence::There, "sync.key-lost"),
        (Presence::Hidden, "sync.deal-hidden"),
        (Presence::Unknown("lost".to_owned()), "unknown"),
    ] {
        assert_eq!(word(&action(&wanted("F1_1"), &with(presence), &rules())), expected);
    }
}

#[test]
fn a_value_that_cannot_be_read_is_left_alone_with_a_warning() {
    let amount = wants(
        "opportunity",
        "OPPORTUNITY",
        "Сумма",
        Policy::Always,
        FieldValue::one(ValueKind::Decimal, "5"),
    );
    let wanted = Wanted { deal: vec![amount], ..wanted("F1_1") };
    let decision = decided(&wanted, &there(&json!({"OPPORTUNITY": "five"})), &rules());
    assert_eq!(word(&decision.action), "unchanged");
    assert_eq!(decision.warnings[0].code, "sync.live-value-unreadable");
}
