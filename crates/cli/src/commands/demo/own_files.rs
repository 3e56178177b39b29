//! Which files in its folder are the demo's own: those it wrote and nobody has edited since.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::code::Code;
use crate::failure::Failure;

/// Beside the files: what the demo wrote, by hash.
const RECORD: &str = ".b24-demo.json";

/// The demo's folder, and the hashes of what the demo wrote into it.
pub(super) struct OwnFiles {
    folder: PathBuf,
    hashes: BTreeMap<String, String>,
}

impl OwnFiles {
    /// Refuses to go on where a file would be lost that is not the demo's, unless it may be replaced.
    ///
    /// # Errors
    /// There is such a file, or one that cannot be read.
    pub(super) fn claim(folder: &Path, files: &[String], replace: bool) -> Result<Self, Failure> {
        // Without a record, or with a damaged one, nothing in the folder is the demo's.
        let record = fs::read(folder.join(RECORD)).unwrap_or_default();
        let hashes = serde_json::from_slice(&record).unwrap_or_default();
        let own = Self { folder: folder.to_owned(), hashes };
        let mut foreign = Vec::new();
        for name in files {
            let hash = own.hash(name)?;
            if hash.is_some() && hash.as_ref() != own.hashes.get(name) {
                foreign.push(name.as_str());
            }
        }
        if foreign.is_empty() || replace {
            return Ok(own);
        }
        Err(Failure::new(Code::Exists, format!("writing the demo into {}", folder.display()))
            .because(format!("the demo did not write this, or it was edited since: {}", foreign.join(", ")))
            .advise("choose another folder with --out, or replace it with --force"))
    }

    /// Records files that the demo has just written.
    ///
    /// # Errors
    /// They cannot be read, or the record cannot be written.
    pub(super) fn record(&mut self, files: &[String]) -> Result<(), Failure> {
        for name in files {
            if let Some(hash) = self.hash(name)? {
                self.hashes.insert(name.clone(), hash);
            }
        }
        let path = self.folder.join(RECORD);
        let failed = |error: std::io::Error| Failure::file(format!("writing {}", path.display()), &error);
        let text = serde_json::to_vec_pretty(&self.hashes).map_err(|error| failed(error.into()))?;
        fs::write(&path, text).map_err(failed)
    }

    fn hash(&self, name: &str) -> Result<Option<String>, Failure> {
        let path = self.folder.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(blake3::hash(&bytes).to_hex().to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::file(format!("reading {}", path.display()), &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_demo_wrote_and_nobody_edited_is_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let files = ["a.txt".to_owned(), "b.txt".to_owned()];
        let claim = |replace| OwnFiles::claim(folder, &files, replace);
        let mut own = claim(false).unwrap();
        fs::write(folder.join("a.txt"), "demo").unwrap();
        own.record(&files[..1]).unwrap();
        assert!(claim(false).is_ok(), "its own file");
        fs::write(folder.join("b.txt"), "mine").unwrap();
        let refused = claim(false).err().unwrap();
        assert!(refused.cause().unwrap().ends_with(": b.txt"), "{refused:?}");
        fs::remove_file(folder.join("b.txt")).unwrap();
        fs::write(folder.join("a.txt"), "demo, edited").unwrap();
        assert!(claim(false).is_err() && claim(true).is_ok());
        fs::remove_file(folder.join("a.txt")).unwrap();
        assert!(claim(false).is_ok(), "removed files are made again");
    }
}
