//! Off wasm32: the same functions, answered by the chain's own host functions over a small memory.
//!
//! Each call copies its slices to the start of that memory, one after the other at multiples of 8, invokes the host, and
//! copies the answer back. The host of the running test stands in a thread-local; without one (module code called
//! outside [`crate::testing`]) every function panics. A run that the host ends unwinds with [`Ended`] as its payload.

use super::raw::{Aligned, Writer};
use playfair_abi::host::HostFunction;
use playfair_machine::host::{Ended, Host};
use std::cell::RefCell;
use std::panic::resume_unwind;

/// The running host, and the gas that its calls may still use.
pub(crate) struct Running {
    pub(crate) host: Host,
    pub(crate) gas: u32,
}

thread_local! {
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
}

/// Makes `running` the host of this thread, and gives back the one before.
pub(crate) fn replace(running: Option<Running>) -> Option<Running> {
    RUNNING.replace(running)
}

/// Two keys or values, a result: more than any host function moves at once.
const MEMORY_BYTES: usize = 16_384;

/// The memory of one host call.
struct Memory {
    bytes: Vec<u8>,
    used: usize,
}

impl Memory {
    fn new() -> Self {
        Self {
            bytes: vec![0; MEMORY_BYTES],
            used: 0,
        }
    }

    /// Room for `length` bytes; its address.
    fn room(&mut self, length: usize) -> u64 {
        let at = self.used;
        self.used = (at + length).next_multiple_of(8);
        assert!(
            self.used <= MEMORY_BYTES,
            "a host call moves less than this memory holds"
        );
        at as u64
    }

    fn put(&mut self, bytes: &[u8]) -> u64 {
        let at = self.room(bytes.len());
        self.bytes[at as usize..][..bytes.len()].copy_from_slice(bytes);
        at
    }

    fn put_words(&mut self, words: &[u64]) -> u64 {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.put(&bytes)
    }

    fn at(&self, address: u64, length: usize) -> &[u8] {
        &self.bytes[address as usize..][..length]
    }

    fn words<const N: usize>(&self, address: u64) -> [u64; N] {
        let (words, _) = self.at(address, N * 8).as_chunks();
        core::array::from_fn(|at| u64::from_le_bytes(words[at]))
    }

    fn invoke(&mut self, function: HostFunction, arguments: &[u64]) -> u64 {
        let result = RUNNING.with_borrow_mut(|running| {
            let Running { host, gas } = running.as_mut().expect(
                "module code asked its chain, but no chain runs it: call it through playfair::testing::Chain",
            );
            host.invoke(function, arguments, &mut self.bytes.as_mut_slice(), gas)
        });
        match result {
            Ok(result) => result.unwrap_or(0),
            Err(ended) => resume_unwind(Box::new(ended)),
        }
    }
}

fn length(bytes: Aligned<'_>) -> u64 {
    bytes.bytes().len() as u64
}

pub(crate) fn input(to: &mut Writer<'_>, length: usize) {
    let mut memory = Memory::new();
    let at = memory.room(length);
    memory.invoke(HostFunction::Input, &[at]);
    to.replace(memory.at(at, length));
}

pub(crate) fn output(from: Aligned<'_>) {
    let mut memory = Memory::new();
    let at = memory.put(from.bytes());
    memory.invoke(HostFunction::Output, &[at, length(from)]);
}

pub(crate) fn revert(from: Aligned<'_>) -> ! {
    let mut memory = Memory::new();
    let at = memory.put(from.bytes());
    memory.invoke(HostFunction::Revert, &[at, length(from)]);
    resume_unwind(Box::new(Ended::Reverted(from.bytes().to_vec())))
}

pub(crate) fn get(key: Aligned<'_>, to: &mut Writer<'_>) -> bool {
    let mut memory = Memory::new();
    let at = memory.put(key.bytes());
    let room = memory.room(to.capacity());
    let found = memory.invoke(HostFunction::Get, &[at, length(key), room, to.capacity() as u64]);
    let Ok(found) = usize::try_from(found as u32 as i32) else {
        return false;
    };
    to.replace(memory.at(room, found));
    true
}

