//! What a plan and its application say to people.

use workflow::sync::apply::Applied;
use workflow::sync::journal::RecordOutcome;
use workflow::sync::plan::{Counts, Guard, Robots, Shown, english};

use crate::output::table;

/// A number with its noun: `1 deal`, `2 deals`.
pub(super) fn many(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// Those that are not zero, with a verb behind the noun.
fn several(parts: &[(u64, &str, &str)]) -> String {
    let parts = parts.iter().filter(|(count, _, _)| *count > 0);
    let parts = parts.map(|(count, what, more)| format!("{}{more}", many(*count, what)));
    parts.collect::<Vec<_>>().join(", ")
}

/// How much of what.
pub(super) fn counts(counts: &Counts) -> String {
    let created = several(&[(counts.contacts_create, "new contact", ""), (counts.comments, "comment", "")]);
    let changed =
        several(&[(counts.contacts_update, "contact", " changed"), (counts.adopted, "deal", " taken over")]);
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
    if !counts.reasons.is_empty() {
        let rows = counts.reasons.iter().map(|(code, count)| {
            let words = english(code).map_or("", |(what, _)| what);
            [count.to_string(), code.clone(), words.to_owned()]
        });
        text += &table(["", "why", ""], rows);
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
        let verb = if *count == 1 { "enters" } else { "enter" };
        format!("{} {verb} {name}", many(*count, "deal"))
    });
    let mut parts: Vec<String> = stages.collect();
    let others = [
        (robots.changed_deals, "deal", " to change"),
        (robots.contacts, "contact", " to create or change"),
        (robots.leads, "lead", " to get a status"),
    ];
    parts.extend(others.iter().filter(|(count, _, _)| *count > 0).map(|part| several(&[*part])));
    let start = if robots.total() == 1 { "starts" } else { "start" };
    let writes = many(robots.total(), "write");
    format!("{writes} {start} robots and business processes:\n  {}\n", parts.join("\n  "))
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
    let written = several(&[
        (applied.deals_created, "deal", " created"),
        (applied.deals_changed, "deal", " changed"),
        (applied.contacts_created, "contact", " created"),
        (applied.contacts_changed, "contact", " changed"),
        (applied.comments, "comment", " posted"),
    ]);
    if !written.is_empty() {
        text.extend(["written: ", &written, "\n"]);
    }
    let left = [
        (applied.rejects, "put aside (b24 sync rejects list)"),
        (
            applied.count(RecordOutcome::Unknown) + applied.left,
            "without an outcome: the next run goes on with them",
        ),
        (applied.waiting, "waiting to be read again: b24 sync state show"),
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
    let speed =
        all.records_per_hour.filter(|_| all.records > 0).map(|speed| format!(", {speed:.0} records an hour"));
    let cost = all.requests_per_record.map(|cost| format!(", {cost:.2} a record"));
    let (speed, cost) = (speed.unwrap_or_default(), cost.unwrap_or_default());
    text + &format!("time: {:.1} s{speed}; {}{cost}\n", all.seconds, many(all.requests, "request"))
}
