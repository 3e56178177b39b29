//! The checks, one function each.

use b24_client::Params;
use b24_client::crm;
use jiff::Timestamp;

use super::findings::{Findings, Funnel, Named};
use crate::clock;
use crate::session::Session;

/// How many checks there are.
pub(super) const COUNT: u64 = 7;

/// Scopes of which one is enough to read the names of users (`user.get` of the REST documentation).
const USER_SCOPES: [&str; 3] = ["user_brief", "user_basic", "user"];

/// Clocks further apart make "changed since" questions miss records.
const SKEW_ALLOWED_S: i64 = 60;

/// Whether the user sees everything.
pub(super) fn user(session: &Session, findings: &mut Findings) {
    if session.user.administrator {
        findings.ok("user", session.user.to_string());
    } else {
        findings.warning(
            "user",
            "doctor.not-administrator",
            session.user.to_string(),
            "the portal shows this user only what he may see; use a webhook of an administrator for complete reports",
        );
    }
}

/// What the webhook may do; says whether the CRM is among it.
pub(super) async fn scopes(session: &Session, findings: &mut Findings) -> bool {
    let scopes = match session.client.call(crm::scope()).await {
        Ok(scopes) => scopes,
        Err(error) => {
            findings.error("scopes", &error);
            return true;
        }
    };
    let has = |name: &str| scopes.iter().any(|scope| scope == name);
    let (has_crm, has_user) = (has("crm"), USER_SCOPES.iter().any(|name| has(name)));
    let list = scopes.join(", ");
    match (has_crm, has_user) {
        (true, true) => findings.ok("scopes", list),
        (true, false) => findings.warning(
            "scopes",
            "doctor.scope-missing",
            format!("{list}; missing: user_brief"),
            "add the scope user_brief to the webhook in the portal, or names of users stay unknown",
        ),
        (false, _) => {
            let missing = if has_user { "crm" } else { "crm, user_brief" };
            findings.failed(
                "scopes",
                "doctor.scope-missing",
                format!("{list}; missing: {missing}"),
                &format!("add to the webhook in the portal: {missing}"),
            );
        }
    }
    findings.facts.scopes = Some(scopes);
    has_crm
}

/// The sellers.
pub(super) async fn companies(session: &Session, findings: &mut Findings) {
    match session.client.call(crm::my_companies()).await {
        Err(error) => findings.error("companies", &error),
        Ok(companies) => {
            let names: Vec<String> =
                companies.iter().map(|company| company.title.clone().unwrap_or_default()).collect();
            if names.is_empty() {
                findings.warning(
                    "companies",
                    "doctor.no-companies",
                    "the user sees no company of our own",
                    "add your own companies under CRM settings, or give the user the right to see them",
                );
            } else {
                findings.ok("companies", format!("{}: {}", names.len(), names.join("; ")));
            }
            let sellers =
                companies.iter().zip(names).map(|(company, name)| Named { id: company.id.to_string(), name });
            findings.facts.companies = Some(sellers.collect());
        }
    }
}

/// The funnels of invoices with their stages.
pub(super) async fn funnels(session: &Session, findings: &mut Findings) {
    let categories = match session.client.call(crm::categories(crm::EntityType::SmartInvoice)).await {
        Ok(categories) => categories,
        Err(error) => return findings.error("funnels", &error),
    };
    let mut funnels = Vec::new();
    for category in categories {
        let entity = format!("SMART_INVOICE_STAGE_{}", category.id);
        match session.client.call(crm::statuses(&entity)).await {
            Err(error) => return findings.error("funnels", &error),
            Ok(stages) => funnels.push(Funnel {
                id: category.id.to_string(),
                name: category.name.unwrap_or_default(),
                stages: stages.into_iter().map(|stage| stage.name.unwrap_or(stage.status_id)).collect(),
            }),
        }
    }
    let lines: Vec<String> =
        funnels.iter().map(|funnel| format!("{} ({})", funnel.name, funnel.stages.join(", "))).collect();
    findings.ok("funnels", lines.join("; "));
    findings.facts.funnels = Some(funnels);
}

/// How many invoices the user sees.
pub(super) async fn invoices(session: &Session, findings: &mut Findings) {
    match session.client.reply(crm::invoice_count(Params::new())).await {
        Err(error) => findings.error("invoices", &error),
        Ok(reply) => {
            let total = reply.total.unwrap_or(0);
            let visible = if session.user.administrator { "" } else { " visible to this user" };
            findings.ok("invoices", format!("{total}{visible}"));
            findings.facts.invoices = Some(total);
        }
    }
}

/// How far the clocks are apart.
pub(super) async fn skew(session: &Session, findings: &mut Findings) {
    let text = match session.client.call(crm::server_time()).await {
        Ok(text) => text,
        Err(error) => return findings.error("clock", &error),
    };
    let Ok(portal) = text.parse::<Timestamp>() else {
        let hint = "call server.time with `b24 call` and look at the answer";
        return findings.warning(
            "clock",
            "doctor.clock-unreadable",
            "the portal's time cannot be read",
            hint,
        );
    };
    let ahead = portal.as_second() - clock::now().as_second();
    findings.facts.clock_ahead_s = Some(ahead);
    let side = if ahead < 0 { "behind" } else { "ahead of" };
    let detail = format!("the portal is {} s {side} this machine", ahead.abs());
    if ahead.abs() > SKEW_ALLOWED_S {
        findings.warning("clock", "doctor.clock-skew", detail, "set this machine's clock by a time server");
    } else {
        findings.ok("clock", detail);
    }
}

/// What is used of the portal's limits.
pub(super) fn limits(session: &Session, findings: &mut Findings) {
    let limits = session.client.limits();
    let busiest = limits.operating.iter().max_by(|a, b| a.1.total_cmp(b.1));
    let operating = busiest.map_or_else(String::new, |(method, seconds)| {
        format!("; {method} has used {seconds:.1} s of operating time")
    });
    let shared = match limits.processes {
        Some(0 | 1) => ", shared with every b24 of this user".to_owned(),
        Some(several) => format!(", shared by {several} processes"),
        None => ", not shared with other processes".to_owned(),
    };
    let bucket = match limits.capacity {
        0 => "none observed".to_owned(),
        capacity => format!("{:.0} of {capacity} requests in the bucket{shared}", limits.level),
    };
    findings.ok("limits", format!("{bucket}{operating}"));
}
