//! Which column becomes which field.

use b24_client::Params;
use b24_client::params::Param;

use super::ImportError;
use super::verb::Verb;

/// Where the value of a column goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// Nowhere.
    Nothing,
    /// The id of the record to update.
    Id,
    /// A field, or a place inside it: `PHONE[0][VALUE]`.
    Field(Vec<String>),
}

/// `--map`: names of columns and what they are sent as.
#[derive(Debug, Clone, Default)]
pub(super) struct Mapping {
    renamed: Vec<(String, String)>,
}

impl Mapping {
    pub(super) fn new(renamed: &[(String, String)]) -> Result<Self, ImportError> {
        let repeated = renamed
            .iter()
            .enumerate()
            .find(|(index, (column, _))| renamed.iter().take(*index).any(|(earlier, _)| earlier == column));
        if let Some((_, (column, _))) = repeated {
            return Err(ImportError::Map { reason: format!("`{column}` is mapped twice") });
        }
        Ok(Self { renamed: renamed.to_vec() })
    }

    /// What a column is sent as.
    pub(super) fn target(&self, column: &str, verb: Verb) -> Result<Target, ImportError> {
        let renamed = self.renamed.iter().find(|(name, _)| name == column);
        let name = renamed.map_or(column, |(_, field)| field.as_str());
        if name.is_empty() || name == "-" {
            return Ok(Target::Nothing);
        }
        if verb == Verb::Update && name.eq_ignore_ascii_case("id") {
            return Ok(Target::Id);
        }
        let path = path(name).ok_or_else(|| ImportError::Map {
            reason: format!("`{name}` is no field: write NAME, or PHONE[0][VALUE] for a place inside it"),
        })?;
        Ok(Target::Field(path))
    }

    /// The targets of a heading. Every mapped column must be there, and no field be filled twice.
    pub(super) fn targets(&self, columns: &[String], verb: Verb) -> Result<Vec<Target>, ImportError> {
        if let Some((column, _)) = self.renamed.iter().find(|(column, _)| !columns.contains(column)) {
            return Err(ImportError::Map { reason: format!("there is no column `{column}`") });
        }
        let targets: Vec<Target> =
            columns.iter().map(|column| self.target(column, verb)).collect::<Result<_, _>>()?;
        for (index, target) in targets.iter().enumerate() {
            let twice = *target != Target::Nothing && targets.iter().take(index).any(|one| one == target);
            if twice {
                let column = columns.get(index).map_or("", String::as_str);
                let reason = format!("`{column}` is sent as a field that another column is sent as");
                return Err(ImportError::Map { reason });
            }
        }
        Ok(targets)
    }
}

fn path(name: &str) -> Option<Vec<String>> {
    let Some((outer, inner)) = name.split_once('[') else { return Some(vec![name.to_owned()]) };
    let mut path = vec![outer];
    path.extend(inner.strip_suffix(']')?.split("]["));
    let well_formed = path.iter().all(|part| !part.is_empty() && !part.contains(['[', ']']));
    well_formed.then(|| path.into_iter().map(str::to_owned).collect())
}

/// Puts a value at a path; what stood in the way is replaced.
pub(super) fn put(fields: &mut Params, path: &[String], value: Param) {
    let Some((key, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        fields.put(key, value);
        return;
    }
    let mut inner = match fields.get(key) {
        Some(Param::Map(inner)) => inner.clone(),
        _ => Params::new(),
    };
    put(&mut inner, rest, value);
    fields.put(key, inner);
}
