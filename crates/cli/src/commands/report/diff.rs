//! `b24 report diff`.

use workflow::diff::{Differences, Invoice};

use crate::args::DiffArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Answer, table};

pub(super) fn run(args: &DiffArgs) -> Result<Answer, Failure> {
    let differences = Differences::between(&args.old, &args.new)?;
    let changed = args.detailed_exit_code && !differences.is_empty();
    let exit = if changed { Exit::Changes } else { Exit::Done };
    Ok(Answer::new(text(&differences), &differences)?.exit(exit))
}

/// One line per invoice that appeared (`+`) or vanished (`-`), one per field that changed (`*`).
fn text(differences: &Differences) -> String {
    let Differences { appeared, vanished, changed, unchanged, not_compared, .. } = differences;
    let mut text = format!(
        "{} invoices appeared, {} vanished, {} changed, {unchanged} are alike\n",
        appeared.len(),
        vanished.len(),
        changed.len()
    );
    if !not_compared.is_empty() {
        let columns = not_compared.join(", ");
        text.extend(["not compared, because one of the files lacks it: ", &columns, "\n"]);
    }
    let mut rows: Vec<[String; 7]> = Vec::new();
    rows.extend(appeared.iter().map(|invoice| row("+", invoice, "gross", None, amount(invoice))));
    rows.extend(vanished.iter().map(|invoice| row("-", invoice, "gross", amount(invoice), None)));
    for invoice in changed {
        let fields = invoice.fields.iter();
        rows.extend(
            fields.map(|change| {
                row("*", &invoice.invoice, change.field, change.old.clone(), change.new.clone())
            }),
        );
    }
    if !rows.is_empty() {
        text.push('\n');
        text += &table(["", "id", "number", "client", "field", "old", "new"], rows);
    }
    text
}

fn row(mark: &str, invoice: &Invoice, field: &str, old: Option<String>, new: Option<String>) -> [String; 7] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        mark.to_owned(),
        text(&invoice.id),
        text(&invoice.number),
        text(&invoice.counterparty),
        field.to_owned(),
        old.unwrap_or_default(),
        new.unwrap_or_default(),
    ]
}

fn amount(invoice: &Invoice) -> Option<String> {
    let currency = invoice.currency.as_deref().unwrap_or_default();
    invoice.gross.as_ref().map(|gross| format!("{gross} {currency}"))
}
