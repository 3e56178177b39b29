//! Looks for writes whose answers were lost: contacts by the key they were created for, comments by their text.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use b24_client::crm::{self, Comment, CommentOrder, EntityType};
use b24_client::{BatchError, Client, Guarded};
use jiff::{SignedDuration, Timestamp};

use crate::sync::Sight;
use crate::sync::journal::comment_hash;
pub(super) use crate::sync::look_up::Origin;
use crate::sync::look_up::{LiveContact, batch_find_contacts_by_origin};

/// Pages of comments that are read of one deal.
const MOST_PAGES: u32 = 20;
/// Deals whose pages are in memory together.
const WINDOW: usize = 500;
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

/// Comments among those of their deals, each newest first: one of our own, not older than it was sent, with the same text.
/// The first pages of fifty deals are one request, further pages are asked for where they are needed.
pub(super) async fn comments(
    client: &Client,
    postings: &[Posting],
    author: u64,
) -> Result<Vec<Sight<u64>>, BatchError> {
    let mut sights = Vec::with_capacity(postings.len());
    for window in postings.chunks(WINDOW) {
        sights.extend(of_window(client, window, author).await?);
    }
    Ok(sights)
}

async fn of_window(
    client: &Client,
    postings: &[Posting],
    author: u64,
) -> Result<Vec<Sight<u64>>, BatchError> {
    let endless = Sight::Unknown("the deal has too many new comments".to_owned());
    let mut sights = vec![endless; postings.len()];
    let mut open: Vec<(usize, Place)> = (0..postings.len()).map(|which| (which, Place::default())).collect();
    for _ in 0..MOST_PAGES {
        if open.is_empty() {
            break;
        }
        let mut batch = client.batch();
        let page = |&(which, place): &(usize, Place)| {
            let (entity, order) = (EntityType::Deal, CommentOrder::NewestFirst);
            batch.add(crm::timeline_comments(entity, postings[which].deal, order, place.start))
        };
        let slots: Vec<_> = open.iter().map(page).collect();
        let mut reply = batch.send().await?;
        let mut further = Vec::new();
        for ((which, place), slot) in open.into_iter().zip(slots) {
            let read = match reply.page(slot).ok() {
                Ok(page) => {
                    let (rows, around) = (&page.result, (page.next, page.total));
                    place.read(rows, around, &postings[which], author)
                }
                Err(error) => ControlFlow::Break(Sight::Unknown(error.to_string())),
            };
            match read {
                ControlFlow::Continue(place) => further.push((which, place)),
                ControlFlow::Break(sight) => sights[which] = sight,
            }
        }
        open = further;
    }
    Ok(sights)
}

/// Where the next page of a deal's comments begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Place {
    start: u64,
    /// How many comments the deal had when the page before was read.
    total: u64,
}

