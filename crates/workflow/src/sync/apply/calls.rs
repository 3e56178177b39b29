//! What is sent for a record.

use b24_client::crm::EntityType;
use b24_client::params::Param;
use b24_client::{Params, Slot};
use serde_json::value::RawValue;

use super::job::Job;
use crate::sending::RawCall;
use crate::sync::entry::{Assignment, Change, ContactChoice};
use crate::sync::journal::{Command, NewIntent, comment_hash};
use crate::sync::mapping::{Automation, Resolved};

/// A command of a record.
pub(super) struct Part {
    pub(super) command: Command,
    pub(super) target: Option<u64>,
    pub(super) mark: Option<String>,
    pub(super) call: RawCall,
    /// The comment goes to the deal that the command before it creates.
    pub(super) follows: bool,
}

impl Part {
    pub(super) fn intent(&self, key: &str) -> NewIntent {
        NewIntent { key: key.to_owned(), command: self.command, target: self.target, mark: self.mark.clone() }
    }
}

/// Everything of a record but the creation of its contact, in the order it is executed.
pub(super) fn parts(job: &Job, rules: &Resolved) -> Vec<Part> {
    let mut parts = Vec::new();
    if let Some((id, changes)) = job.contact_changes() {
        parts.push(change(Command::ContactUpdate, EntityType::Contact, id, changed(changes)));
    }
    let mut creates = false;
    if let Some(fields) = job.creation() {
        creates = true;
        parts.push(Part {
            command: Command::DealAdd,
            target: None,
            mark: Some(key_sent(fields, job, rules)),
            call: RawCall::write(
                "crm.item.add",
                Params::new().set("entityTypeId", EntityType::Deal).set("fields", deal_fields(job, fields)),
            ),
            follows: false,
        });
    } else if let (Some((changes, link)), Some(deal)) = (job.deal_changes(), job.deal) {
        let mut fields = changed(changes);
        if let Some(contact) = link {
            fields.put("contactId", contact);
        }
        parts.push(change(Command::DealUpdate, EntityType::Deal, deal, fields));
    }
    if let Some(text) = job.comment() {
        parts.push(comment(text, job.deal, creates));
    }
    // Changing a lead starts its robots.
    let leads = rules.leads.as_ref().filter(|_| rules.automation == Automation::Run);
    let status = leads.and_then(|leads| leads.status.as_ref());
    if let (Some(lead), Some(status)) = (job.lead(), status) {
        let fields = Params::new().set("stageId", status);
        parts.push(change(Command::LeadUpdate, EntityType::Lead, lead, fields));
    }
    parts
}

/// The comment of a deal that is there, or is created just before.
pub(super) fn comment(text: &str, deal: Option<u64>, follows: bool) -> Part {
    let mut fields = Params::new().set("ENTITY_TYPE", "deal").set("COMMENT", text.trim());
    if let Some(deal) = deal {
        fields.put("ENTITY_ID", deal);
    }
    Part {
        command: Command::CommentAdd,
        target: deal,
        mark: Some(comment_hash(text)),
        call: RawCall::write("crm.timeline.comment.add", Params::new().set("fields", fields)),
        follows,
    }
}

/// A comment with the deal that the command before it creates.
pub(super) fn following(call: RawCall, deal: &Slot<Box<RawValue>>) -> RawCall {
    let mut fields = match call.params().get("fields") {
        Some(Param::Map(fields)) => fields.clone(),
        _ => Params::new(),
    };
    fields.put("ENTITY_ID", deal.at("[item][id]"));
    call.set("fields", fields)
}

/// Robots run at every change, so a change whose answer was lost is not repeated blindly.
fn change(command: Command, entity: EntityType, id: u64, fields: Params) -> Part {
    let params = Params::new().set("entityTypeId", entity).set("id", id).set("fields", fields);
    Part {
        command,
        target: Some(id),
        mark: None,
        call: RawCall::write("crm.item.update", params),
        follows: false,
    }
}

fn changed(changes: &[Change]) -> Params {
    changes.iter().map(|change| (change.name.clone(), change.after.to_param())).collect()
}

/// What an empty field is set to on creation is what it is anyway.
fn assigned(fields: &[Assignment]) -> Params {
    let filled = fields.iter().filter(|field| !field.value.is_empty());
    filled.map(|field| (field.name.clone(), field.value.to_param())).collect()
}

/// The fields of a deal that is created.
pub(super) fn deal_fields(job: &Job, fields: &[Assignment]) -> Params {
    let mut params = assigned(fields);
    if let Some(contact) = job.contact {
        params.put("contactId", contact);
    }
    params
}

/// The external key that a created deal gets: the record's own, or one with a suffix.
pub(super) fn key_sent(fields: &[Assignment], job: &Job, rules: &Resolved) -> String {
    let field = fields.iter().find(|field| field.name == rules.key.field.name);
    field.and_then(|field| field.value.first()).unwrap_or(&job.entry.key).to_owned()
}

/// The fields of a contact that is created for a record.
pub(super) fn contact_fields(job: &Job, rules: &Resolved) -> Params {
    let Some(ContactChoice::Create { phones, name, fields, .. }) = job.choice() else { return Params::new() };
    let mut params = Params::new();
    for (field, text) in [("lastName", &name.last), ("name", &name.first), ("secondName", &name.second)] {
        if !text.is_empty() {
            params.put(field, text);
        }
    }
    for (field, value) in assigned(fields).iter() {
        params.put(field, value.clone());
    }
    let rule = rules.contact.as_ref();
    let kind = rule.map_or("MOBILE", |rule| rule.phone_type.as_str());
    if rules.automation == Automation::Skip {
        // Imports are documented with the older methods' shape only.
        let number = |phone: &String| Params::new().set("VALUE", phone).set("VALUE_TYPE", kind);
        let numbers: Vec<Params> = phones.iter().map(number).collect();
        if !numbers.is_empty() {
            params.put("PHONE", numbers);
        }
    } else {
        // A numeric key would name a number that is there already.
        let number = |(n, phone): (usize, &String)| {
            let number = Params::new().set("typeId", "PHONE").set("valueType", kind).set("value", phone);
            (format!("n{n}"), number)
        };
        let numbers: Params = phones.iter().enumerate().map(number).collect();
        if !phones.is_empty() {
            params.put("fm", numbers);
        }
    }
    params.put("originatorId", &rules.originator);
    params.put(rule.map_or("originId", |rule| rule.identity_field.name.as_str()), &job.entry.key);
    params
}
