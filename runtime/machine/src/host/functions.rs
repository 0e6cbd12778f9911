//! What each host function does. Every one reads in the order of its sentence in the table: arguments, counts, price,
//! effect.

use super::memory::{BAD_ARGUMENT, Memory, Span};
use super::{Ended, Host};
use crate::accounts;
use playfair_abi::host::{Dynamic, HostFunction, permutations, words};
use playfair_types::account::{AccountId, L1Address};
use playfair_types::bounded::Bytes;
use playfair_types::crypto::field::{Fr, fr_from_bytes, fr_to_bytes};
use playfair_types::crypto::poseidon::{poseidon2, poseidon5};
use playfair_types::limits::{
    EVENT_BYTES_MAX, EVENTS_MAX, KEY_BYTES_MAX, MESSAGE_BYTES_MAX, MESSAGES_MAX, OUTPUT_BYTES_MAX,
    REVERT_BYTES_MAX, VALUE_BYTES_MAX,
};
use playfair_types::outbox::{Content, Message};
use playfair_types::receipt::{Event, Trap};
use playfair_types::state::StateKey;
use playfair_types::tape::frame::frames_for;

const HOST_LIMIT: Ended = Ended::Trapped(Trap::HostLimit);

/// Results of `send`, `transfer` and `withdraw`.
const DONE: u64 = 0;
const INSUFFICIENT: u64 = 1;
const NO_L1: u64 = 2;

/// Most bytes of one `log`.
const LOG_BYTES_MAX: usize = 1024;
/// Most lines that one run may log; later ones are dropped, since a log is no part of any outcome.
const LOGS_MAX: usize = 256;
/// Bytes after which a run's further lines are dropped too.
const LOGGED_BYTES_MAX: usize = 65_536;

type Result<T> = core::result::Result<T, Ended>;

impl Host {
    pub(super) fn dispatch(
        &mut self,
        function: HostFunction,
        arguments: &[u64],
        memory: &mut dyn Memory,
    ) -> Result<Option<u64>> {
        // An engine passes as many as the signature has; what is missing would be its bug, and reads as 0.
        let mut arguments = arguments.iter().map(|value| *value as u32);
        let mut next = || arguments.next().unwrap_or(0);
        let (a, b, c, d) = (next(), next(), next(), next());
        match function {
            HostFunction::Input => self.input(memory, a).map(nothing),
            HostFunction::Output => self.output(memory, a, b).map(nothing),
            HostFunction::Revert => self.revert(memory, a, b).map(nothing),
            HostFunction::Get => self.get(memory, (a, b), c, d).map(Some),
            HostFunction::Set => self.set(memory, (a, b), (c, d)).map(nothing),
            HostFunction::Remove => self.remove(memory, (a, b)).map(Some),
            HostFunction::Exists => self.exists(memory, (a, b)).map(Some),
            HostFunction::Emit => self.emit(memory, a, (b, c)).map(nothing),
            HostFunction::Send => self.send(memory, a, (b, c)).map(Some),
            HostFunction::Caller => {
                let caller = self.context.caller.0;
                write(memory, a, &caller).map(nothing)
            }
            HostFunction::Value => {
                let value = self.context.value.to_le_bytes();
                write(memory, a, &value).map(nothing)
            }
            HostFunction::ChainId => write(memory, a, &little_endian(&self.context.chain_id)).map(nothing),
            HostFunction::Height => Ok(Some(self.context.height)),
            HostFunction::Time => Ok(Some(self.context.time_ms)),
            HostFunction::Randomness => {
                let mut bytes = self.context.randomness;
                bytes.reverse();
                write(memory, a, &bytes).map(nothing)
            }
            HostFunction::Balance => self.balance(memory, a, b).map(nothing),
            HostFunction::Transfer => self.transfer(memory, a, b).map(Some),
            HostFunction::Withdraw => self.withdraw(memory, a, b).map(Some),
            HostFunction::Poseidon2 => {
                let [x, y] = elements(memory, a)?;
                let to = Span::fixed(memory, b, 32)?;
                to.write(memory, &little_endian(&poseidon2(x, y)));
                Ok(None)
            }
            HostFunction::Poseidon5 => {
                let inputs = elements::<5>(memory, a)?;
                let to = Span::fixed(memory, b, 32)?;
                to.write(memory, &little_endian(&poseidon5(&inputs)));
                Ok(None)
            }
            HostFunction::Log => self.log(memory, a, b).map(nothing),
        }
    }

    fn input(&mut self, memory: &mut dyn Memory, to: u32) -> Result<()> {
        let length = u32::try_from(self.context.payload.len()).map_err(|_| BAD_ARGUMENT)?;
        let to = Span::fixed(memory, to, length)?;
        self.charge_dynamic(Dynamic {
            words: words(to.length()),
            ..Dynamic::default()
        })?;
        to.write(memory, &self.context.payload);
        Ok(())
    }

    fn output(&mut self, memory: &dyn Memory, from: u32, length: u32) -> Result<()> {
        let from = Span::new(memory, from, length, OUTPUT_BYTES_MAX)?;
        self.charge_bytes(0, from)?;
        self.outputs.output = from.read(memory);
        Ok(())
    }

