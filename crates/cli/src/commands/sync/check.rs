//! `b24 sync check`: the mapping against the live fields and the source, before anything is planned.

use b24_client::Client;
use serde::Serialize;
use workflow::sync::apply::{ImportRefused, ask_import_right, user_not_administrator};
use workflow::sync::facts::FactsAnswer;
use workflow::sync::mapping::{Automation, check, check_together};
use workflow::sync::source::{self, Guess, Opening};
use workflow::sync::{Finding, Level, Mapping, PortalFacts};

use super::desk::Task;
use crate::args::CheckArgs;
use crate::clock;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, Problem, table};
use crate::settings;
use workflow::PortalUser;

#[derive(Debug, Serialize)]
struct Checked {
    mapping: String,
    source: String,
    automation: Automation,
    columns: Vec<String>,
    guesses: Vec<Guess>,
    findings: Vec<Finding>,
}

/// Proves mappings; errors make exit code 4.
pub(super) async fn run(context: &Context, args: &CheckArgs) -> Result<Answer, Failure> {
    let tasks = args.mappings.iter().map(|path| Task::read(path)).collect::<Result<Vec<_>, _>>()?;
    let portal = context.portal()?;
    let client = context.client(&portal)?;
    let read = PortalFacts::read(&client).await?;
    let FactsAnswer { facts, profile } = read;
    context.out.note(format!("portal {}, {}", client.portal().name(), PortalUser::from(&profile)));
    let mut checked = Vec::new();
    for task in &tasks {
        checked.push(one(task, &facts).await?);
    }
    for (task, one) in tasks.iter().zip(&mut checked) {
        if task.mapping.automation == Automation::Skip && !profile.admin {
            // An import is a write, even one of nothing.
            let may_ask = portal.allow("crm.item.batchImport").is_ok();
            one.findings.extend(import_right(&client, &task.mapping, may_ask).await);
        }
    }
    if !profile.admin
        && let Some(last) = checked.last_mut()
    {
        last.findings.push(user_not_administrator());
    }
    let mappings: Vec<&Mapping> = tasks.iter().map(|task| &task.mapping).collect();
    if let Some(last) = checked.last_mut() {
        last.findings.extend(check_together(&mappings));
    }
    let findings = || checked.iter().flat_map(|one| &one.findings);
    let wrong = findings().any(|finding| finding.level == Level::Error);
    let problems = findings().filter(|finding| finding.level == Level::Error).map(problem).collect();
    let text: Vec<String> = checked.iter().map(text).collect();
    let exit = if wrong { Exit::Refused } else { Exit::Done };
    Ok(Answer::new(text.join("\n"), &checked)?.exit(exit).problems(problems))
}

async fn one(task: &Task, facts: &PortalFacts) -> Result<Checked, Failure> {
    let opening =
        Opening { folder: task.folder(), cursor: None, now: clock::now(), environment: &settings::variable };
    let mut opened = source::open(&task.mapping.source, &opening).await?;
    let samples = opened.source.next_page().await?.records;
    let findings = check(&task.mapping, facts, &opened.format, &opened.columns, &samples);
    Ok(Checked {
        mapping: task.path.display().to_string(),
        source: task.mapping.name.clone(),
        automation: task.mapping.automation,
        columns: opened.columns,
        guesses: opened.guesses,
        findings,
    })
}

/// Whether the webhook's user may import, which `automation = "skip"` needs.
async fn import_right(client: &Client, mapping: &Mapping, may_ask: bool) -> Option<Finding> {
    let (level, code, message) = if may_ask {
        let refused = ask_import_right(client, mapping.contact.is_some()).await?;
        (Level::Error, "sync.import-refused", refused.to_string())
    } else {
        let message = "whether the webhook's user may import is not known: the access to this portal is read";
        (Level::Warning, "sync.import-unasked", message.to_owned())
    };
    let finding = Finding::new(level, code, message, ImportRefused::hint());
    Some(finding.at("automation", mapping.line("automation")))
}

fn problem(finding: &Finding) -> Problem {
    Problem {
        code: finding.code.clone(),
        field: finding.place.clone(),
        value: None,
        message: match finding.line {
            Some(line) => format!("line {line}: {}", finding.message),
            None => finding.message.clone(),
        },
        hint: Some(finding.hint.clone()),
    }
}

fn text(checked: &Checked) -> String {
    let Checked { mapping, columns, guesses, findings, automation, .. } = checked;
    let robots = match automation {
        Automation::Run => "every create and update starts the portal's robots",
        Automation::Skip => "robots are not started; deals are created and never changed",
    };
    let mut text = format!("{mapping}: {} columns, {robots}\n", columns.len());
    for guess in guesses {
        text.extend(["guessed: ", guess.setting, " = ", &guess.value, " (", &guess.reason, ")\n"]);
    }
    if findings.is_empty() {
        return text + "it fits the portal and the source\n";
    }
    let rows = findings.iter().map(|finding| {
        let level = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Guess => "guess",
        };
        let line = finding.line.map(|line| line.to_string()).unwrap_or_default();
        [level.to_owned(), line, finding.code.clone(), format!("{}; {}", finding.message, finding.hint)]
    });
    text + &table(["", "line", "code", "what to do"], rows)
}
