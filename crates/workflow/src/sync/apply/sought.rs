//! Looks for writes whose answers were lost: contacts by the key they were created for, comments by their text.

use std::collections::BTreeMap;
use std::sync::Arc;

use b24_client::{Call, Client, Guarded, Id, Params};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::sync::Sight;
use crate::sync::journal::comment_hash;
pub(super) use crate::sync::look_up::Origin;
use crate::sync::look_up::{LiveContact, batch_find_contacts_by_origin};

/// Pages of comments that are read of one deal.
const MOST_PAGES: u32 = 20;
/// How far apart the times may be that one portal tells: those of answers, and those that its database keeps, perhaps
/// in a zone that nobody set right. What is older by more was there before.
const APART: SignedDuration = SignedDuration::from_hours(26);

/// A comment that was perhaps posted.
#[derive(Debug, Clone)]
pub(super) struct Posting {
    pub(super) deal: u64,
    pub(super) hash: String,
    /// When it was sent, on the portal's clock.
    pub(super) portal_at: Option<Timestamp>,
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

/// A contact that was perhaps created.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Creating {
    /// When it was sent, on the portal's clock.
    pub(super) portal_at: Option<Timestamp>,
    /// The contact that was created for the record before.
    pub(super) after: u64,
}

/// Contacts by the keys they were created for.
pub(super) async fn contacts(
    client: &Client,
    origin: Origin<'_>,
    sent: &BTreeMap<&str, Creating>,
) -> BTreeMap<String, Sight<u64>> {
    let keys: Vec<String> = sent.keys().map(|key| (*key).to_owned()).collect();
    match batch_find_contacts_by_origin(client, origin, &keys, &[]).await {
        Ok(found) => found
            .into_iter()
            .map(|(key, cards)| {
                let sight = newest(cards, sent.get(key.as_str()).copied().unwrap_or_default());
                (key, sight)
            })
            .collect(),
        Err(error) => keys.into_iter().map(|key| (key, Sight::Unknown(error.to_string()))).collect(),
    }
}

/// An older contact with the key is not the one that was sent.
fn newest(cards: Sight<Vec<Arc<LiveContact>>>, sent: Creating) -> Sight<u64> {
    let created = |card: &LiveContact| -> String {
        let text = card.token("DATE_CREATE").and_then(b24_client::Token::text);
        text.map(std::borrow::Cow::into_owned).unwrap_or_default()
    };
    match cards {
        Sight::Found(cards) => {
            let is_mine =
                |card: &&Arc<LiveContact>| card.id > sent.after && is_new(&created(card), sent.portal_at);
            let mine = cards.iter().rev().find(is_mine);
            mine.map_or(Sight::Absent, |card| Sight::Found(card.id))
        }
        Sight::Absent => Sight::Absent,
        Sight::Unknown(reason) => Sight::Unknown(reason),
    }
}

/// Whether something may have been created when the portal's clock showed this: only what was there long before was not.
/// This machine's clock is not asked, and in doubt nothing is sent a second time.
fn is_new(created: &str, portal_at: Option<Timestamp>) -> bool {
    let Some(from) = portal_at.and_then(|at| at.checked_sub(APART).ok()) else { return true };
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
    row.id.get() > posting.after && is_new(&row.created, posting.portal_at)
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
            portal_at: Some("2026-09-21T12:00:00Z".parse().unwrap()),
            after: 10,
        };
        let seen = |row| read(&[row], &posting, 1);
        assert_eq!(seen(row(11, "2026-09-21T15:00:01+03:00", 1, " Пришёл\n")), Sight::Found(11));
        let mistaken_zone = row(11, "2026-09-21T04:00:01+03:00", 1, "Пришёл");
        assert_eq!(seen(mistaken_zone), Sight::Found(11), "a portal's own times differ");
        assert_eq!(seen(row(11, "2026-09-20T12:00:00+03:00", 1, "Пришёл")), Sight::Absent, "an older one");
        assert_eq!(seen(row(10, "2026-09-21T15:00:01+03:00", 1, "Пришёл")), Sight::Absent, "known already");
        assert_eq!(seen(row(11, "2026-09-21T15:00:01+03:00", 2, "Пришёл")), Sight::Absent, "somebody else's");
        assert_eq!(seen(row(11, "2026-09-21T15:00:01+03:00", 1, "Ушёл")), Sight::Absent);
        let unknown = Posting { portal_at: None, ..posting.clone() };
        let old = row(11, "2020-01-01T00:00:00+03:00", 1, "Пришёл");
        assert_eq!(read(&[old], &unknown, 1), Sight::Found(11), "without the portal's time nothing is older");
    }
}
