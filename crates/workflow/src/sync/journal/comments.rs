//! Which comment was posted to each deal last.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use rusqlite::params;

use super::{Journal, JournalError, Pen, list, signed, unsigned};

/// The comment that was posted to a deal last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedComment {
    /// MD5 of its text, in hexadecimal.
    pub hash: String,
    /// Its number; none when it was found in a list of the earlier system.
    pub comment: Option<u64>,
    /// Whether the earlier system counted white space at its ends.
    pub legacy: bool,
}

/// MD5 of the trimmed text, in hexadecimal. The portal trims comments.
#[must_use]
pub fn comment_hash(text: &str) -> String {
    format!("{:x}", md5::compute(text.trim()))
}

impl PostedComment {
    /// Whether this is the comment with the text. Lists of the earlier system are compared with both spellings.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        self.hash == comment_hash(text) || self.legacy && self.hash == format!("{:x}", md5::compute(text))
    }
}

impl Journal {
    /// The last comments of these deals, as far as they are known.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn posted(&self, deals: &[u64]) -> Result<HashMap<u64, PostedComment>, JournalError> {
        self.read("read which comments were posted", |transaction| {
            transaction
                .prepare_cached(
                    "SELECT deal, hash, comment, legacy FROM comments
                     WHERE deal IN (SELECT value FROM json_each(?1))",
                )?
                .query_map([list(deals)?], |row| {
                    let comment = row.get::<_, Option<i64>>(2)?.map(unsigned);
                    let posted = PostedComment { hash: row.get(1)?, comment, legacy: row.get(3)? };
                    Ok((unsigned(row.get(0)?), posted))
                })?
                .collect()
        })
    }

    /// Takes over the list of an earlier system, `{"123": "md5…"}`. What this journal knows itself stays. Gives how many
    /// deals were taken over.
    ///
    /// # Errors
    /// The text is no such list; nothing is taken over then. The journal cannot be written.
    pub fn import_comment_hashes(&self, json: &str, now: Timestamp) -> Result<u64, JournalError> {
        let listed: BTreeMap<String, String> = serde_json::from_str(json.trim_start_matches('\u{feff}'))
            .map_err(|error| JournalError::Hashes { reason: error.to_string() })?;
        let mut hashes = Vec::with_capacity(listed.len());
        for (deal, hash) in listed {
            let number: u64 = deal
                .trim()
                .parse()
                .map_err(|_| JournalError::Hashes { reason: format!("`{deal}` is no number of a deal") })?;
            let hash = hash.trim().to_ascii_lowercase();
            if hash.len() != 32 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(JournalError::Hashes { reason: format!("the hash of deal {number} is no MD5") });
            }
            hashes.push((number, hash));
        }
        self.write("take over comment hashes", |transaction| {
            let mut statement = transaction.prepare_cached(
                "INSERT INTO comments (deal, hash, legacy, at) VALUES (?1, ?2, 1, ?3) ON CONFLICT (deal) DO NOTHING",
            )?;
            let mut taken = 0;
            for (deal, hash) in &hashes {
                taken += statement.execute(params![signed(*deal), hash, now.as_millisecond()])?;
            }
            Ok(taken as u64)
        })
    }

    /// Forgets which comments were posted, so that they are posted anew: of one deal, or of all. Gives of how many.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn forget_comments(&self, deal: Option<u64>) -> Result<u64, JournalError> {
        self.write("forget which comments were posted", |transaction| {
            transaction
                .execute("DELETE FROM comments WHERE ?1 IS NULL OR deal = ?1", [deal.map(signed)])
                .map(|deals| deals as u64)
        })
    }
}

impl Pen<'_> {
    /// A comment was posted to a deal.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn posted(
        &self,
        deal: u64,
        hash: &str,
        comment: Option<u64>,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.execute(
            "INSERT INTO comments (deal, hash, comment, legacy, at) VALUES (?1, ?2, ?3, 0, ?4)
             ON CONFLICT (deal) DO UPDATE SET hash = excluded.hash, comment = coalesce(excluded.comment, comment),
                 legacy = 0, at = excluded.at",
            params![signed(deal), hash, comment.map(signed), now.as_millisecond()],
        )
        .map(drop)
    }
}
