//! A large file of raw invoices, made of a small one: ids, numbers and links are new, everything else is repeated.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};

/// An invoice cut where its id and number stand.
struct Piece<'a> {
    number: &'a str,
    /// From behind the number to the id in the link.
    middle: &'a str,
    end: &'a str,
}

/// Writes `count` invoices to `to`, repeating those of `from`.
pub(super) fn multiply(from: &Path, to: &Path, count: u64) -> Result<()> {
    let text = std::fs::read_to_string(from).with_context(|| format!("could not read {}", from.display()))?;
    let (header, lines) = text.split_once('\n').context("the raw file is empty")?;
    let pieces: Vec<Piece<'_>> = lines.lines().filter_map(cut).collect();
    let file = File::create(to).with_context(|| format!("could not write {}", to.display()))?;
    let mut file = BufWriter::new(file);
    writeln!(file, "{header}")?;
    for (id, round, piece) in
        (1..=count).zip(repeated(&pieces)).map(|(id, (round, piece))| (id, round, piece))
    {
        let Piece { number, middle, end } = piece;
        writeln!(
            file,
            "{{\"invoice\":{{\"id\":{id},\"number\":\"{number}-{round}\"{middle}/details/{id}/{end}"
        )?;
    }
    writeln!(file, "{{\"end\":{{\"items\":{count}}}}}")?;
    file.flush()?;
    Ok(())
}

fn repeated<'a, 'b>(pieces: &'b [Piece<'a>]) -> impl Iterator<Item = (u64, &'b Piece<'a>)> {
    (0..).flat_map(|round| pieces.iter().map(move |piece| (round, piece)))
}

/// None for a gap, and for an invoice without a number or link.
fn cut(line: &str) -> Option<Piece<'_>> {
    let (id, rest) = line.strip_prefix("{\"invoice\":{\"id\":")?.split_once(",\"number\":\"")?;
    let (number, rest) = rest.split_once('"')?;
    let (middle, end) = rest.split_once(&format!("/details/{id}/"))?;
    Some(Piece { number, middle, end })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invoices_are_repeated_with_new_ids_numbers_and_links() {
        let folder = std::env::temp_dir().join(format!("b24-raw-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (from, to) = (folder.join("from"), folder.join("to"));
        let line = "{\"invoice\":{\"id\":7,\"number\":\"A-7\",\"url\":\"https://p/details/7/\"}}";
        std::fs::write(&from, format!("{{\"b24_raw\":1}}\n{line}\n{{\"gap\":{{}}}}\n")).unwrap();
        multiply(&from, &to, 2).unwrap();
        let written = std::fs::read_to_string(&to).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(
            written,
            "{\"b24_raw\":1}\n\
             {\"invoice\":{\"id\":1,\"number\":\"A-7-0\",\"url\":\"https://p/details/1/\"}}\n\
             {\"invoice\":{\"id\":2,\"number\":\"A-7-1\",\"url\":\"https://p/details/2/\"}}\n\
             {\"end\":{\"items\":2}}\n"
        );
    }
}
