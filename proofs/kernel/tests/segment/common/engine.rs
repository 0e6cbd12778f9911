//! An engine whose modules are closures, twice: over the native machine's host, and over the kernel's.

use super::wasm as native;
use playfair_abi::export::Export;
use playfair_abi::host::HostFunction;
use playfair_machine::engine::{End, Engine, Finished, Run};
use playfair_machine::error::Fault;
use playfair_machine::host::Host;
use playfair_proofs_kernel::native::{Entry, Linked};
use playfair_types::module::ModuleHash;
use playfair_types::receipt::Trap;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

pub(crate) type Body = Arc<dyn Fn(&mut Guest) -> Result<(), End> + Send + Sync>;

/// Modules by their hash.
#[derive(Clone, Default)]
pub(crate) struct Scripted(HashMap<ModuleHash, HashMap<Export, Body>>);

/// Size of a module's memory.
const MEMORY: usize = 65_536;
/// Code index of a row that charges n gas: this plus n. Of a row that traps: below.
const CHARGE: u64 = 1000;
/// The tag of the table of ends.
const TRAP: i32 = 15;

impl Scripted {
    pub(crate) fn with(
        mut self,
        module: ModuleHash,
        export: Export,
        body: impl Fn(&mut Guest) -> Result<(), End> + Send + Sync + 'static,
    ) -> Self {
        self.0.entry(module).or_default().insert(export, Arc::new(body));
        self
    }

    /// The program that has this module.
    pub(crate) fn link(&self, module: ModuleHash) -> Linked {
        let exports = self.0.get(&module).cloned().unwrap_or_default();
        let has = |export| exports.contains_key(&export);
        let (has_init, has_tick) = (has(Export::Init), has(Export::Tick));
        let body = move |entry| {
            let (export, arguments) = match entry {
                Entry::Call(entry, length) => (Export::Call, [entry, length]),
                Entry::Init(length) => (Export::Init, [length, 0]),
                Entry::Tick => (Export::Tick, [0, 0]),
            };
            let run = Run {
                export,
                arguments,
                gas: 0,
            };
            let mut guest = Guest {
                host: None,
                memory: Vec::new(),
                gas: 0,
                run,
            };
            match exports[&export](&mut guest) {
                Ok(()) | Err(End::Returned) => {}
                Err(End::Trapped(trap)) => native::exit_at(100 + u64::from(trap.code()), 0),
                Err(other) => panic!("the kernel ends such runs: {other:?}"),
            }
        };
        let charges = (0..=400_000).filter(|gas| *gas < 300 || *gas == 400_000);
        let mut aux: HashMap<(i32, u64), (u64, u64)> =
            charges.map(|gas| ((TRAP, CHARGE + gas), (gas << 8, 0))).collect();
        aux.extend((1..=10).map(|code| ((TRAP, 100 + code), (16 + code, 0))));
        Linked {
            hash: module.to_field(),
            memory_bytes: MEMORY as u32,
            memory_max: MEMORY as u32,
            has_init,
            has_tick,
            body: Rc::new(body),
            aux,
            table_size: 0,
        }
    }
}

impl Engine for Scripted {
    fn has(&self, module: &ModuleHash, export: Export) -> Result<bool, Fault> {
        let module = self.0.get(module).ok_or(Fault::UnknownModule(*module))?;
        Ok(module.contains_key(&export))
    }

    fn run(&self, module: &ModuleHash, run: Run, host: Host) -> Result<Finished, Fault> {
        let exports = self.0.get(module).ok_or(Fault::UnknownModule(*module))?;
        let body = exports.get(&run.export).expect("the machine asks before it runs");
        let mut guest = Guest {
            host: Some(host),
            memory: vec![0; MEMORY],
            gas: run.gas,
            run,
        };
        let end = body(&mut guest).err().unwrap_or(End::Returned);
        let host = guest.host.expect("a native guest");
        Ok(Finished {
            end,
            gas_left: guest.gas,
            host,
        })
    }
}

/// A running module: on the native machine if it has a host, else on the kernel.
pub(crate) struct Guest {
    host: Option<Host>,
    memory: Vec<u8>,
    gas: u32,
    run: Run,
}

