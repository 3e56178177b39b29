//! `b24 sandbox`.

use std::fs;
use std::time::Duration;

use b24_sandbox::{FaultPlan, Sandbox};
use serde::Serialize;

use crate::args::ServeArgs;
use crate::code::Code;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Answer};
use crate::signals;

/// Serves the emulated portal until it is stopped, which is its normal end.
pub(super) async fn serve(context: &Context, args: &ServeArgs) -> Result<Answer, Failure> {
    // Listened to before anything is printed: whoever reads the first line may stop the sandbox at once.
    let stopped = tokio::spawn(signals::stop_requested());
    let sandbox = start(args).await?;
    announce(context, &sandbox)?;
    let heard = stopped.await.map_err(std::io::Error::other).and_then(|heard| heard);
    drop(sandbox);
    heard
        .map_err(|error| Failure::new(Code::Runtime, "waiting for the end of the sandbox").because(error))?;
    Ok(Answer::printed(Exit::Done))
}

async fn start(args: &ServeArgs) -> Result<Sandbox, Failure> {
    let mut builder = Sandbox::builder()
        .port(args.port)
        .seed(args.seed)
        .invoices(args.invoices)
        .deals(args.deals)
        .rate(args.rate)
        .burst(args.burst)
        .latency(Duration::from_millis(args.latency_ms))
        .command_latency(Duration::from_millis(args.command_latency_ms));
    if let Some(contacts) = args.contacts {
        builder = builder.contacts(contacts);
    }
    if let Some(port) = args.tls_port {
        builder = builder.tls_port(port);
    }
    if let (Some(cert), Some(key)) = (&args.tls_cert, &args.tls_key) {
        builder = builder.tls_files(cert, key);
    }
    if let Some(seconds) = args.operating_limit {
        builder = builder.operating_limit(seconds);
    }
    if let Some(seconds) = args.execution_cap_s {
        builder = builder.execution_cap(Duration::from_secs_f64(seconds));
    }
    if let Some(path) = &args.schema {
        let attempted = || format!("reading the portal's structure from {}", path.display());
        let text = fs::read_to_string(path).map_err(|error| Failure::file(attempted(), &error))?;
        builder = builder.schema(&text).map_err(|error| Failure::of_sandbox(Exit::Usage, &error))?;
    }
    if let Some(path) = &args.faults {
        let attempted = || format!("reading the faults from {}", path.display());
        let text = fs::read_to_string(path).map_err(|error| Failure::file(attempted(), &error))?;
        let plan: FaultPlan = text.parse().map_err(|error| Failure::of_sandbox(Exit::Usage, &error))?;
        builder = builder.faults(plan);
    }
    builder.start().await.map_err(|error| Failure::of_sandbox(Exit::Refused, &error))
}

/// Says where the portal is: scripts wait for these lines.
fn announce(context: &Context, sandbox: &Sandbox) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Addresses {
        webhook: String,
        tls: Option<String>,
        ca: Option<String>,
    }
    let addresses = Addresses {
        webhook: sandbox.webhook(),
        tls: sandbox.tls_webhook(),
        ca: sandbox.ca_file().map(|path| path.display().to_string()),
    };
    if context.out.wants_json() {
        return context.out.answer(&Answer::new("", &addresses)?, &context.stats());
    }
    let tls = match (&addresses.tls, &addresses.ca) {
        (Some(tls), Some(ca)) => format!("tls: {tls} ca: {ca}\n"),
        _ => String::new(),
    };
    output::data(&format!("webhook: {}\n{tls}", addresses.webhook))?;
    context.out.note("the sandbox runs until Ctrl-C");
    Ok(())
}
