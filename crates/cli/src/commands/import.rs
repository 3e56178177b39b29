//! `b24 import`.

mod told;

use std::path::PathBuf;

use b24_client::Params;
use jiff::Timestamp;
use workflow::import::{self, Forecast, Import, ImportEvent, Order, Step, Verb};

use super::call::params;
use crate::args::ImportArgs;
use crate::clock;
use crate::code::Code;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::Answer;
use crate::progress::Progress;

/// Sends the rows of a file, or says what would be sent.
pub(super) async fn run(context: &Context, args: &ImportArgs) -> Result<Answer, Failure> {
    let mut order = order(context, args)?;
    // Method, file and mapping are wrong before the portal is asked anything.
    let verb = import::check(&order)?;
    let portal = context.portal()?;
    if !args.dry_run {
        portal.allow(&order.method)?;
    }
    let session = context.connect(&portal).await?;
    order.sees_everything = session.user.administrator;
    if args.dry_run {
        let forecast = import::forecast(&session.client, &order).await;
        let forecast = forecast?;
        told::introduce(context, &order, &forecast);
        return told::forecast(&order, &forecast);
    }
    let opened = Import::open(session.client.clone(), order.clone(), clock::now()).await;
    let (mut import, forecast) = opened?;
    told::introduce(context, &order, &forecast);
    if verb == Verb::Add && order.key.is_none() {
        context.out.note("without --key a row whose answer is lost stays unknown");
    }
    to_the_end(context, &mut import, &forecast).await?;
    let (tally, stopped) = import.finish()?;
    told::outcome(context, &order, &tally, stopped.as_ref())
}

/// Runs all steps, waiting where rows may still be executed.
async fn to_the_end(context: &Context, import: &mut Import, forecast: &Forecast) -> Result<(), Failure> {
    let progress = Progress::new(&context.out, "rows");
    progress.expect(forecast.to_send + forecast.unfit_count);
    let mut show = |event: ImportEvent| {
        if let ImportEvent::Settled { rows } = event {
            progress.advance(rows);
        }
    };
    loop {
        let step = import.step(&clock::now, &mut show).await;
        match step? {
            Step::Done => return Ok(()),
            Step::WaitUntil(moment) => wait(context, moment).await,
        }
    }
}

async fn wait(context: &Context, moment: Timestamp) {
    let left = moment.duration_since(clock::now());
    let Ok(left) = std::time::Duration::try_from(left) else { return };
    context.out.note(format!(
        "waiting {} s: the portal may still be executing rows whose answer was lost",
        left.as_secs() + 1
    ));
    tokio::time::sleep(left).await;
}

fn order(context: &Context, args: &ImportArgs) -> Result<Order, Failure> {
    let params: Params = params::read(None, &args.param)?;
    if params.iter().any(|(name, _)| name.eq_ignore_ascii_case("fields")) {
        return Err(Failure::new(Code::Usage, "reading the parameters")
            .because("`fields` come from the rows")
            .advise("add a column instead of -p fields[…]"));
    }
    let map = args.map.iter().map(|pair| mapped(pair)).collect::<Result<_, _>>()?;
    Ok(Order {
        method: args.method.trim().to_owned(),
        input: args.file.clone(),
        map,
        params,
        key: args.key.clone(),
        outcomes: args.outcomes.clone().unwrap_or_else(|| outcomes_beside(args)),
        limit: args.limit,
        retry_rejected: args.retry_rejected,
        settle_after: context.settings()?.file.limits.settle_after(),
        // Known when the portal has been asked who the user is.
        sees_everything: false,
    })
}

fn outcomes_beside(args: &ImportArgs) -> PathBuf {
    let mut name = args.file.clone().into_os_string();
    name.push(".outcomes.jsonl");
    PathBuf::from(name)
}

fn mapped(pair: &str) -> Result<(String, String), Failure> {
    let (column, field) = pair.split_once('=').ok_or_else(|| {
        Failure::new(Code::Usage, format!("reading the mapping `{pair}`"))
            .because("it is not COLUMN=FIELD")
            .advise("write it as --map 'Название=TITLE', or --map 'Column=-' to leave a column out")
    })?;
    Ok((column.trim().to_owned(), field.trim().to_owned()))
}
