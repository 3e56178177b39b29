//! `crm.currency.list`.

use rust_decimal::Decimal;

use super::Session;
use crate::method::{Refusal, Reply};
use crate::value::{Map, Value};

/// Code, roubles for how many units, name, sort, sample of the format.
const CURRENCIES: [(&str, &str, &str, &str, &str, &str); 4] = [
    ("RUB", "1.0000", "1", "Российский рубль", "100", "# &#8381;"),
    ("USD", "80.2500", "1", "Доллар США", "200", "$#"),
    ("EUR", "92.7000", "1", "Евро", "300", "&euro;#"),
    ("CNY", "11.2400", "1", "Китайский юань", "400", "&yen;#"),
];

/// Roubles for one unit; 1 for a currency the portal does not know.
pub(super) fn rate_of(code: &str) -> Decimal {
    let known = CURRENCIES.iter().find(|(currency, ..)| *currency == code);
    known.and_then(|(_, amount, ..)| amount.parse().ok()).unwrap_or(Decimal::ONE)
}

/// `crm.currency.list`: all currencies, no paging.
#[expect(clippy::unnecessary_wraps, reason = "every method has this shape")]
pub(super) fn list(_session: &Session<'_>) -> Result<Reply, Refusal> {
    let rows: Vec<Value> = CURRENCIES
        .into_iter()
        .map(|(code, amount, count, name, sort, format)| {
            let mut map = Map::new();
            map.push("CURRENCY", code);
            map.push("AMOUNT_CNT", count);
            map.push("AMOUNT", amount);
            map.push("SORT", sort);
            map.push("BASE", if code == "RUB" { "Y" } else { "N" });
            map.push("FULL_NAME", name);
            map.push("LID", "ru");
            map.push("FORMAT_STRING", format);
            map.push("DEC_POINT", if code == "RUB" { "," } else { "." });
            map.push("THOUSANDS_SEP", if code == "RUB" { " " } else { "," });
            map.push("DECIMALS", "2");
            map.push("DATE_UPDATE", "2025-01-01T09:00:00+03:00");
            map.into()
        })
        .collect();
    let total = rows.len() as u64;
    Ok(Reply { result: rows.into(), next: None, total: Some(total), rows: total })
}
