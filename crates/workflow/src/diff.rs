//! What changed between two registers that were written before: which invoices appeared, vanished or changed.

mod delimited;
mod file;
mod lines;
mod workbook;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use self::file::{Key, Record, RegisterFile};
use crate::Error;

/// The columns that are compared, in the order they are told in.
const COMPARED: [&str; 25] = [
    "number",
    "date",
    "shipped_on",
    "paid_on",
    "paid_by",
    "status",
    "stage",
    "currency",
    "gross",
    "net",
    "vat",
    "rates",
    "portal_vat",
    "header_minus_rows",
    "manual",
    "paid_sum",
    "remainder",
    "counterparty",
    "inn",
    "kpp",
    "my_company",
    "my_inn",
    "my_kpp",
    "responsible",
    "deal",
];

/// The differences of two registers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Differences {
    /// Invoices that only the new register has.
    pub appeared: Vec<Invoice>,
    /// Invoices that only the old register has.
    pub vanished: Vec<Invoice>,
    /// Invoices that both have, not alike.
    pub changed: Vec<ChangedInvoice>,
    /// How many invoices are alike in both.
    pub unchanged: u64,
    /// Columns that both registers have.
    pub compared: Vec<&'static str>,
    /// Columns that one of them lacks.
    pub not_compared: Vec<&'static str>,
}

/// How an invoice is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Invoice {
    /// The portal's id.
    pub id: Option<String>,
    /// Document number.
    pub number: Option<String>,
    /// Invoice date.
    pub date: Option<String>,
    /// Name of the client.
    pub counterparty: Option<String>,
    /// Amount payable, VAT included.
    pub gross: Option<String>,
    /// Currency code.
    pub currency: Option<String>,
}

/// An invoice that is not the same in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedInvoice {
    /// The invoice as the new register has it.
    #[serde(flatten)]
    pub invoice: Invoice,
    /// What changed of it.
    pub fields: Vec<FieldChange>,
}

/// One field that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// The column.
    pub field: &'static str,
    /// What the old register says; none is nothing.
    pub old: Option<String>,
    /// What the new register says.
    pub new: Option<String>,
}

impl Differences {
    /// Whether the registers say the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.appeared.is_empty() && self.vanished.is_empty() && self.changed.is_empty()
    }

    /// Compares two registers: xlsx, csv of any kind, or jsonl, as b24 writes them. Both are held in memory.
    ///
    /// # Errors
    /// When one of the files cannot be read, or holds no register.
    pub fn between(old: &Path, new: &Path) -> Result<Self, Error> {
        let (old, new) = (RegisterFile::read(old)?, RegisterFile::read(new)?);
        Ok(compare(old, new))
    }
}

fn compare(old: RegisterFile, new: RegisterFile) -> Differences {
    let both = |id: &&&str| old.has(id) && new.has(id);
    let (compared, not_compared): (Vec<&'static str>, Vec<&'static str>) =
        COMPARED.iter().partition(|id| both(id));
    let by_id = old.has("id") && new.has("id");
    let mut differences = Differences { compared, not_compared, ..Differences::default() };
    let old = keyed(old.records, by_id);
    let mut new = keyed(new.records, by_id);
    for (key, before) in old {
        let Some(after) = new.remove(&key) else {
            differences.vanished.push(before.told());
            continue;
        };
        let fields = changes(&differences.compared, &before, &after);
        if fields.is_empty() {
            differences.unchanged += 1;
        } else {
            differences.changed.push(ChangedInvoice { invoice: after.told(), fields });
        }
    }
    differences.appeared = new.values().map(Record::told).collect();
    differences
}

/// By id, else by number; what occurs several times is told apart by its place.
fn keyed(records: Vec<Record>, by_id: bool) -> BTreeMap<(Key, u64), Record> {
    let mut seen: BTreeMap<Key, u64> = BTreeMap::new();
    let mut keyed = BTreeMap::new();
    for record in records {
        let key = record.key(by_id);
        let times = seen.entry(key.clone()).or_default();
        keyed.insert((key, *times), record);
        *times += 1;
    }
    keyed
}

fn changes(compared: &[&'static str], before: &Record, after: &Record) -> Vec<FieldChange> {
    let change = |field: &&'static str| {
        let (old, new) = (before.get(field), after.get(field));
        (old != new).then(|| FieldChange { field, old: old.map(str::to_owned), new: new.map(str::to_owned) })
    };
    compared.iter().filter_map(change).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(rows: &[(u64, String)]) -> RegisterFile {
        let record = |(id, gross): &(u64, String)| {
            Record::of([("id", id.to_string()), ("gross", gross.clone())].into_iter())
        };
        RegisterFile::new(["id", "gross"].into(), rows.iter().map(record).collect())
    }

    fn rows() -> impl Strategy<Value = Vec<(u64, String)>> {
        prop::collection::btree_map(0_u64..20, "[1-9]", 0..12).prop_map(|rows| rows.into_iter().collect())
    }

    proptest! {
        #[test]
        fn a_register_does_not_differ_from_itself(rows in rows()) {
            let found = compare(file(&rows), file(&rows));
            prop_assert!(found.is_empty());
            prop_assert_eq!(found.unchanged, rows.len() as u64);
        }

        #[test]
        fn every_invoice_is_told_once_and_the_way_back_mirrors(old in rows(), new in rows()) {
            let there = compare(file(&old), file(&new));
            let both = there.changed.len() as u64 + there.unchanged;
            prop_assert_eq!(there.vanished.len() as u64 + both, old.len() as u64);
            prop_assert_eq!(there.appeared.len() as u64 + both, new.len() as u64);
            let back = compare(file(&new), file(&old));
            prop_assert_eq!(&there.appeared, &back.vanished);
            prop_assert_eq!(there.changed.len(), back.changed.len());
        }
    }
}
