//! The vector index follows the file.

use std::path::Path;

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::Store;
use super::spaces::{space_id, space_in};
use crate::embedder::Space;
use crate::error::Error;
use crate::hash::Hash;
use crate::index::side_file::{beside, load};
use crate::index::{Followed, Index, Stamp};

/// So many vectors are compared one by one as fast as an index is looked for.
const FEW: i64 = 2_000;
/// Vectors that the mean is taken of.
const SAMPLE: i64 = 4_096;

impl Store {
    /// Brings the vector index of the answering space up to date and writes it beside the file, so that the next process
    /// that searches need not. Says how many vectors it has; nought when they are too few to need one.
    ///
    /// # Errors
    /// The queue's file fails, or the index cannot be written.
    pub fn refresh_index(&self) -> Result<u64, Error> {
        self.read("bring the vector index up to date", |transaction| {
            let Some(space) = space_in(transaction, "ACTIVE")? else { return Ok(()) };
            follow(transaction, &self.path, &space, &mut self.index())
        })?;
        let mut slot = self.index();
        let Some(index) = &mut *slot else { return Ok(0) };
        let path = beside(&self.path);
        if index.is_unsaved() || !path.exists() {
            index.save(&path).map_err(|source| Error::Create { path, source })?;
        }
        Ok(index.len() as u64)
    }

    /// Writes the index if much has changed. Not being able to costs time and nothing else, so that is no error.
    pub(super) fn keep_index(&self) {
        let mut slot = self.index();
        if let Some(index) = slot.as_mut().filter(|index| index.is_stale())
            && index.save(&beside(&self.path)).is_err()
        {
            index.give_up_saving();
        }
    }

    /// What is in the side file is personal data too.
    pub(super) fn drop_index(&self) -> Result<(), Error> {
        *self.index() = None;
        let path = beside(&self.path);
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::Create { path, source })
            }
            _ => Ok(()),
        }
    }
}

/// Leaves in `slot` an index of everything that is READY in the snapshot, or none when there are few vectors.
pub(super) fn follow(
    transaction: &Transaction<'_>,
    path: &Path,
    space: &Space,
    slot: &mut Option<Index>,
) -> rusqlite::Result<()> {
    let Some(id) = space_id(transaction, space)? else { return Ok(()) };
    if few(transaction)? {
        *slot = None;
        return Ok(());
    }
    let database = transaction
        .prepare_cached("SELECT value FROM meta WHERE name = 'database'")?
        .query_row([], |row| row.get(0))?;
    let stamp = Stamp { database, space: Hash::of(&space.identity()), dimensions: space.dimensions };
    if slot.as_ref().is_none_or(|index| index.stamp != stamp) {
        *slot = load(&beside(path), stamp);
    }
    let usable = match slot {
        Some(index) => catch_up(transaction, id, index)? && !index.is_off_centre(),
        None => false,
    };
    if !usable {
        *slot = Some(built(transaction, id, stamp)?);
    }
    Ok(())
}

fn few(transaction: &Transaction<'_>) -> rusqlite::Result<bool> {
    let some = "SELECT count(*) FROM (SELECT 1 FROM embeddings WHERE vector_id IS NOT NULL LIMIT ?1)";
    let count: i64 = transaction.prepare_cached(some)?.query_row([FEW + 1], |row| row.get(0))?;
    Ok(count <= FEW)
}

fn built(transaction: &Transaction<'_>, space: i64, stamp: Stamp) -> rusqlite::Result<Index> {
    let count = "SELECT count(vector_id) FROM embeddings WHERE vector_id IS NOT NULL";
    let count: i64 = transaction.query_row(count, [], |row| row.get(0))?;
    let centre = centre(transaction, space, stamp.dimensions)?;
    let mut index = Index::new(stamp, centre, usize::try_from(count).unwrap_or(0));
    add_new(transaction, space, &mut index)?;
    index.followed.vectors = last(transaction, "vectors")?;
    index.followed.removals = last(transaction, "removals")?;
    Ok(index)
}

