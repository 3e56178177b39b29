//! Looks for writes whose answers were lost: contacts by the key they were created for, comments by their text.

use std::collections::BTreeMap;

use b24_client::crm::Row;
use b24_client::params::Param;
use b24_client::{Call, Client, Guarded, Id, Params};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::sync::Sight;
use crate::sync::journal::comment_hash;

/// Rows of a page.
const PAGE: usize = 50;
/// Pages of comments that are read of one deal.
const MOST_PAGES: u32 = 20;
/// How far the portal's clock may be off.
pub(super) const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// How contacts are found again that a source created.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    /// `b24:SOURCE`.
    pub(super) originator: &'a str,
    /// Upper-case name of the field with the record's key.
    pub(super) field: &'a str,
}

/// A comment that was perhaps posted.
#[derive(Debug, Clone)]
pub(super) struct Posting {
    pub(super) deal: u64,
    pub(super) hash: String,
    pub(super) sent_at: Timestamp,
    /// Comments up to this one are older.
    pub(super) after: u64,
}

#[derive(Debug, Deserialize)]
struct Listed {
    #[serde(rename = "ID")]
    id: Id,
    #[serde(rename = "CREATED")]
    created: String,
    #[serde(rename = "AUTHOR_ID")]
    author: Id,
    #[serde(rename = "COMMENT", default)]
    comment: Option<String>,
}

/// Contacts by the keys they were created for, each with the moment it was sent.
pub(super) async fn contacts(
    client: &Client,
    origin: Origin<'_>,
    sent: &BTreeMap<&str, Timestamp>,
) -> BTreeMap<String, Sight<u64>> {
    let keys: Vec<&str> = sent.keys().copied().collect();
    let mut batch = client.batch();
    let slots: Vec<_> =
        keys.chunks(PAGE / 2).map(|keys| (keys, batch.add(by_origin(origin, keys)))).collect();
    let mut sights = BTreeMap::new();
    let mut answer = |keys: &[&str], rows: Result<Vec<Row>, String>| {
        for key in keys {
            let sight = match &rows {
                Ok(rows) => contact_of(rows, origin, key, sent.get(key).copied()),
                Err(reason) => Sight::Unknown(reason.clone()),
            };
            sights.insert((*key).to_owned(), sight);
        }
    };
    match batch.send().await {
        Ok(mut reply) => {
            for (keys, slot) in slots {
                let rows = reply.take(slot).ok().map_err(|error| error.to_string());
                answer(keys, rows.and_then(complete));
            }
        }
        Err(error) => answer(&keys, Err(error.to_string())),
    }
    sights
}

fn by_origin(origin: Origin<'_>, keys: &[&str]) -> Call<Vec<Row>> {
    let values: Vec<Param> = keys.iter().map(|key| Param::from(*key)).collect();
    let filter = Params::new()
        .set("ORIGINATOR_ID", origin.originator)
        .set(format!("@{}", origin.field), Param::List(values));
    let params = Params::new()
        .set("filter", filter)
        .set("select", ["ID", "ORIGINATOR_ID", "DATE_CREATE", origin.field])
        .set("order", Params::new().set("ID", "DESC"))
        .set("start", -1);
    Call::read("crm.contact.list", params)
}

/// A full page may be cut.
fn complete(rows: Vec<Row>) -> Result<Vec<Row>, String> {
    if rows.len() < PAGE { Ok(rows) } else { Err("more contacts than one page have these keys".to_owned()) }
}

fn contact_of(rows: &[Row], origin: Origin<'_>, key: &str, sent_at: Option<Timestamp>) -> Sight<u64> {
    let text = |row: &Row, field: &str| -> String {
        row.get(field).and_then(b24_client::Token::text).map(std::borrow::Cow::into_owned).unwrap_or_default()
    };
    // Conditions that the portal does not know are dropped without a word, and everything comes.
    if rows.iter().any(|row| text(row, "ORIGINATOR_ID") != origin.originator) {
        return Sight::Unknown("the portal does not filter contacts by ORIGINATOR_ID".to_owned());
    }
    let mine =
        |row: &&Row| text(row, origin.field).trim() == key && is_new(&text(row, "DATE_CREATE"), sent_at);
    let id = rows.iter().find(mine).and_then(|row| text(row, "ID").parse().ok());
    id.map_or(Sight::Absent, Sight::Found)
}

