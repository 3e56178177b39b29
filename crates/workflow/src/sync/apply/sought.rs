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
/// How far the portal's clock may be off.
pub(super) const SKEW: SignedDuration = SignedDuration::from_mins(5);

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
    let keys: Vec<String> = sent.keys().map(|key| (*key).to_owned()).collect();
    match batch_find_contacts_by_origin(client, origin, &keys, &[]).await {
        Ok(found) => found
            .into_iter()
            .map(|(key, cards)| {
                let sight = newest(cards, sent.get(key.as_str()).copied());
                (key, sight)
            })
            .collect(),
        Err(error) => keys.into_iter().map(|key| (key, Sight::Unknown(error.to_string()))).collect(),
    }
}

/// An older contact with the key is not the one that was sent.
fn newest(cards: Sight<Vec<Arc<LiveContact>>>, sent_at: Option<Timestamp>) -> Sight<u64> {
    let created = |card: &LiveContact| -> String {
        let text = card.token("DATE_CREATE").and_then(b24_client::Token::text);
        text.map(std::borrow::Cow::into_owned).unwrap_or_default()
    };
    match cards {
        Sight::Found(cards) => {
            let mine = cards.iter().rev().find(|card| is_new(&created(card), sent_at));
            mine.map_or(Sight::Absent, |card| Sight::Found(card.id))
        }
        Sight::Absent => Sight::Absent,
        Sight::Unknown(reason) => Sight::Unknown(reason),
    }
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
