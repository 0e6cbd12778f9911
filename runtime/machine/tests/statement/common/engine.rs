//! An engine whose modules are closures: what a module does is written in the test, without WebAssembly.

use playfair_abi::export::Export;
use playfair_abi::host::HostFunction;
use playfair_machine::engine::{End, Engine, Finished, Run};
use playfair_machine::error::Fault;
use playfair_machine::host::{Ended, Host};
use playfair_types::module::ModuleHash;
use playfair_types::receipt::Trap;
use std::collections::HashMap;
use std::sync::Arc;

pub(crate) type Body = Arc<dyn Fn(&mut Guest) -> Result<(), End> + Send + Sync>;

/// Modules by their hash.
#[derive(Clone, Default)]
pub(crate) struct Scripted(HashMap<ModuleHash, HashMap<Export, Body>>);

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
            host,
            memory: vec![0; 65_536],
            gas: run.gas,
            run,
        };
        let end = body(&mut guest).err().unwrap_or(End::Returned);
        Ok(Finished {
            end,
            gas_left: guest.gas,
            host: guest.host,
        })
    }
}

/// A running module.
pub(crate) struct Guest {
    pub(crate) host: Host,
    pub(crate) memory: Vec<u8>,
    pub(crate) gas: u32,
    pub(crate) run: Run,
}

/// Where guests keep what they pass to host functions.
const KEY: u64 = 8192;
const DATA: u64 = 16_384;

impl Guest {
    /// Calls a host function; 0 for one without a result.
    pub(crate) fn host(&mut self, function: HostFunction, arguments: &[u64]) -> Result<u64, End> {
        let mut memory = self.memory.as_mut_slice();
        let result = self
            .host
            .invoke(function, arguments, &mut memory, &mut self.gas)
            .map_err(End::Host)?;
        assert_eq!(result.is_some(), function.signature().result.is_some());
        Ok(result.unwrap_or(0))
    }

    /// Uses gas as instructions do.
    pub(crate) fn burn(&mut self, gas: u32) -> Result<(), End> {
        self.gas = self.gas.checked_sub(gas).ok_or(End::OutOfGas)?;
        Ok(())
    }

    pub(crate) fn put(&mut self, at: u64, bytes: &[u8]) {
        self.memory[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
    }

    pub(crate) fn bytes(&self, at: u64, count: usize) -> Vec<u8> {
        self.memory[at as usize..at as usize + count].to_vec()
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

    pub(crate) fn value(&mut self) -> Result<u128, End> {
        self.host(HostFunction::Value, &[DATA])?;
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.bytes(DATA, 16));
        Ok(u128::from_le_bytes(bytes))
    }

    pub(crate) fn caller(&mut self) -> Result<[u8; 20], End> {
        self.host(HostFunction::Caller, &[DATA])?;
        let mut bytes = [0; 20];
        bytes.copy_from_slice(&self.bytes(DATA, 20));
        Ok(bytes)
    }
}

/// A module that does what its payload says: two bytes an instruction, what and how much. Random payloads give it
/// every kind of end.
pub(crate) fn interpret(guest: &mut Guest, accounts: &[[u8; 20]]) -> Result<(), End> {
    let program = guest.payload()?;
    for instruction in program.chunks(2) {
        let (what, how) = (instruction[0], instruction.get(1).copied().unwrap_or(0));
        let account = accounts[usize::from(how) % accounts.len()];
        guest.burn(50)?;
        match what % 24 {
            0..4 => guest.set(&[how % 8], &vec![how; usize::from(how) * 3])?,
            4 => drop(guest.get(&[how % 8])?),
            5 => drop(guest.remove(&[how % 8])?),
            6..9 => drop(guest.transfer(&account, u128::from(how) * 7)?),
            9 => drop(guest.withdraw(&[how; 20], u128::from(how))?),
            10 => drop(guest.send(&[1; 20], &vec![how; usize::from(how)])?),
            11..14 => guest.emit(u64::from(how), &vec![what; usize::from(how)])?,
            14 => guest.output(&vec![how; usize::from(how)])?,
            15 if how > 200 => guest.revert(&[how; 40])?,
            16 if how > 220 => return Err(End::Trapped(Trap::DivisionByZero)),
            17 if how > 230 => drop(guest.host(HostFunction::Caller, &[3])?),
            18 if how > 200 => guest.burn(400_000)?,
            19 if how > 220 => drop(guest.transfer(&account, u128::MAX)?),
            20 if how > 240 => {
                for _ in 0..65 {
                    guest.emit(1, &[])?;
                }
            }
            _ => guest.burn(u32::from(how))?,
        }
    }
    Ok(())
}

/// A fault that a host function reports.
pub(crate) fn fault() -> End {
    End::Host(Ended::Fault(Fault::Engine("a net".into())))
}
