//! Calls coming in.

use crate::answer::{Answer, Halt, Refusal, Ticket};
use crate::certify::Certify;
use crate::{Sequencer, make};
use playfair_machine::{Broken, Prepared};
use playfair_mempool::{Answer as Put, Entry, Gone};
use playfair_storage::Disk;
use playfair_types::bounded::U48;
use playfair_types::crypto::field::{Fr, fr_to_bytes};
use playfair_types::receipt::Invalid;
use playfair_types::rules::FeeMode;
use playfair_types::tape::call::Call;
use playfair_types::tape::{Record, Step};
use rayon::prelude::*;

/// Who may wait for one call.
const TICKETS_MAX: usize = 16;
/// Calls that one thread reads together.
const READ_CHUNK: usize = 32;

/// A call in the pool, and who waits for it.
pub(crate) struct Waiting {
    pub(crate) prepared: Prepared,
    pub(crate) tickets: Vec<Ticket>,
}

/// What is told to who waited for calls that left the pool.
pub(crate) fn answers(gone: Vec<Gone<Waiting>>) -> impl Iterator<Item = (Ticket, Answer)> {
    gone.into_iter().flat_map(|gone| {
        let refused = Answer::Refused(Refusal::Left(gone.why));
        let tickets = gone.entry.item.tickets.into_iter();
        tickets.map(move |ticket| (ticket, refused.clone()))
    })
}

/// Who waited for calls that left the pool.
pub(crate) fn tickets(gone: &[Gone<Waiting>]) -> impl Iterator<Item = Ticket> {
    gone.iter()
        .flat_map(|gone| gone.entry.item.tickets.iter().copied())
}

impl<D: Disk, C: Certify> Sequencer<D, C> {
    /// Takes calls, each with the ticket of who waits for it. Signatures are verified together and on all cores, so many
    /// at a time are cheaper. Answers what can be answered now, of these calls and of others that had to leave for them.
    ///
    /// # Errors
    /// [`Halt`] when the state cannot be read: the sequencer has ended, and the tickets that are not answered come with
    /// [`Sequencer::close`].
    pub fn submit(
        &mut self,
        calls: Vec<(Ticket, Vec<u8>)>,
        now_ms: u64,
    ) -> Result<Vec<(Ticket, Answer)>, Halt> {
        let chain_id = self.chain.machine().chain_id();
        let mut answers = Vec::new();
        self.in_flight.extend(calls.iter().map(|(ticket, _)| *ticket));
        self.check_running()?;
        self.halted = true;
        self.look_at_clock(now_ms);
        let read: Vec<_> = calls
            .par_chunks(READ_CHUNK)
            .flat_map_iter(|calls| read(chain_id, calls))
            .collect();
        let mut tickets = Vec::with_capacity(read.len());
        let mut prepared = Vec::with_capacity(read.len());
        for (ticket, read) in read {
            match read {
                Ok(call) => {
                    tickets.push(ticket);
                    prepared.push(call);
                }
                Err(refusal) => answers.push((ticket, Answer::Refused(refusal))),
            }
        }
        self.chain.verify(&mut prepared)?;
        let time_ms = make::next_time(self.chain.boundary(), now_ms)?;
        for (ticket, prepared) in tickets.into_iter().zip(prepared) {
            self.take_in(ticket, prepared, time_ms, now_ms, &mut answers)?;
        }
        // All that were given are answered, or wait in the pool.
        self.in_flight.clear();
        self.halted = false;
        Ok(answers)
    }

