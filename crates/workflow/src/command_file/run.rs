//! Runs the commands of a file as one batch.

use std::collections::HashMap;

use b24_client::params::Param;
use b24_client::{Batch, BatchError, Call, Client, Composed, Outcome, Params, Slot};
use serde_json::value::RawValue;

use super::failure::Mistake;
use super::node::{Node, Value};
use super::reference::{self, Piece};
use super::{CommandFile, CommandFileError};

/// What became of one command.
#[derive(Debug)]
pub struct Ran {
    /// Its name in the file.
    pub name: String,
    /// Its method.
    pub method: String,
    /// What became of it; a result is the portal's JSON text.
    pub outcome: Outcome<Box<RawValue>>,
}

/// Sends all commands. Every one has exactly one outcome, in the order of the file.
///
/// # Errors
/// Before anything is sent: commands that the batch builder refuses, with the line of the file.
pub async fn run(client: &Client, file: &CommandFile, halt: bool) -> Result<Vec<Ran>, CommandFileError> {
    let (mut batch, slots) = build(client, file);
    batch.halt(halt || file.halt);
    let mut reply = batch.send().await.map_err(|error| file.located(&error))?;
    let taken = file.commands.iter().zip(slots).map(|(command, slot)| Ran {
        name: command.name.clone(),
        method: command.method.clone(),
        outcome: reply.take(slot),
    });
    Ok(taken.collect())
}

/// The batch of a file, and the slots of its commands.
pub(super) fn build(client: &Client, file: &CommandFile) -> (Batch, Vec<Slot<Box<RawValue>>>) {
    let mut batch = client.batch();
    let mut positions: HashMap<&str, usize> = HashMap::new();
    let mut slots: Vec<Slot<Box<RawValue>>> = Vec::with_capacity(file.commands.len());
    for command in &file.commands {
        let refer = |name: &str, path: &str| {
            let slot = positions.get(name).and_then(|position| slots.get(*position));
            slot.map_or(Param::Null, |slot| slot.at(path).into())
        };
        let params = command.params.as_ref().map(|node| params(node, &refer)).unwrap_or_default();
        let slot = batch.add(Call::of(command.method.clone(), params));
        positions.insert(&command.name, slots.len());
        slots.push(slot);
    }
    (batch, slots)
}

fn params(node: &Node, refer: &dyn Fn(&str, &str) -> Param) -> Params {
    match &node.value {
        Value::Table(entries) => {
            entries.iter().map(|entry| (entry.key.clone(), param(&entry.node, refer))).collect()
        }
        Value::List(_) => {
            // Positional methods take a list; only its JSON form makes one.
            let json = Params::new().set("list", param(node, &|_, _| Param::Null)).to_json();
            let list = json.ok().and_then(|text| {
                let inner = text.strip_prefix("{\"list\":")?.strip_suffix('}')?;
                Params::from_json(inner).ok()
            });
            list.unwrap_or_default()
        }
        _ => Params::new(),
    }
}

fn param(node: &Node, refer: &dyn Fn(&str, &str) -> Param) -> Param {
    match &node.value {
        Value::Null => Param::Null,
        Value::Bool(truth) => Param::Bool(*truth),
        Value::Number(number) => Param::Number(number.clone()),
        // What cannot be read was refused when the file was.
        Value::Text(text) => reference::read(text).map_or_else(
            |_| Param::Text(text.clone()),
            |pieces| match pieces.as_slice() {
                [Piece::Reference { name, path }] => refer(name, path),
                pieces => composed(pieces, refer),
            },
        ),
        Value::List(items) => Param::List(items.iter().map(|item| param(item, refer)).collect()),
        Value::Table(_) => Param::Map(params(node, refer)),
    }
}

/// A text in which references stand; without any it is a plain one.
fn composed(pieces: &[Piece<'_>], refer: &dyn Fn(&str, &str) -> Param) -> Param {
    let mut text = Composed::new();
    let mut plain = String::new();
    let mut refers = false;
    for piece in pieces {
        match piece {
            Piece::Text(part) => {
                plain.push_str(part);
                text = text.text(*part);
            }
            Piece::Reference { name, path } => {
                if let Param::Reference(reference) = refer(name, path) {
                    text = text.value(reference);
                    refers = true;
                }
            }
        }
    }
    if refers { text.into() } else { Param::Text(plain) }
}

impl CommandFile {
    /// What the batch builder refuses, as a mistake of the file.
    pub(super) fn located(&self, error: &BatchError) -> CommandFileError {
        let at = |position: usize| {
            let command = self.commands.get(position);
            command.map_or((0, String::new()), |command| (command.line, format!("command.{}", command.name)))
        };
        match error {
            BatchError::GroupTooLarge { size, first, .. } => {
                let (line, key) = at(*first);
                let message = format!("{size} commands refer to each other, a request holds 50");
                CommandFileError::new(Mistake::Group, line, key, message)
            }
            BatchError::Reference { position, reason, .. } => {
                let (line, key) = at(*position);
                CommandFileError::new(Mistake::Reference, line, key, reason.clone())
            }
            BatchError::Params { position, source, .. } => {
                let (line, key) = at(*position);
                CommandFileError::new(Mistake::Params, line, key, source.to_string())
            }
            other => CommandFileError::new(Mistake::Params, 0, "", other.to_string()),
        }
    }
}