/// Where guests keep what they pass to host functions.
const KEY: u64 = 8192;
const DATA: u64 = 16_384;

impl Guest {
    /// Calls a host function; 0 for one without a result.
    pub(crate) fn host(&mut self, function: HostFunction, arguments: &[u64]) -> Result<u64, End> {
        if let Some(host) = &mut self.host {
            let mut memory = self.memory.as_mut_slice();
            let result = host.invoke(function, arguments, &mut memory, &mut self.gas);
            return Ok(result.map_err(End::Host)?.unwrap_or(0));
        }
        let mut all = [0; 4];
        for (to, from) in all.iter_mut().zip(arguments) {
            *to = *from as u32;
        }
        Ok(native::host(function.signature().name, all))
    }

    /// Uses gas as instructions do.
    pub(crate) fn burn(&mut self, gas: u32) -> Result<(), End> {
        if self.host.is_some() {
            self.gas = self.gas.checked_sub(gas).ok_or(End::OutOfGas)?;
        } else if native::gas_left() < i128::from(gas) {
            native::exit_at(CHARGE + u64::from(gas), 0);
        } else {
            native::burn(gas);
        }
        Ok(())
    }

    pub(crate) fn put(&mut self, at: u64, bytes: &[u8]) {
        let at = at as usize;
        if self.host.is_some() {
            self.memory[at..at + bytes.len()].copy_from_slice(bytes);
            return;
        }
        for (place, chunk) in bytes.chunks(8).enumerate() {
            let address = (at + 8 * place) as u32;
            let mut word = native::peek(address).to_le_bytes();
            word[..chunk.len()].copy_from_slice(chunk);
            native::poke(address, u64::from_le_bytes(word));
        }
    }

    pub(crate) fn bytes(&self, at: u64, count: usize) -> Vec<u8> {
        let at = at as usize;
        if self.host.is_some() {
            return self.memory[at..at + count].to_vec();
        }
        let words = (0..count.div_ceil(8)).map(|place| native::peek((at + 8 * place) as u32));
        let mut bytes: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
        bytes.truncate(count);
        bytes
    }

    pub(crate) fn payload(&mut self) -> Result<Vec<u8>, End> {
        let length = match self.run.export {
            Export::Call | Export::Query => self.run.arguments[1],
            Export::Init => self.run.arguments[0],
            Export::Tick => 0,
        };
        self.host(HostFunction::Input, &[0])?;
        Ok(self.bytes(0, length as usize))
    }

    pub(crate) fn set(&mut self, key: &[u8], value: &[u8]) -> Result<(), End> {
        self.put(KEY, key);
        self.put(DATA, value);
        let arguments = [KEY, key.len() as u64, DATA, value.len() as u64];
        self.host(HostFunction::Set, &arguments).map(drop)
    }

    pub(crate) fn get(&mut self, key: &[u8]) -> Result<Option<Vec<u8>>, End> {
        self.put(KEY, key);
        let length = self.host(HostFunction::Get, &[KEY, key.len() as u64, DATA, 4096])?;
        Ok((length != u64::from(u32::MAX)).then(|| self.bytes(DATA, length as usize)))
    }

    pub(crate) fn remove(&mut self, key: &[u8]) -> Result<u64, End> {
        self.put(KEY, key);
        self.host(HostFunction::Remove, &[KEY, key.len() as u64])
    }

    pub(crate) fn emit(&mut self, topic: u64, data: &[u8]) -> Result<(), End> {
        self.put(DATA, data);
        self.host(HostFunction::Emit, &[topic, DATA, data.len() as u64])
            .map(drop)
    }

    pub(crate) fn output(&mut self, data: &[u8]) -> Result<(), End> {
        self.put(DATA, data);
        self.host(HostFunction::Output, &[DATA, data.len() as u64])
            .map(drop)
    }

    pub(crate) fn revert(&mut self, data: &[u8]) -> Result<(), End> {
        self.put(DATA, data);
        self.host(HostFunction::Revert, &[DATA, data.len() as u64])
            .map(drop)
    }

    pub(crate) fn transfer(&mut self, to: &[u8; 20], amount: u128) -> Result<u64, End> {
        self.put(KEY, to);
        self.put(DATA, &amount.to_le_bytes());
        self.host(HostFunction::Transfer, &[KEY, DATA])
    }