    fn revert(&mut self, memory: &dyn Memory, from: u32, length: u32) -> Result<()> {
        let from = Span::new(memory, from, length, REVERT_BYTES_MAX)?;
        self.charge_bytes(0, from)?;
        Err(Ended::Reverted(from.read(memory)))
    }

    fn get(&mut self, memory: &mut dyn Memory, key: (u32, u32), to: u32, capacity: u32) -> Result<u64> {
        let key = key_span(memory, key)?;
        let to = Span::fixed(memory, to, capacity)?;
        if !capacity.is_multiple_of(8) {
            return Err(BAD_ARGUMENT);
        }
        let (place, mut price) = self.touch(memory, key)?;
        let value = self.world.get(&place)?.map(std::borrow::Cow::into_owned);
        if let Some(value) = &value {
            price.words += words(value.len());
            price.permutations += permutations(0, value.len());
        }
        self.charge_dynamic(price)?;
        self.touched.insert(place);
        let Some(value) = value else {
            return Ok(u64::from(u32::MAX));
        };
        if value.len() <= to.length() {
            to.write(memory, &value);
        }
        Ok(value.len() as u64)
    }

    fn set(&mut self, memory: &dyn Memory, key: (u32, u32), value: (u32, u32)) -> Result<()> {
        let key = key_span(memory, key)?;
        let from = Span::new(memory, value.0, value.1, VALUE_BYTES_MAX)?;
        let (place, mut price) = self.touch(memory, key)?;
        price.words += words(from.length());
        price.permutations += permutations(0, from.length());
        price.state_writes += u32::from(!self.changed.contains(&place));
        self.charge_dynamic(price)?;
        self.touched.insert(place);
        self.changed.insert(place);
        self.world.set(place, Some(from.read(memory)));
        Ok(())
    }

    fn remove(&mut self, memory: &dyn Memory, key: (u32, u32)) -> Result<u64> {
        let key = key_span(memory, key)?;
        let (place, mut price) = self.touch(memory, key)?;
        let present = self.world.get(&place)?.is_some();
        price.state_writes += u32::from(present && !self.changed.contains(&place));
        self.charge_dynamic(price)?;
        self.touched.insert(place);
        if present {
            self.changed.insert(place);
            self.world.set(place, None);
        }
        Ok(u64::from(present))
    }

    fn exists(&mut self, memory: &dyn Memory, key: (u32, u32)) -> Result<u64> {
        let key = key_span(memory, key)?;
        let (place, price) = self.touch(memory, key)?;
        self.charge_dynamic(price)?;
        self.touched.insert(place);
        Ok(u64::from(self.world.get(&place)?.is_some()))
    }

    fn emit(&mut self, memory: &dyn Memory, topic: u32, data: (u32, u32)) -> Result<()> {
        let from = Span::new(memory, data.0, data.1, EVENT_BYTES_MAX)?;
        let topic = u16::try_from(topic).map_err(|_| BAD_ARGUMENT)?;
        if self.outputs.events.len() >= EVENTS_MAX {
            return Err(HOST_LIMIT);
        }
        self.charge_bytes(1, from)?;
        let data = bounded(from.read(memory))?;
        self.outputs.events.push(Event { topic, data });
        Ok(())
    }

    fn send(&mut self, memory: &dyn Memory, address: u32, payload: (u32, u32)) -> Result<u64> {
        let to = L1Address(Span::fixed(memory, address, 20)?.array(memory));
        let from = Span::new(memory, payload.0, payload.1, MESSAGE_BYTES_MAX)?;
        self.check_messages()?;
        self.charge_dynamic(Dynamic {
            words: words(from.length()),
            frames: u32::try_from(frames_for(from.length())).unwrap_or(u32::MAX),
            ..Dynamic::default()
        })?;
        if !self.context.has_l1 {
            return Ok(NO_L1);
        }
        let payload = bounded(from.read(memory))?;
        self.push_message(Content::ToL1 { to, payload });
        Ok(DONE)
    }

    fn balance(&mut self, memory: &mut dyn Memory, account: u32, to: u32) -> Result<()> {
        let account = AccountId(Span::fixed(memory, account, 20)?.array(memory));
        let to = Span::fixed(memory, to, 16)?;
        self.open(&[account], false)?;
        let balance = accounts::balance(&mut self.world, account)?;
        to.write(memory, &balance.to_le_bytes());
        Ok(())
    }

    fn transfer(&mut self, memory: &dyn Memory, account: u32, amount: u32) -> Result<u64> {
        let account = AccountId(Span::fixed(memory, account, 20)?.array(memory));
        let amount = u128::from_le_bytes(Span::fixed(memory, amount, 16)?.array(memory));
        self.open(&[AccountId::MODULE, account], true)?;
        match accounts::transfer(&mut self.world, AccountId::MODULE, account, amount)? {
            Ok(()) => Ok(DONE),
            Err(accounts::Refused::Insufficient) => Ok(INSUFFICIENT),
            Err(accounts::Refused::Overflow) => Err(HOST_LIMIT),
        }
    }