/// Whether something was created after it was sent, as far as clocks tell.
pub(super) fn is_new(created: &str, sent_at: Option<Timestamp>) -> bool {
    let Some(from) = sent_at.and_then(|sent_at| sent_at.checked_sub(SKEW).ok()) else { return true };
    created.parse::<Timestamp>().map_or(true, |created| created >= from)
}

/// A comment among those of its deal, newest first: one of our own, not older than it was sent, with the same text.
pub(super) async fn comment(client: &Client, posting: &Posting, author: u64) -> Sight<u64> {
    let mut start = 0;
    for _ in 0..MOST_PAGES {
        let filter = Params::new().set("ENTITY_ID", posting.deal).set("ENTITY_TYPE", "deal");
        let params = Params::new()
            .set("filter", filter)
            .set("order", Params::new().set("ID", "DESC"))
            .set("start", start);
        let call: Call<Vec<Guarded<Listed>>> = Call::read("crm.timeline.comment.list", params);
        let page = match client.reply(call).await {
            Ok(page) => page,
            Err(error) => return Sight::Unknown(error.to_string()),
        };
        match read(&page.result, posting, author) {
            Sight::Absent => {}
            sight => return sight,
        }
        let is_old =
            page.result.last().is_some_and(|row| matches!(row, Guarded::Ok(row) if !is_young(row, posting)));
        match page.next {
            Some(next) if !is_old => start = next,
            _ => return Sight::Absent,
        }
    }
    Sight::Unknown("the deal has too many new comments".to_owned())
}

fn is_young(row: &Listed, posting: &Posting) -> bool {
    row.id.get() > posting.after && is_new(&row.created, Some(posting.sent_at))
}

fn read(rows: &[Guarded<Listed>], posting: &Posting, author: u64) -> Sight<u64> {
    for row in rows {
        match row {
            Guarded::Malformed { reason, .. } => {
                return Sight::Unknown(format!("a comment cannot be read: {reason}"));
            }
            Guarded::Ok(row) => {
                let text = row.comment.as_deref().unwrap_or_default();
                if is_young(row, posting) && row.author.get() == author && comment_hash(text) == posting.hash
                {
                    return Sight::Found(row.id.get());
                }
            }
        }
    }
    Sight::Absent
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: u64, created: &str, author: u64, text: &str) -> Guarded<Listed> {
        let (id, author) = (Id::from(id), Id::from(author));
        Guarded::Ok(Listed { id, created: created.to_owned(), author, comment: Some(text.to_owned()) })
    }

    #[test]
    fn only_ones_own_new_comment_with_the_same_text_is_the_lost_one() {
        let posting = Posting {
            deal: 5,
            hash: comment_hash("Пришёл"),
            sent_at: "2026-09-21T12:00:00Z".parse().unwrap(),
            after: 10,
        };
        let seen = |row| read(&[row], &posting, 1);
        assert_eq!(seen(row(11, "2026-09-21T15:00:01+03:00", 1, " Пришёл\n")), Sight::Found(11));
        assert_eq!(
            seen(row(11, "2026-09-21T14:56:00+03:00", 1, "Пришёл")),
            Sight::Found(11),
            "clocks differ"
        );
        assert_eq!(seen(row(11, "2026-09-21T14:00:00+03:00", 1, "Пришёл")), Sight::Absent, "an older one");
        assert_eq!(seen(row(10, "2026-09-21T15:00:01+03:00", 1, "Пришёл")), Sight::Absent, "known already");
        assert_eq!(seen(row(11, "2026-09-21T15:00:01+03:00", 2, "Пришёл")), Sight::Absent, "somebody else's");
        assert_eq!(seen(row(11, "2026-09-21T15:00:01+03:00", 1, "Ушёл")), Sight::Absent);
    }
}