    pub(crate) fn withdraw(&mut self, to: &[u8; 20], amount: u128) -> Result<u64, End> {
        self.put(KEY, to);
        self.put(DATA, &amount.to_le_bytes());
        self.host(HostFunction::Withdraw, &[KEY, DATA])
    }

    pub(crate) fn send(&mut self, to: &[u8; 20], payload: &[u8]) -> Result<u64, End> {
        self.put(KEY, to);
        self.put(DATA, payload);
        self.host(HostFunction::Send, &[KEY, DATA, payload.len() as u64])
    }

    /// Emits what a host function wrote: what both hosts write has to be the same.
    fn show(&mut self, count: usize) -> Result<(), End> {
        self.host(HostFunction::Emit, &[7, DATA, count as u64]).map(drop)
    }
}

/// A module that does what its payload says: two bytes an instruction, what and how much. Random payloads give it
/// every kind of end.
pub(crate) fn interpret(guest: &mut Guest, accounts: &[[u8; 20]]) -> Result<(), End> {
    use HostFunction as H;
    let program = guest.payload()?;
    for instruction in program.chunks(2) {
        let (what, how) = (instruction[0], instruction.get(1).copied().unwrap_or(0));
        let account = accounts[usize::from(how) % accounts.len()];
        guest.burn(50)?;
        match what % 32 {
            0..4 => guest.set(
                &vec![how % 8; usize::from(how % 3) * 13],
                &vec![how; usize::from(how) * 3],
            )?,
            4 => drop(guest.get(&[how % 8])?),
            5 => drop(guest.remove(&vec![how % 8; usize::from(how % 3) * 13])?),
            6..9 => drop(guest.transfer(&account, u128::from(how) * 7)?),
            9 => drop(guest.withdraw(&[how; 20], u128::from(how))?),
            10 => drop(guest.send(&[1; 20], &vec![how; usize::from(how)])?),
            11..14 => guest.emit(u64::from(how), &vec![what; usize::from(how)])?,
            14 => guest.output(&vec![how; usize::from(how)])?,
            15 if how > 200 => guest.revert(&[how; 40])?,
            16 if how > 220 => return Err(End::Trapped(Trap::DivisionByZero)),
            17 if how > 230 => drop(guest.host(H::Caller, &[3])?),
            18 if how > 200 => guest.burn(400_000)?,
            19 if how > 220 => drop(guest.transfer(&account, u128::MAX)?),
            20 if how > 240 => {
                for _ in 0..65 {
                    guest.emit(1, &[])?;
                }
            }
            21 => {
                guest.host(H::Caller, &[DATA])?;
                guest.host(H::Value, &[DATA + 24])?;
                guest.host(H::ChainId, &[DATA + 40])?;
                guest.host(H::Randomness, &[DATA + 72])?;
                let (height, time) = (guest.host(H::Height, &[])?, guest.host(H::Time, &[])?);
                guest.put(DATA + 104, &(height ^ time).to_le_bytes());
                guest.show(112)?;
            }
            22 => {
                guest.put(KEY, &account);
                guest.host(H::Balance, &[KEY, DATA])?;
                guest.show(16)?;
            }
            23 => {
                guest.put(KEY, &[how & 0x2f; 160]);
                guest.host(H::Poseidon2, &[KEY, DATA])?;
                guest.host(H::Poseidon5, &[KEY, DATA + 32])?;
                guest.show(64)?;
            }
            24 => {
                let there = guest.host(H::Exists, &[KEY, u64::from(how % 70)])?;
                guest.put(DATA, &there.to_le_bytes());
                guest.show(8)?;
                guest.host(H::Log, &[KEY, u64::from(how)])?;
            }
            25 => {
                // Too little room, and keys at the end of memory.
                let key = MEMORY as u64 - 8;
                guest.host(H::Get, &[KEY, 1, DATA, u64::from(how & 0xf8)])?;
                guest.show(usize::from(how))?;
                guest.host(H::Exists, &[key, u64::from(how % 10)])?;
            }
            _ => guest.burn(u32::from(how))?,
        }
    }
    Ok(())
}
