//! Blocks going out.

use crate::answer::{Answer, Halt, Refusal, Ticket};
use crate::certify::Certify;
use crate::{Sequencer, seal, submit};
use playfair_machine::Prepared;
use playfair_runtime::chain::{Block, Building};
use playfair_storage::history::Place;
use playfair_storage::log::Body;
use playfair_storage::{Disk, Sealed};
use playfair_types::bounded::U48;
use playfair_types::chain::seed_of;
use playfair_types::rules::Upgrade;
use playfair_types::segment::Boundary;
use playfair_types::tape::system::{BlockRecord, UpgradeRecord};
use playfair_types::{Encode, Fr};
use std::sync::Arc;

/// What came of making a block.
#[derive(Debug, Default)]
pub struct Made {
    /// The block, durable; none if there was nothing to put into it.
    pub block: Option<Arc<Sealed>>,
    /// Answers to those who waited, for calls in it and for calls that had to leave.
    pub answers: Vec<(Ticket, Answer)>,
    /// What modules said to their operators, with the record's place in the block.
    pub logs: Vec<(u32, String)>,
}

/// A call that is in the block.
struct Played {
    index: u32,
    tickets: Vec<Ticket>,
}

/// What has been put into a block so far.
#[derive(Default)]
struct Filled {
    played: Vec<Played>,
    answers: Vec<(Ticket, Answer)>,
}

/// The time of a block that is made now.
pub(crate) fn next_time(before: &Boundary, now_ms: u64) -> Result<U48, Halt> {
    let least = before
        .time_ms
        .get()
        .saturating_add(1)
        .max(before.activating_ms.get());
    U48::new(now_ms.max(least)).ok_or(Halt::Clock)
}

impl<D: Disk, C: Certify> Sequencer<D, C> {
    /// Makes the next block. There is none if no call is ready, the chain does not tick, and no upgrade is due; answers
    /// come nevertheless.
    ///
    /// # Errors
    /// [`Halt`]: the sequencer has ended, and the tickets that are not answered come with [`Sequencer::close`].
    pub fn make_block(&mut self, now_ms: u64) -> Result<Made, Halt> {
        self.check_running()?;
        self.halted = true;
        let made = self.try_block(now_ms)?;
        self.halted = false;
        // Also if there is none: it is tried again an interval later.
        self.made_ms = Some(now_ms);
        self.in_flight.clear();
        Ok(made)
    }

    fn try_block(&mut self, now_ms: u64) -> Result<Made, Halt> {
        let before = *self.chain.boundary();
        let view = self.last.certificate.map_or(0, |certificate| certificate.view);
        let seed_signature = match before.height {
            // The first block after genesis has no round before it.
            0 => None,
            _ => Some(self.certifier.seed(view).map_err(Halt::Certify)?),
        };
        let chain_id = self.chain.machine().chain_id();
        let mut building = self.chain.begin();
        let time = next_time(&before, now_ms)?;
        let (time, upgrade) = match building.announced()? {
            Some(upgrade) if time >= before_upgrade(&upgrade) => {
                let last = before_upgrade(&upgrade);
                if last <= before.time_ms {
                    return Err(Halt::Upgrade);
                }
                (last, true)
            }
            _ => (time, false),
        };
        let record = BlockRecord {
            height: before.height + 1,
            time_ms: time,
            seed: seed_signature.map_or([0; 31], |signature| seed_of(&signature)),
            seed_signature: seed_signature.unwrap_or([0; 48]),
        };
        let work = building.append(prepared(chain_id, &record.encode())?)?.work();
        // A tick is executed and must be proven like calls.
        let allowance = self.debt.allowance(self.last.work, self.settings.block_gas_max);
        let mut filled = Filled::default();
        if !upgrade {
            let room = Room {
                gas: allowance.min(self.debt.left(self.last.work).saturating_sub(work)),
                bytes: self.settings.block_bytes_max,
            };
            fill(
                &mut building,
                &mut self.pool,
                room,
                now_ms,
                &mut self.in_flight,
                &mut filled,
            )?;
        }
        // The last moment for an upgrade: no other block fits before it.
        let due = building
            .announced()?
            .filter(|announced| before_upgrade(announced) <= time);
        let ticks = self.ticks && work <= self.debt.left(self.last.work);
        if filled.played.is_empty() && due.is_none() && !ticks {
            return Ok(Made {
                answers: filled.answers,
                ..Made::default()
            });
        }
        if let Some(announced) = due {
            building.append(prepared(chain_id, &UpgradeRecord(announced).encode())?)?;
        }
        let block = building.seal()?;
        self.publish(block, view, filled)
    }