pub(crate) fn set(key: Aligned<'_>, value: Aligned<'_>) {
    let mut memory = Memory::new();
    let at = memory.put(key.bytes());
    let from = memory.put(value.bytes());
    memory.invoke(HostFunction::Set, &[at, length(key), from, length(value)]);
}

pub(crate) fn remove(key: Aligned<'_>) -> bool {
    let mut memory = Memory::new();
    let at = memory.put(key.bytes());
    memory.invoke(HostFunction::Remove, &[at, length(key)]) != 0
}

pub(crate) fn exists(key: Aligned<'_>) -> bool {
    let mut memory = Memory::new();
    let at = memory.put(key.bytes());
    memory.invoke(HostFunction::Exists, &[at, length(key)]) != 0
}

pub(crate) fn emit(topic: u16, data: Aligned<'_>) {
    let mut memory = Memory::new();
    let from = memory.put(data.bytes());
    memory.invoke(HostFunction::Emit, &[u64::from(topic), from, length(data)]);
}

pub(crate) fn send(address: &[u64; 3], data: Aligned<'_>) -> u32 {
    let mut memory = Memory::new();
    let address = memory.put_words(address);
    let from = memory.put(data.bytes());
    memory.invoke(HostFunction::Send, &[address, from, length(data)]) as u32
}

pub(crate) fn log(text: Aligned<'_>) {
    let mut memory = Memory::new();
    let from = memory.put(text.bytes());
    memory.invoke(HostFunction::Log, &[from, length(text)]);
}

/// A host function that writes words and has no arguments but these.
fn filled<const N: usize>(function: HostFunction, mut memory: Memory, arguments: &[u64]) -> [u64; N] {
    let to = memory.room(N * 8);
    let arguments: Vec<u64> = arguments.iter().copied().chain([to]).collect();
    memory.invoke(function, &arguments);
    memory.words(to)
}

pub(crate) fn caller() -> [u64; 3] {
    filled(HostFunction::Caller, Memory::new(), &[])
}

pub(crate) fn value() -> [u64; 2] {
    filled(HostFunction::Value, Memory::new(), &[])
}

pub(crate) fn chain_id() -> [u64; 4] {
    filled(HostFunction::ChainId, Memory::new(), &[])
}

pub(crate) fn height() -> u64 {
    Memory::new().invoke(HostFunction::Height, &[])
}

pub(crate) fn time() -> u64 {
    Memory::new().invoke(HostFunction::Time, &[])
}

pub(crate) fn randomness() -> [u64; 4] {
    filled(HostFunction::Randomness, Memory::new(), &[])
}

pub(crate) fn balance(account: &[u64; 3]) -> [u64; 2] {
    let mut memory = Memory::new();
    let account = memory.put_words(account);
    filled(HostFunction::Balance, memory, &[account])
}

/// A host function that moves an amount to somebody.
fn pay(function: HostFunction, to: &[u64; 3], amount: &[u64; 2]) -> u32 {
    let mut memory = Memory::new();
    let (to, amount) = (memory.put_words(to), memory.put_words(amount));
    memory.invoke(function, &[to, amount]) as u32
}

pub(crate) fn transfer(account: &[u64; 3], amount: &[u64; 2]) -> u32 {
    pay(HostFunction::Transfer, account, amount)
}

pub(crate) fn withdraw(address: &[u64; 3], amount: &[u64; 2]) -> u32 {
    pay(HostFunction::Withdraw, address, amount)
}

pub(crate) fn poseidon2(from: &[[u64; 4]; 2]) -> [u64; 4] {
    let mut memory = Memory::new();
    let from = memory.put_words(from.as_flattened());
    filled(HostFunction::Poseidon2, memory, &[from])
}

pub(crate) fn poseidon5(from: &[[u64; 4]; 5]) -> [u64; 4] {
    let mut memory = Memory::new();
    let from = memory.put_words(from.as_flattened());
    filled(HostFunction::Poseidon5, memory, &[from])
}
