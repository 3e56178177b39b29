//! `b24 doctor`: everything that must be right before a job runs.

mod checks;
mod findings;

use self::findings::Findings;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Answer;
use crate::progress::Progress;
use crate::settings::Portal;

/// Checks the portal of the settings.
pub(super) async fn run(context: &Context) -> Result<Answer, Failure> {
    check(context, &context.portal()?).await
}

/// Checks a portal: a failing check does not keep the others from running.
pub(super) async fn check(context: &Context, portal: &Portal) -> Result<Answer, Failure> {
    let session = context.connect(portal).await?;
    let mut findings = Findings::new(&session, portal.access);
    let progress = Progress::new(&context.out, "checks");
    progress.expect(checks::COUNT);
    checks::user(&session, &mut findings);
    progress.advance(1);
    let has_crm = checks::scopes(&session, &mut findings).await;
    progress.advance(1);
    if has_crm {
        checks::companies(&session, &mut findings).await;
        progress.advance(1);
        checks::funnels(&session, &mut findings).await;
        progress.advance(1);
        checks::invoices(&session, &mut findings).await;
        progress.advance(1);
    } else {
        for check in ["companies", "funnels", "invoices"] {
            findings.skipped(check, "needs the scope crm");
        }
    }
    checks::skew(&session, &mut findings).await;
    checks::limits(&session, &mut findings);
    drop(progress);
    findings.into_answer()
}
