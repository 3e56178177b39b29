//! Russian VAT rates by date. Only for warnings: the rate of a row is what the row says.

use jiff::civil::{Date, date};
use rust_decimal::Decimal;

/// Per cent, first and last day of shipment; none is open.
///
/// Tax Code art. 164; 18 % until and 20 % from 2019-01-01 by law 303-FZ of 2018-08-03; 5 and 7 % from 2025-01-01 by law
/// 176-FZ of 2024-07-12; 22 % from 2026-01-01 by law 425-FZ of 2025-11-28.
const RATES: [(Decimal, Option<Date>, Option<Date>); 7] = [
    (Decimal::from_parts(22, 0, 0, false, 0), Some(date(2026, 1, 1)), None),
    (Decimal::from_parts(20, 0, 0, false, 0), Some(date(2019, 1, 1)), Some(date(2025, 12, 31))),
    (Decimal::from_parts(18, 0, 0, false, 0), None, Some(date(2018, 12, 31))),
    (Decimal::from_parts(10, 0, 0, false, 0), None, None),
    (Decimal::from_parts(7, 0, 0, false, 0), Some(date(2025, 1, 1)), None),
    (Decimal::from_parts(5, 0, 0, false, 0), Some(date(2025, 1, 1)), None),
    (Decimal::ZERO, None, None),
];

/// How a rate fits the date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    Fits,
    OutOfDate,
    Unknown,
}

/// Whether a rate was in force. The shipment decides; before there is one, any later shipment may still decide, so
/// only a rate that ended before the invoice is out of date.
pub(crate) fn fit(percent: Decimal, invoiced: Date, shipped: Option<Date>) -> Fit {
    let Some((_, first, last)) = RATES.iter().find(|(rate, ..)| *rate == percent) else {
        return Fit::Unknown;
    };
    let ended = last.is_some_and(|last| shipped.unwrap_or(invoiced) > last);
    let not_yet = shipped.is_some_and(|shipped| first.is_some_and(|first| shipped < first));
    if ended || not_yet { Fit::OutOfDate } else { Fit::Fits }
}
