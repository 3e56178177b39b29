//! An invoice that was processed: valid by construction.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::money::{self, Currency};
use crate::party::Party;
use crate::payment::PaidBy;
use crate::problem::Problem;
use crate::raw::{RawStage, RawUser};
use crate::vat::{RateLine, VatRate};

/// What the stage means for the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// In a success stage.
    Paid,
    /// In progress.
    Open,
    /// In a failure stage; listed, but in no sum but its own.
    Cancelled,
}

impl Status {
    /// By the semantics the portal gives the stage.
    #[must_use]
    pub fn of(stage: &RawStage) -> Self {
        match stage.semantics.as_deref() {
            Some("S") => Self::Paid,
            Some("F") => Self::Cancelled,
            _ => Self::Open,
        }
    }

    /// `paid`, `open` or `cancelled`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Open => "open",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One product row with its VAT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Id of the row.
    pub id: u64,
    /// Name of the product.
    pub name: String,
    /// Unit of measure.
    pub measure: Option<String>,
    /// Unit price paid: after discount, VAT included.
    pub price: Decimal,
    /// Quantity.
    pub quantity: Decimal,
    /// VAT rate.
    pub rate: VatRate,
    /// Discount per unit; none when it was absent or malformed.
    pub discount: Option<Decimal>,
    /// Price times quantity, rounded to the minor unit.
    pub gross: Decimal,
    /// Gross minus VAT.
    pub net: Decimal,
    /// VAT within gross, rounded once.
    pub vat: Decimal,
}

/// A processed invoice. Only this crate makes one, so every amount in it is exact and every date real.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessedInvoice {
    pub(crate) id: u64,
    pub(crate) number: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) date: Date,
    pub(crate) due: Option<Date>,
    pub(crate) shipped_on: Option<Date>,
    pub(crate) paid: Option<(Date, PaidBy)>,
    pub(crate) paid_sum: Option<Decimal>,
    pub(crate) remainder: Option<Decimal>,
    pub(crate) status: Status,
    pub(crate) stage: String,
    pub(crate) currency: Currency,
    pub(crate) minor_digits: u32,
    pub(crate) gross: Decimal,
    pub(crate) net: Option<Decimal>,
    pub(crate) vat: Option<Decimal>,
    pub(crate) vat_by_rate: Vec<RateLine>,
    pub(crate) portal_vat: Option<Decimal>,
    pub(crate) vat_difference: Option<Decimal>,
    pub(crate) rows_gross: Option<Decimal>,
    pub(crate) header_minus_rows: Option<Decimal>,
    pub(crate) manual: bool,
    pub(crate) manual_differs: bool,
    pub(crate) counterparty: Option<Party>,
    pub(crate) seller: Option<Party>,
    pub(crate) lines: Vec<Line>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) responsible: Option<RawUser>,
    pub(crate) url: Option<String>,
    pub(crate) deal_id: Option<u64>,
}

impl ProcessedInvoice {
    /// The portal's id.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The document number.
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        self.number.as_deref()
    }

    /// The title shown in the portal.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// The invoice date.
    #[must_use]
    pub fn date(&self) -> Date {
        self.date
    }

    /// Pay-before date.
    #[must_use]
    pub fn due(&self) -> Option<Date> {
        self.due
    }

    /// Shipment date.
    #[must_use]
    pub fn shipped_on(&self) -> Option<Date> {
        self.shipped_on
    }

    /// Payment date.
    #[must_use]
    pub fn paid_on(&self) -> Option<Date> {
        self.paid.map(|(day, _)| day)
    }

    /// Who says when it was paid; none without a payment date.
    #[must_use]
    pub fn paid_by(&self) -> Option<PaidBy> {
        self.paid.map(|(_, by)| by)
    }

    /// Sum of the payments made; none when the portal has none of this invoice or was not asked.
    #[must_use]
    pub fn paid_sum(&self) -> Option<Decimal> {
        self.paid_sum
    }

    /// Gross minus the payments made; none where those are unknown.
    #[must_use]
    pub fn remainder(&self) -> Option<Decimal> {
        self.remainder
    }

    /// Paid, open or cancelled, by the meaning of the stage.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// Name of the stage, else its id.
    #[must_use]
    pub fn stage(&self) -> &str {
        &self.stage
    }

    /// The currency of every amount in this invoice.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Digits of the currency's minor unit.
    #[must_use]
    pub fn minor_digits(&self) -> u32 {
        self.minor_digits
    }

    /// Amount payable, VAT included, exactly as the portal has it.
    #[must_use]
    pub fn gross(&self) -> Decimal {
        self.gross
    }

    /// Gross minus VAT; none where no row tells.
    #[must_use]
    pub fn net(&self) -> Option<Decimal> {
        self.net
    }

    /// Sum of the lines' rounded VAT; none where no row tells.
    #[must_use]
    pub fn vat(&self) -> Option<Decimal> {
        self.vat
    }

    /// Sums of the lines per rate, highest rate first, "without VAT" last.
    #[must_use]
    pub fn vat_by_rate(&self) -> &[RateLine] {
        &self.vat_by_rate
    }

    /// VAT as the portal computed it.
    #[must_use]
    pub fn portal_vat(&self) -> Option<Decimal> {
        self.portal_vat
    }

    /// The portal's VAT minus the rows'; none where one of them is unknown.
    #[must_use]
    pub fn vat_difference(&self) -> Option<Decimal> {
        self.vat_difference
    }

    /// Sum of the lines' gross; none without rows.
    #[must_use]
    pub fn rows_gross(&self) -> Option<Decimal> {
        self.rows_gross
    }

    /// Gross minus the sum of the lines' gross; none without rows.
    #[must_use]
    pub fn header_minus_rows(&self) -> Option<Decimal> {
        self.header_minus_rows
    }

    /// Whether the amount was typed by hand.
    #[must_use]
    pub fn manual(&self) -> bool {
        self.manual
    }

    /// Whether the amount was typed by hand and differs from the rows by more than rounding.
    #[must_use]
    pub fn manual_differs(&self) -> bool {
        self.manual_differs
    }

    /// The client.
    #[must_use]
    pub fn counterparty(&self) -> Option<&Party> {
        self.counterparty.as_ref()
    }

    /// Our own company.
    #[must_use]
    pub fn seller(&self) -> Option<&Party> {
        self.seller.as_ref()
    }

    /// The product rows.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The product rows, taken out.
    #[must_use]
    pub fn into_lines(self) -> Vec<Line> {
        self.lines
    }

    /// Everything worth a look; warnings only.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The responsible user.
    #[must_use]
    pub fn responsible(&self) -> Option<&RawUser> {
        self.responsible.as_ref()
    }

    /// Link to the invoice card.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The deal the invoice belongs to.
    #[must_use]
    pub fn deal_id(&self) -> Option<u64> {
        self.deal_id
    }

    /// The canonical text of an amount of this invoice (see [`money::text`]).
    #[must_use]
    pub fn text(&self, amount: Decimal) -> String {
        money::text(amount, self.minor_digits)
    }
}