impl Place {
    /// Only a list that was read down to comments older than the one that is sought, without a gap, makes it absent.
    fn read(
        self,
        rows: &[Guarded<Comment>],
        (next, total): (Option<u64>, Option<u64>),
        posting: &Posting,
        author: u64,
    ) -> ControlFlow<Sight<u64>, Self> {
        let unclear = |reason: &str| ControlFlow::Break(Sight::Unknown(reason.to_owned()));
        let total = total.unwrap_or(self.total);
        if total < self.total {
            return unclear(
                "comments were deleted while they were read: one of a later page may have been skipped",
            );
        }
        let (mut newer, mut is_old) = (u64::MAX, false);
        for row in rows {
            let comment = match row {
                Guarded::Ok(comment) => comment,
                Guarded::Malformed { reason, .. } => {
                    return unclear(&format!("a comment cannot be read: {reason}"));
                }
            };
            let (Some(created), Some(by)) = (&comment.created, comment.author) else {
                return unclear("the portal does not say when and by whom a comment was written");
            };
            let id = comment.id.get();
            if id >= newer {
                return unclear("the portal did not give the newest comments first");
            }
            newer = id;
            is_old = id <= posting.after || !is_new(created, posting.portal_at);
            let text = comment.text.as_deref().unwrap_or_default();
            if !is_old && by.get() == author && comment_hash(text) == posting.hash {
                return ControlFlow::Break(Sight::Found(id));
            }
        }
        match next {
            Some(start) if !is_old && start > self.start => ControlFlow::Continue(Self { start, total }),
            Some(_) if !is_old => unclear("the portal gave the same page of comments again"),
            _ => ControlFlow::Break(Sight::Absent),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn posting() -> Posting {
        let portal_at = Some("2026-09-21T12:00:00Z".parse().unwrap());
        Posting { deal: 5, hash: comment_hash("Пришёл"), portal_at, after: 10 }
    }

    fn row(id: u64, created: &str, author: u64, text: &str) -> Value {
        json!({ "ID": id.to_string(), "CREATED": created, "AUTHOR_ID": author.to_string(), "COMMENT": text })
    }

    /// What a page says, of which `next` tells whether it is the last one.
    fn seen(place: Place, rows: &[Value], next: Option<u64>, total: u64) -> ControlFlow<Sight<u64>, Place> {
        place.read(&guarded(rows), (next, Some(total)), &posting(), 1)
    }

    fn guarded(rows: &[Value]) -> Vec<Guarded<Comment>> {
        serde_json::from_value(json!(rows)).unwrap()
    }

    #[test]
    fn only_ones_own_new_comment_with_the_same_text_is_the_lost_one() {
        let seen = |row| seen(Place::default(), &[row], None, 1).break_value().unwrap();
        assert_eq!(seen(row(11, "2026-09-21T15:00:01+03:00", 1, " Пришёл\n")), Sight::Found(11));
        let mistaken_zone = row(11, "2026-09-21T04:00:01+03:00", 1, "Пришёл");
        assert_eq!(seen(mistaken_zone), Sight::Found(11), "a portal's own times differ");
        assert_eq!(seen(row(11, "2026-09-20T12:00:00+03:00", 1, "Пришёл")), Sight::Absent, "an older one");
        assert_eq!(seen(row(10, "2026-09-21T15:00:01+03:00", 1, "Пришёл")), Sight::Absent, "known already");
        assert_eq!(seen(row(11, "2026-09-21T15:00:01+03:00", 2, "Пришёл")), Sight::Absent, "somebody else's");
        assert_eq!(seen(row(11, "2026-09-21T15:00:01+03:00", 1, "Ушёл")), Sight::Absent);
        let unknown = Posting { portal_at: None, ..posting() };
        let old = [row(11, "2020-01-01T00:00:00+03:00", 1, "Пришёл")];
        let seen = Place::default().read(&guarded(&old), (None, None), &unknown, 1).break_value();
        assert_eq!(seen, Some(Sight::Found(11)), "without the portal's time nothing is older");
    }

    #[test]
    fn only_a_list_without_gaps_down_to_older_comments_makes_one_absent() {
        let (new, old) = ("2026-09-21T15:00:01+03:00", "2026-09-20T12:00:00+03:00");
        let other = |id| row(id, new, 1, "Ушёл");
        let (first, second) = (Place::default(), Place { start: 50, total: 120 });
        assert_eq!(seen(first, &[other(90)], Some(50), 120), ControlFlow::Continue(second));
        assert_eq!(seen(second, &[other(40)], None, 120), ControlFlow::Break(Sight::Absent), "the end");
        let aged = [other(40), row(39, old, 2, "Был")];
        assert_eq!(
            seen(second, &aged, Some(100), 120),
            ControlFlow::Break(Sight::Absent),
            "older ones follow"
        );
        let nameless = json!({ "ID": "40", "CREATED": new, "COMMENT": "Пришёл" });
        for (rows, next, total, why) in [
            (vec![other(40)], Some(100), 119, "one was deleted"),
            (vec![other(40)], Some(50), 120, "the same page"),
            (vec![other(40), row(41, old, 1, "Ушёл")], Some(100), 120, "in another order"),
            (vec![json!({ "ID": {} })], None, 120, "unreadable"),
            (vec![nameless], None, 120, "without an author"),
        ] {
            let sight = seen(second, &rows, next, total).break_value();
            assert!(matches!(sight, Some(Sight::Unknown(_))), "{why}: {sight:?}");
        }
    }
}