    fn withdraw(&mut self, memory: &dyn Memory, address: u32, amount: u32) -> Result<u64> {
        let to = L1Address(Span::fixed(memory, address, 20)?.array(memory));
        let amount = u128::from_le_bytes(Span::fixed(memory, amount, 16)?.array(memory));
        if amount == 0 {
            return Err(BAD_ARGUMENT);
        }
        self.check_messages()?;
        self.open(&[AccountId::MODULE], true)?;
        if !self.context.has_l1 {
            return Ok(NO_L1);
        }
        if !accounts::debit(&mut self.world, AccountId::MODULE, amount)? {
            return Ok(INSUFFICIENT);
        }
        self.push_message(Content::Withdraw { to, amount });
        Ok(DONE)
    }

    fn log(&mut self, memory: &dyn Memory, from: u32, length: u32) -> Result<()> {
        let from = Span::new(memory, from, length, LOG_BYTES_MAX)?;
        self.charge_dynamic(Dynamic {
            words: words(from.length()),
            ..Dynamic::default()
        })?;
        let said: usize = self.outputs.logs.iter().map(String::len).sum();
        if self.outputs.logs.len() < LOGS_MAX && said < LOGGED_BYTES_MAX {
            let text = String::from_utf8_lossy(&from.read(memory)).into_owned();
            self.outputs.logs.push(text);
        }
        Ok(())
    }

    /// The place of a key, and the price of reading the key's bytes and of touching the place. The place is marked as
    /// touched only once that is paid.
    fn touch(&mut self, memory: &dyn Memory, key: Span) -> Result<(StateKey, Dynamic)> {
        let bytes: Bytes<KEY_BYTES_MAX> = bounded(key.read(memory))?;
        let place = self.world.user_key(&bytes);
        let price = Dynamic {
            words: words(key.length()),
            state_keys: u32::from(!self.touched.contains(&place)),
            ..Dynamic::default()
        };
        Ok((place, price))
    }

    /// Charges for bytes that are read and hashed after `before` other elements.
    fn charge_bytes(&mut self, before: usize, from: Span) -> Result<()> {
        self.charge_dynamic(Dynamic {
            words: words(from.length()),
            permutations: permutations(before, from.length()),
            ..Dynamic::default()
        })
    }

    /// Charges for opening accounts, and for changing them if `changes`, each once in a run.
    fn open(&mut self, accounts: &[AccountId], changes: bool) -> Result<()> {
        let mut price = Dynamic::default();
        for (place, account) in accounts.iter().enumerate() {
            if accounts.iter().take(place).any(|other| other == account) {
                continue;
            }
            let before = self.opened.get(account).copied();
            price.state_keys += u32::from(before.is_none());
            price.state_writes += u32::from(changes && before != Some(true));
        }
        self.charge_dynamic(price)?;
        for account in accounts {
            *self.opened.entry(*account).or_default() |= changes;
        }
        Ok(())
    }

    fn check_messages(&self) -> Result<()> {
        if self.outputs.messages.len() >= MESSAGES_MAX {
            return Err(HOST_LIMIT);
        }
        Ok(())
    }

    /// A module's messages are account 1's: no module can speak as a player.
    fn push_message(&mut self, content: Content) {
        self.outputs.messages.push(Message {
            sender: AccountId::MODULE,
            content,
        });
    }
}

fn nothing((): ()) -> Option<u64> {
    None
}

fn key_span(memory: &dyn Memory, (at, length): (u32, u32)) -> Result<Span> {
    Span::new(memory, at, length, KEY_BYTES_MAX)
}

/// Wraps bytes whose length has been checked.
fn bounded<const MAX: usize>(bytes: Vec<u8>) -> Result<Bytes<MAX>> {
    Bytes::new(bytes).map_err(|_| BAD_ARGUMENT)
}

fn write(memory: &mut dyn Memory, to: u32, bytes: &[u8]) -> Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| BAD_ARGUMENT)?;
    let to = Span::fixed(memory, to, length)?;
    to.write(memory, bytes);
    Ok(())
}

fn little_endian(element: &Fr) -> [u8; 32] {
    let mut bytes = fr_to_bytes(element);
    bytes.reverse();
    bytes
}

/// `N` canonical field elements at `from`.
fn elements<const N: usize>(memory: &dyn Memory, from: u32) -> Result<[Fr; N]> {
    let span = Span::fixed(memory, from, u32::try_from(32 * N).map_err(|_| BAD_ARGUMENT)?)?;
    let bytes = span.read(memory);
    let (chunks, _) = bytes.as_chunks::<32>();
    let mut elements = [Fr::from(0u64); N];
    for (element, chunk) in elements.iter_mut().zip(chunks) {
        let mut big_endian = *chunk;
        big_endian.reverse();
        *element = fr_from_bytes(&big_endian).ok_or(BAD_ARGUMENT)?;
    }
    Ok(elements)
}
