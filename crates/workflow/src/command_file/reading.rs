//! From values to commands: everything that can be checked without the portal, with the line and key of a mistake.

use std::collections::BTreeSet;

use super::failure::Mistake;
use super::node::{Entry, Node, Value};
use super::reference::{self, Piece};
use super::{CommandFile, CommandFileError, NamedCommand};

/// The portal executes these outside of a batch only.
const NOT_IN_A_BATCH: [&str; 3] = ["batch", "download", "upload"];

pub(super) fn command_file(root: Node) -> Result<CommandFile, CommandFileError> {
    let Value::Table(entries) = root.value else {
        let message = format!("the file is {}, not a group of values", root.value.kind());
        return Err(CommandFileError::new(Mistake::Syntax, root.line, "", message));
    };
    let mut file = CommandFile { halt: false, commands: Vec::new() };
    for entry in entries {
        match (entry.key.as_str(), entry.node.value) {
            ("halt", Value::Bool(halt)) => file.halt = halt,
            ("command", Value::Table(commands)) => file.commands = named(commands)?,
            (key @ ("halt" | "command"), other) => {
                let wanted = if key == "halt" { "true or false" } else { "commands by their names" };
                let message = format!("it is {}, wanted {wanted}", other.kind());
                return Err(CommandFileError::new(Mistake::Key, entry.line, key, message));
            }
            (key, _) => return Err(unknown(entry.line, key)),
        }
    }
    if file.commands.is_empty() {
        return Err(CommandFileError::new(Mistake::Empty, 0, "command", "the file has no commands"));
    }
    Ok(file)
}

fn unknown(line: usize, key: &str) -> CommandFileError {
    CommandFileError::new(Mistake::Key, line, key, "this key is not known")
}

fn named(entries: Vec<Entry>) -> Result<Vec<NamedCommand>, CommandFileError> {
    let all: BTreeSet<String> = entries.iter().map(|entry| entry.key.clone()).collect();
    let mut earlier: BTreeSet<String> = BTreeSet::new();
    let mut commands = Vec::with_capacity(entries.len());
    for entry in entries {
        let command = named_command(entry)?;
        if let Some(params) = &command.params {
            let key = format!("command.{}.params", command.name);
            let check = Check { all: &all, earlier: &earlier, own: &command.name };
            check.node(&key, params)?;
            top_level(&key, params)?;
        }
        earlier.insert(command.name.clone());
        commands.push(command);
    }
    Ok(commands)
}

fn named_command(entry: Entry) -> Result<NamedCommand, CommandFileError> {
    let key = format!("command.{}", entry.key);
    let Value::Table(parts) = entry.node.value else {
        let message = format!("it is {}, wanted method and params", entry.node.value.kind());
        return Err(CommandFileError::new(Mistake::Key, entry.line, key, message));
    };
    let mut command = NamedCommand { name: entry.key, line: entry.line, method: String::new(), params: None };
    for part in parts {
        let key = format!("{key}.{}", part.key);
        match (part.key.as_str(), part.node.value) {
            ("method", Value::Text(method)) => command.method = checked_method(&key, part.line, method)?,
            ("params", Value::Null) => {}
            ("params", value @ (Value::Table(_) | Value::List(_))) => {
                command.params = Some(Node { line: part.node.line, value });
            }
            ("method", other) => {
                let message = format!("it is {}, wanted a text", other.kind());
                return Err(CommandFileError::new(Mistake::Method, part.line, key, message));
            }
            ("params", other) => {
                let message = format!("it is {}, wanted a group of values", other.kind());
                return Err(CommandFileError::new(Mistake::Params, part.line, key, message));
            }
            _ => return Err(unknown(part.line, &key)),
        }
    }
    if command.method.is_empty() {
        return Err(CommandFileError::new(Mistake::Method, entry.line, key, "it names no method"));
    }
    Ok(command)
}

fn checked_method(key: &str, line: usize, method: String) -> Result<String, CommandFileError> {
    let refuse = |message: String| Err(CommandFileError::new(Mistake::Method, line, key, message));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !method.chars().all(plain) || !method.contains(|c: char| c.is_ascii_alphabetic()) {
        return refuse(format!("`{method}` is no name of a method"));
    }
    if NOT_IN_A_BATCH.iter().any(|one| one.eq_ignore_ascii_case(&method)) {
        return refuse(format!("the portal runs `{method}` outside of a batch only"));
    }
    Ok(method)
}

/// The portal folds the case of top-level names and keeps only the last.
fn top_level(key: &str, params: &Node) -> Result<(), CommandFileError> {
    let Value::Table(entries) = &params.value else { return Ok(()) };
    for (index, entry) in entries.iter().enumerate() {
        let earlier = entries.iter().take(index).find(|one| one.key.eq_ignore_ascii_case(&entry.key));
        if let Some(first) = earlier {
            let message =
                format!("the portal takes it for the same as `{}` of line {}", first.key, first.line);
            let key = format!("{key}.{}", entry.key);
            return Err(CommandFileError::new(Mistake::DuplicateKey, entry.line, key, message));
        }
    }
    Ok(())
}

/// Checks values: references lead to earlier commands, no condition is empty.
struct Check<'a> {
    all: &'a BTreeSet<String>,
    earlier: &'a BTreeSet<String>,
    own: &'a str,
}

impl Check<'_> {
    fn node(&self, key: &str, node: &Node) -> Result<(), CommandFileError> {
        match &node.value {
            Value::Text(text) => {
                let refuse = |message| CommandFileError::new(Mistake::Reference, node.line, key, message);
                reference::read(text).map_err(refuse)?.iter().try_for_each(|piece| match piece {
                    Piece::Reference { name, .. } => self.reference(name).map_err(refuse),
                    Piece::Text(_) => Ok(()),
                })
            }
            Value::List(items) => {
                items.iter().enumerate().try_for_each(|(n, item)| self.node(&format!("{key}[{n}]"), item))
            }
            Value::Table(entries) => entries.iter().try_for_each(|entry| {
                let key = format!("{key}.{}", entry.key);
                let is_condition = entry.key.starts_with('@') || entry.key.starts_with("!@");
                if is_condition && matches!(&entry.node.value, Value::List(items) if items.is_empty()) {
                    let message = "the portal would drop a condition with an empty list";
                    return Err(CommandFileError::new(Mistake::Params, entry.line, key, message));
                }
                self.node(&key, &entry.node)
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        }
    }

    fn reference(&self, name: &str) -> Result<(), String> {
        if self.earlier.contains(name) {
            Ok(())
        } else if name == self.own {
            Err(format!("`{name}` refers to itself"))
        } else if self.all.contains(name) {
            Err(format!("`{name}` comes later; a command refers to earlier ones"))
        } else {
            Err(format!("there is no command `{name}`"))
        }
    }
}