    fn take_in(
        &mut self,
        ticket: Ticket,
        prepared: Prepared,
        time_ms: U48,
        now_ms: u64,
        out: &mut Vec<(Ticket, Answer)>,
    ) -> Result<(), Halt> {
        let mut refuse = |refusal| out.push((ticket, Answer::Refused(refusal)));
        let (Some(call), Some(message)) = (call_of(&prepared), prepared.message()) else {
            refuse(Refusal::NotACall);
            return Ok(());
        };
        let id = fr_to_bytes(&message);
        // Sent again, because an answer was lost or out of impatience: the answer is the same.
        if let Some(place) = self.history.call(&id).map_err(Halt::History)? {
            out.push((ticket, Answer::Sealed(place)));
            return Ok(());
        }
        let judged = self.chain.judge(&prepared, time_ms)?;
        // A name says nothing of who sends it: without this, strangers could take all places of a call that waits.
        if let Some(reason @ (Invalid::Encoding | Invalid::Signature)) = judged.invalid {
            refuse(Refusal::Invalid(reason));
            return Ok(());
        }
        if let Some(waiting) = self.pool.item_mut(&id) {
            if waiting.tickets.len() < TICKETS_MAX {
                waiting.tickets.push(ticket);
            } else {
                refuse(Refusal::Crowded);
            }
            return Ok(());
        }
        if self.debt.allowance(self.last.work, self.settings.block_gas_max) == 0 {
            refuse(Refusal::Debt);
            return Ok(());
        }
        match judged.invalid {
            // Its turn may come; the pool knows when.
            None | Some(Invalid::Nonce) => {}
            Some(reason) => {
                refuse(Refusal::Invalid(reason));
                return Ok(());
            }
        }
        // One funded call must not carry a lane of calls that nobody can pay: they would keep others out of the pool.
        let cost = u128::from(call.gas_limit) * u128::from(call.gas_price);
        let beside = self
            .pool
            .promised_beside(&call.account, call.lane, call.nonce.get());
        if self.chain.machine().params().fee_mode == FeeMode::Paid
            && judged.balance < beside.saturating_add(cost)
        {
            refuse(Refusal::Invalid(Invalid::Funds));
            return Ok(());
        }
        let entry = Entry {
            account: call.account,
            lane: call.lane,
            nonce: call.nonce.get(),
            valid_until_ms: call.valid_until_ms.get(),
            gas_limit: call.gas_limit,
            gas_price: call.gas_price,
            bytes: u32::try_from(prepared.bytes().len()).unwrap_or(u32::MAX),
            id,
            item: Waiting {
                tickets: vec![ticket],
                prepared,
            },
        };
        let inserted = self.pool.insert(entry, judged.next_nonce, now_ms);
        match inserted.answer {
            Put::Added | Put::Replaced => {}
            Put::Known(_) => out.push((ticket, Answer::Refused(Refusal::Crowded))),
            Put::Refused(refused, _) => out.push((ticket, Answer::Refused(Refusal::Pool(refused)))),
        }
        // If the next call halts the sequencer, nobody hears these answers.
        self.in_flight.extend(tickets(&inserted.gone));
        out.extend(answers(inserted.gone));
        Ok(())
    }
}

/// Reads calls from outside.
fn read(
    chain_id: Fr,
    calls: &[(Ticket, Vec<u8>)],
) -> impl Iterator<Item = (Ticket, Result<Prepared, Refusal>)> {
    let read = Prepared::read_each(chain_id, calls.iter().map(|(_, bytes)| bytes.as_slice()));
    calls
        .iter()
        .zip(read)
        .map(|((ticket, _), read)| (*ticket, call(read)))
}

/// What was read, if it is a call.
fn call(read: Result<Prepared, Broken>) -> Result<Prepared, Refusal> {
    let prepared = read.map_err(|broken| match broken {
        Broken::Format(error) => Refusal::Malformed(error),
        _ => Refusal::NotACall,
    })?;
    match call_of(&prepared) {
        Some(_) => Ok(prepared),
        None => Err(match prepared.step() {
            Step::Malformed(error) => Refusal::Malformed(*error),
            Step::Record(_) => Refusal::NotACall,
        }),
    }
}

/// The call that a player sent: signed, and not through the inbox.
pub(crate) fn call_of(prepared: &Prepared) -> Option<&Call> {
    match prepared.step() {
        Step::Record(Record::Call(signed)) if !signed.forced => Some(&signed.call),
        _ => None,
    }
}
