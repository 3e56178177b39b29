//! Payments of the invoices whose payment date no field tells.

use std::collections::HashMap;

use b24_client::crm::{self, Payment};
use b24_client::{Batch, BatchReply, CallError, Client, Slot};
use data_processor::raw::{RawInvoice, RawNote, RawPayment};
use data_processor::{Status, date};

use super::assemble::{Header, token};
use crate::register::texts::reasons;
use crate::source::{Missing, Part, Reason};

/// What is known about an invoice's payments.
enum Payments {
    Told(Vec<Payment>),
    /// The portal refuses to tell; the stage has to do.
    Refused(Reason),
    /// Lost on the way.
    Lost(Reason),
}

/// Commands of one request.
const COMMANDS: usize = 50;

/// The look-up of payments: one command per invoice, which fills the room that other look-ups leave in their requests.
#[derive(Default)]
pub(super) struct Asking {
    open: Vec<u64>,
    slots: Vec<(u64, Slot<Vec<Payment>>)>,
    known: HashMap<u64, Payments>,
}

impl Asking {
    /// Of those invoices that are paid and whose date only payments can tell.
    pub(super) fn of<'a>(invoices: impl Iterator<Item = &'a RawInvoice>) -> Self {
        let needed = |invoice: &&RawInvoice| {
            Status::of(&invoice.stage) == Status::Paid
                && invoice.paid_on.as_deref().and_then(date::civil).is_none()
        };
        Self { open: invoices.filter(needed).map(|invoice| invoice.id).collect(), ..Self::default() }
    }

    /// Asks in requests of their own.
    pub(super) async fn ask(&mut self, client: &Client) {
        let mut batch = client.batch();
        self.add_rest(&mut batch);
        if batch.is_empty() {
            return;
        }
        match batch.send().await {
            Ok(mut reply) => self.take(&mut reply),
            Err(error) => self.lose(&reasons::not_sent(&error)),
        }
    }

    /// Adds as many as the last request of the batch has room for.
    pub(super) fn fill(&mut self, batch: &mut Batch) {
        let room = (COMMANDS - batch.len() % COMMANDS) % COMMANDS;
        let kept = self.open.len().saturating_sub(room);
        for id in self.open.split_off(kept) {
            self.slots.push((id, batch.add(crm::payments(id))));
        }
    }

    /// Adds all that are left.
    pub(super) fn add_rest(&mut self, batch: &mut Batch) {
        for id in std::mem::take(&mut self.open) {
            self.slots.push((id, batch.add(crm::payments(id))));
        }
    }

    /// Takes the answers of the batch they were added to.
    pub(super) fn take(&mut self, reply: &mut BatchReply) {
        let answers = self.slots.drain(..).map(|(id, slot)| (id, of_answer(reply.take(slot).ok())));
        self.known.extend(answers);
    }

    /// The batch they were added to could not be put together.
    pub(super) fn lose(&mut self, reason: &Reason) {
        self.known.extend(self.slots.drain(..).map(|(id, _)| (id, Payments::Lost(reason.clone()))));
    }

    /// Puts what is known into the invoices, and what is missing beside them.
    pub(super) fn enter(mut self, headers: &mut [Header]) {
        for header in headers {
            if let Some(payments) = self.known.remove(&header.raw.id) {
                header.missing.extend(enter(payments, &mut header.raw));
            }
        }
    }
}

fn of_answer(answer: Result<Vec<Payment>, CallError>) -> Payments {
    match answer {
        Ok(payments) => Payments::Told(payments),
        Err(error @ CallError::Rejected(_)) => Payments::Refused(reasons::no_result(&error)),
        Err(error) => Payments::Lost(reasons::no_result(&error)),
    }
}

fn enter(payments: Payments, invoice: &mut RawInvoice) -> Option<Missing> {
    match payments {
        Payments::Told(payments) => {
            invoice.payments = Some(payments.iter().map(raw).collect());
            None
        }
        Payments::Refused(reason) => {
            let code = "invoice.payments-unknown".to_owned();
            let (message, russian) = (reason.english, Some(reason.russian));
            invoice.notes.push(RawNote { code, message, russian });
            None
        }
        Payments::Lost(reason) => Some(Missing::new(Part::Payments, reason)),
    }
}

fn raw(payment: &Payment) -> RawPayment {
    RawPayment {
        id: payment.id.get(),
        paid: payment.paid,
        paid_at: payment.date_paid.clone(),
        sum: token(&payment.sum),
        currency: payment.currency.clone(),
    }
}