/// Takes in what was written since, by whatever process; `false` when the index is of another past.
fn catch_up(transaction: &Transaction<'_>, space: i64, index: &mut Index) -> rusqlite::Result<bool> {
    let Followed { vectors, removals, newest: (newest, text) } = index.followed;
    let (written, removed) = (last(transaction, "vectors")?, last(transaction, "removals")?);
    let found: Option<Hash> = transaction
        .prepare_cached("SELECT source_hash FROM embeddings WHERE vector_id = ?1 AND space_id = ?2")?
        .query_row([newest, space], |row| row.get(0))
        .optional()?;
    let gone: Vec<i64> = transaction
        .prepare_cached("SELECT vector_id FROM removals WHERE number > ?1")?
        .query_map([removals], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let same_past = written >= vectors
        && i64::try_from(gone.len()).is_ok_and(|count| removals + count == removed)
        && found.map_or_else(|| !index.has(newest) || gone.contains(&newest), |found| found == text);
    if same_past {
        for id in gone {
            index.remove(id);
        }
        add_new(transaction, space, index)?;
        (index.followed.vectors, index.followed.removals) = (written, removed);
    }
    Ok(same_past)
}

fn add_new(transaction: &Transaction<'_>, space: i64, index: &mut Index) -> rusqlite::Result<()> {
    let mut statement = transaction.prepare_cached(
        "SELECT vectors.id, source_hash, vector FROM vectors CROSS JOIN embeddings ON vector_id = vectors.id
         WHERE vectors.id > ?1 AND space_id = ?2 ORDER BY vectors.id",
    )?;
    let mut rows = statement.query(params![index.followed.vectors, space])?;
    let mut vector = Vec::with_capacity(index.stamp.dimensions);
    while let Some(row) = rows.next()? {
        read_into(&mut vector, row.get_ref(2)?.as_blob().unwrap_or_default());
        let id = row.get(0)?;
        index.add(id, &vector);
        index.followed.newest = (id, row.get(1)?);
    }
    Ok(())
}

/// The mean of vectors from all parts of the table.
fn centre(transaction: &Transaction<'_>, space: i64, dimensions: usize) -> rusqlite::Result<Vec<f32>> {
    let (first, last): (i64, i64) = transaction.query_row(
        "SELECT coalesce(min(vector_id), 0), coalesce(max(vector_id), 0) FROM embeddings",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let step = (last - first) / SAMPLE + 1;
    let mut statement = transaction.prepare_cached(
        "SELECT vector FROM vectors CROSS JOIN embeddings ON vector_id = vectors.id
         WHERE vectors.id BETWEEN ?1 AND ?2 AND space_id = ?3 ORDER BY vectors.id LIMIT 1",
    )?;
    let (mut centre, mut vector, mut count) = (vec![0.0; dimensions], Vec::new(), 0.0_f32);
    let mut from = first;
    while from <= last {
        let mut rows = statement.query([from, from + step - 1, space])?;
        if let Some(row) = rows.next()? {
            read_into(&mut vector, row.get_ref(0)?.as_blob().unwrap_or_default());
            for (mean, component) in centre.iter_mut().zip(&vector) {
                *mean += component;
            }
            count += 1.0;
        }
        from += step;
    }
    for mean in &mut centre {
        *mean /= count.max(1.0);
    }
    Ok(centre)
}

/// The highest number that the table ever gave.
fn last(transaction: &Transaction<'_>, table: &str) -> rusqlite::Result<i64> {
    let number = transaction
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = ?1")?
        .query_row([table], |row| row.get(0))
        .optional()?;
    Ok(number.unwrap_or(0))
}

fn read_into(vector: &mut Vec<f32>, stored: &[u8]) {
    let (components, _) = stored.as_chunks::<4>();
    vector.clear();
    vector.extend(components.iter().map(|bytes| f32::from_le_bytes(*bytes)));
}