    /// Certifies a block, makes it durable, and only then tells anybody.
    fn publish(&mut self, block: Block, view: u64, filled: Filled) -> Result<Made, Halt> {
        let digest = block.header.digest();
        let certificate = self.certifier.certificate(view, digest).map_err(Halt::Certify)?;
        let height = block.header.after.height;
        let (sealed, logs) = seal::seal(block, Some(certificate), self.last.work);
        self.log.append(&Body::of(&sealed)).map_err(Halt::Log)?;
        self.log.sync().map_err(Halt::Log)?;
        let block = Arc::new(sealed);
        self.history.push(Arc::clone(&block)).map_err(Halt::History)?;
        self.last = Arc::clone(&block);
        self.ticks = self.chain.ticks()?;
        self.upgrade_ms = self.chain.announced()?.as_ref().map(before_upgrade);
        let Filled { played, mut answers } = filled;
        for call in played {
            let place = Place {
                height,
                index: call.index,
            };
            let tickets = call.tickets.into_iter();
            answers.extend(tickets.map(|ticket| (ticket, Answer::Sealed(place))));
        }
        Ok(Made {
            block: Some(block),
            answers,
            logs,
        })
    }
}

/// What a block may still take.
struct Room {
    gas: u64,
    bytes: u64,
}

/// Fills a block from the pool. Whoever leaves the pool is in flight until the block is sealed: if it never is, all are
/// told the same.
fn fill(
    building: &mut Building<'_>,
    pool: &mut playfair_mempool::Pool<submit::Waiting>,
    mut room: Room,
    now_ms: u64,
    in_flight: &mut Vec<Ticket>,
    filled: &mut Filled,
) -> Result<(), Halt> {
    pool.start_block();
    loop {
        let taken = pool.take(room.gas, room.bytes, now_ms);
        in_flight.extend(submit::tickets(&taken.gone));
        filled.answers.extend(submit::answers(taken.gone));
        let Some(entry) = taken.call else { return Ok(()) };
        let submit::Waiting { prepared, tickets } = entry.item;
        in_flight.extend(&tickets);
        let index = building.records();
        match building.offer(prepared)? {
            Ok(done) => {
                // What was executed counts, not what it was allowed to.
                room.gas = room.gas.saturating_sub(done.work());
                room.bytes = room.bytes.saturating_sub(entry.bytes.into());
                filled.played.push(Played { index, tickets });
                // At once, so that the lane's next call may follow in the same block.
                let gone = pool.played(&entry.account, entry.lane, entry.nonce);
                in_flight.extend(submit::tickets(&gone));
                filled.answers.extend(submit::answers(gone));
            }
            Err((_, reason)) => {
                pool.dropped(&entry.account, entry.lane, entry.nonce);
                let refused = Answer::Refused(Refusal::Invalid(reason));
                let tickets = tickets.into_iter();
                filled
                    .answers
                    .extend(tickets.map(|ticket| (ticket, refused.clone())));
            }
        }
    }
}

/// The last time of a block under the module before an upgrade.
pub(crate) fn before_upgrade(upgrade: &Upgrade) -> U48 {
    U48::new(upgrade.time_ms.get().saturating_sub(1)).unwrap_or_default()
}

fn prepared(chain_id: Fr, record: &[u8]) -> Result<Prepared, Halt> {
    Prepared::read(chain_id, record).map_err(Halt::Broken)
}
