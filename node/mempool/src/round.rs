//! Whose turn it is: deficit round robin over accounts, with gas limits as the measure.
//!
//! An account that has something to play holds a ticket; the lowest ticket is next. A turn begins with [`Limits::quantum`] more
//! gas to its account's credit, serves calls while the next one's limit is covered, and ends with a new ticket, the
//! highest. What is left is kept for the next turn, and lost when the account has nothing more to play. Since a quantum
//! covers any call, every turn serves one, and what is left is less than a call.
//!
//! [`Limits::quantum`]: crate::Limits::quantum

use crate::answer::{Entry, Gone, Taken};
use crate::counters::add;
use crate::pool::Pool;
use playfair_types::account::AccountId;

impl<T> Pool<T> {
    /// A new block is to be filled: who was passed over in the last one is looked at again, first.
    pub fn start_block(&mut self) {
        self.round.append(&mut self.skipped);
    }

    /// The next call to play in this block, which has so much gas and so many bytes left, at block time `now_ms`. None:
    /// nothing more for this block. Calls whose time is over are handed back as well.
    ///
    /// Report what became of the call ([`Pool::played`], [`Pool::dropped`]) before the next one is taken. While a call
    /// is in play its lane gives no other, and an account that has nothing else to play is stepped over and keeps its
    /// turn.
    ///
    /// What is left must not grow within a block: start the next one with [`Pool::start_block`], with room for the
    /// largest call.
    pub fn take(&mut self, gas_left: u64, bytes_left: u64, now_ms: u64) -> Taken<T> {
        let gone = self.expire(now_ms);
        let call = self.pick(gas_left, bytes_left);
        Taken { call, gone }
    }

    fn pick(&mut self, gas_left: u64, bytes_left: u64) -> Option<Entry<T>> {
        // Ends: an account is looked at once, and once more after its turn ended here, when it is served or passed over.
        while self.skipped.len() < self.limits.skips_max as usize {
            // Those with a call in play and nothing else are few, as many as the caller has not reported of.
            let (ticket, name, lane, slot) = self.round.iter().find_map(|(ticket, name)| {
                let (lane, slot) = self.accounts.get(name)?.next_ready()?;
                Some((*ticket, *name, lane, slot))
            })?;
            let account = self.accounts.get_mut(&name)?;
            let gas = u64::from(slot.gas_limit);
            if !account.in_turn {
                account.in_turn = true;
                account.deficit = account.deficit.saturating_add(self.limits.quantum);
            }
            if account.deficit < gas {
                self.end_turn(ticket, name);
                continue;
            }
            if gas > gas_left || u64::from(slot.bytes) > bytes_left {
                self.round.remove(&ticket);
                self.skipped.insert(ticket, name);
                continue;
            }
            account.deficit -= gas;
            account.last_lane = lane;
            add(&mut self.counters.taken);
            return self.detach(slot.arrival, true);
        }
        None
    }

    fn end_turn(&mut self, ticket: u64, name: AccountId) {
        self.round.remove(&ticket);
        if let Some(account) = self.accounts.get_mut(&name) {
            account.in_turn = false;
            account.ticket = Some(self.tickets);
            self.round.insert(self.tickets, name);
            self.tickets = self.tickets.saturating_add(1);
        }
    }

    /// A call that was taken used up its nonce, whatever its outcome.
    #[must_use = "entries that had to leave are handed back"]
    pub fn played(&mut self, account: &AccountId, lane: u8, nonce: u64) -> Vec<Gone<T>> {
        self.forget_below(account, lane, nonce.saturating_add(1))
    }

    /// A call that was taken turned out invalid and used nothing up. Its lane waits for another one with that nonce; what
    /// stands behind it leaves when that takes too long, or at once with [`Pool::drop_lane`].
    pub fn dropped(&mut self, account: &AccountId, lane: u8, nonce: u64) {
        let known = self.accounts.get_mut(account);
        if let Some(known) = known.and_then(|known| known.lane_mut(lane))
            && known.in_play
            && known.next == nonce
        {
            known.in_play = false;
        }
        self.reindex(*account, lane);
    }
}
