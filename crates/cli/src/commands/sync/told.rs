//! What a plan and its application say to people.

use workflow::sync::apply::Applied;
use workflow::sync::journal::RecordOutcome;
use workflow::sync::plan::{Counts, Guard, Robots, Shown};

use crate::output::table;

/// How much of what.
pub(super) fn counts(counts: &Counts) -> String {
    let with = |parts: &[(u64, &str)]| {
        let parts =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        parts.collect::<Vec<_>>().join(", ")
    };
    let created = with(&[(counts.contacts_create, "new contacts"), (counts.comments, "comments")]);
    let changed = with(&[(counts.contacts_update, "contacts changed"), (counts.adopted, "deals taken over")]);
    let reasons: Vec<String> = counts.reasons.iter().map(|(code, count)| format!("{count} {code}")).collect();
    let line = |sign: &str, what: &str, count: u64, more: String| {
        [sign.to_owned(), what.to_owned(), count.to_string(), more]
    };
    let rows = [
        line("+", "create", counts.create, created),
        line("*", "update", counts.update, changed),
        line("=", "unchanged", counts.unchanged, String::new()),
        line("-", "left alone by a rule", counts.skipped, String::new()),
        line("!", "to be decided by a person", counts.conflict, String::new()),
        line("!", "not known", counts.unknown, String::new()),
    ];
    let mut text = table(["", "records", "", ""], rows);
    if !reasons.is_empty() {
        text.extend(["why: ", &reasons.join(", "), "\n"]);
    }
    if counts.warnings > 0 {
        let warnings =
            format!("warnings: {}; `b24 sync plan --unchanged` shows all of them\n", counts.warnings);
        text.push_str(&warnings);
    }
    text
}

/// What the writes start on the portal.
pub(super) fn robots(robots: &Robots, shown: &Shown) -> String {
    if robots.total() == 0 {
        return "no write starts a robot or a business process\n".to_owned();
    }
    let stages = robots.by_stage.iter().map(|(stage, count)| {
        let name = if stage.is_empty() {
            "the first stage".to_owned()
        } else {
            format!("«{}»", shown.stage(stage))
        };
        format!("{count} deals enter {name}")
    });
    let mut parts: Vec<String> = stages.collect();
    if robots.changed_deals > 0 {
        parts.push(format!("{} deals change", robots.changed_deals));
    }
    if robots.contacts > 0 {
        parts.push(format!("{} contacts are created or changed", robots.contacts));
    }
    if robots.leads > 0 {
        parts.push(format!("{} leads get their status", robots.leads));
    }
    format!("{} writes start robots and business processes: {}\n", robots.total(), parts.join(", "))
}

/// The limits of the mapping that a plan exceeds.
pub(super) fn guards(guards: &[Guard]) -> String {
    let lines: Vec<String> =
        guards.iter().map(|guard| format!("guard: {guard}; nothing would be written\n")).collect();
    lines.concat()
}

/// What came of an application, and how long it took.
pub(super) fn applied(applied: &Applied) -> String {
    let outcomes = applied.outcomes.iter().filter(|(_, count)| **count > 0);
    let outcomes: Vec<String> =
        outcomes.map(|(outcome, count)| format!("{count} {}", outcome.as_str())).collect();
    let none = if applied.left > 0 { "none has an outcome" } else { "nothing to do" };
    let outcomes = if outcomes.is_empty() { none.to_owned() } else { outcomes.join(", ") };
    let mut text = format!("records: {outcomes}\n");
    let written = [
        (applied.deals_created, "deals created"),
        (applied.deals_changed, "deals changed"),
        (applied.contacts_created, "contacts created"),
        (applied.contacts_changed, "contacts changed"),
        (applied.comments, "comments posted"),
    ];
    let written: Vec<String> = written
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if !written.is_empty() {
        text.extend(["written: ", &written.join(", "), "\n"]);
    }
    let left = [
        (applied.rejects, "put aside (b24 sync rejects list)"),
        (
            applied.count(RecordOutcome::Unknown) + applied.left,
            "without an outcome: the next run goes on with them",
        ),
        (applied.waiting, "waiting to be read again"),
    ];
    for (count, what) in left.iter().filter(|(count, _)| *count > 0) {
        text.extend([count.to_string().as_str(), " ", what, "\n"]);
    }
    text + &times(applied)
}

/// The steps in the words of those who run it.
fn times(applied: &Applied) -> String {
    let all = &applied.statistics;
    let seconds = |seconds: f64| format!("{seconds:.2} s");
    let steps = [
        ("find deals", &all.find_deals),
        ("find contacts", &all.find_contacts),
        ("write", &all.write),
        ("comment", &all.comment),
    ];
    let rows = steps.into_iter().filter(|(_, step)| step.count > 0).map(|(name, step)| {
        let [total, average, longest] = [step.total_s, step.average_s, step.longest_s].map(seconds);
        [name.to_owned(), step.count.to_string(), total, average, longest]
    });
    let rows: Vec<[String; 5]> = rows.collect();
    let mut text = String::new();
    if !rows.is_empty() {
        text += &table(["step", "count", "total", "average", "longest"], rows);
    }
    let speed = all.records_per_hour.map(|speed| format!(", {speed:.0} records an hour"));
    let cost = all.requests_per_record.map(|cost| format!(", {cost:.2} a record"));
    let (speed, cost) = (speed.unwrap_or_default(), cost.unwrap_or_default());
    text + &format!("time: {:.1} s{speed}; {} requests{cost}\n", all.seconds, all.requests)
}
