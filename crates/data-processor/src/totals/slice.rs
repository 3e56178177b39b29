//! Totals of a part of a group: one client, one month.

use super::{Sum, Tally};
use crate::invoice::ProcessedInvoice;
use crate::party::Party;
use crate::raw::PartyKind;

/// Who a client is in totals: spelling and INN; without an INN the card tells namesakes apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientKey {
    /// Name.
    pub name: Option<String>,
    /// INN.
    pub inn: Option<String>,
    /// The card of a client without INN.
    pub card: Option<(PartyKind, u64)>,
}

impl ClientKey {
    pub(super) fn of(client: Option<&Party>) -> Self {
        let Some(client) = client else { return Self::default() };
        let inn = client.inn().map(str::to_owned);
        let card = inn.is_none().then(|| (client.kind(), client.id()));
        Self { name: client.name().map(str::to_owned), inn, card }
    }
}

/// Sums of a part of a group's paid and open invoices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slice {
    /// How many.
    pub count: u64,
    /// Their gross.
    pub gross: Sum,
    /// Their net, where known.
    pub net: Sum,
    /// Their VAT, where known.
    pub vat: Sum,
    /// Those whose VAT is unknown.
    pub without_rows: Tally,
}

impl Slice {
    pub(super) fn add(&mut self, invoice: &ProcessedInvoice) {
        self.count += 1;
        self.gross += invoice.gross();
        match (invoice.net(), invoice.vat()) {
            (Some(net), Some(vat)) => {
                self.net += net;
                self.vat += vat;
            }
            _ => self.without_rows.add(invoice),
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.gross += &other.gross;
        self.net += &other.net;
        self.vat += &other.vat;
        self.without_rows.merge(&other.without_rows);
    }
}
