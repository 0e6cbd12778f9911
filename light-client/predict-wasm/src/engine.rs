//! The browser's WebAssembly as the machine's engine: one module, a fresh instance for each run.
//!
//! `engine.js` makes the instance and links the host functions of the one table; each call of one comes back here with its arguments,
//! the memory and the gas that is left, and goes to [`Host::invoke`].

use js_sys::{Array, Error, Reflect, Uint8Array};
use playfair_abi::export::Export;
use playfair_abi::host::{HostFunction, IMPORT_MODULE};
use playfair_abi::instrumented;
use playfair_machine::engine::{End, Engine, Finished, Run};
use playfair_machine::error::Fault;
use playfair_machine::host::{Ended, Host, Memory};
use playfair_types::module::ModuleHash;
use playfair_types::receipt::Trap;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/engine.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn compile(code: Uint8Array) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = has)]
    fn has_export(module: &JsValue, name: &str) -> bool;

    /// `[ended, gas, stack]`: `ended` is 0 when the entry returned, -1 when the host ended it, else a trap's code.
    #[wasm_bindgen(catch)]
    fn run(
        module: &JsValue,
        names: &Array,
        entry: &str,
        arguments: &[u32],
        gas: i32,
        invoke: &mut dyn FnMut(u32, Vec<u32>, i32, JsValue) -> f64,
        gas_left: &mut dyn FnMut() -> i32,
    ) -> Result<Vec<i32>, JsValue>;
}

/// An admitted module in the browser's engine.
#[derive(Clone)]
pub(crate) struct Browser(Rc<Loaded>);

struct Loaded {
    hash: ModuleHash,
    module: JsValue,
    names: Array,
}

impl Browser {
    /// Compiles a module that was held against its hash and its bounds.
    pub(crate) fn load(hash: ModuleHash, code: &[u8]) -> Result<Self, Fault> {
        let module = compile(Uint8Array::from(code)).map_err(|error| fault(&error))?;
        let functions = HostFunction::ALL.iter();
        let names = functions.map(|function| JsValue::from_str(function.signature().name));
        let names: Array = [
            IMPORT_MODULE,
            instrumented::GAS,
            instrumented::STACK,
            instrumented::MEMORY,
        ]
        .into_iter()
        .map(JsValue::from_str)
        .chain(names)
        .collect();
        Ok(Self(Rc::new(Loaded { hash, module, names })))
    }

    fn is(&self, module: &ModuleHash) -> Result<(), Fault> {
        match *module == self.0.hash {
            true => Ok(()),
            false => Err(Fault::UnknownModule(*module)),
        }
    }
}

/// An instance's memory.
struct Linear(Option<Uint8Array>);

impl Memory for Linear {
    fn size(&self) -> u64 {
        self.0.as_ref().map_or(0, |bytes| u64::from(bytes.length()))
    }

    fn read(&self, from: u32, to: &mut [u8]) {
        let length = u32::try_from(to.len()).unwrap_or(0);
        if let Some(bytes) = &self.0 {
            bytes.subarray(from, from.saturating_add(length)).copy_to(to);
        }
    }

    fn write(&mut self, to: u32, from: &[u8]) {
        let length = u32::try_from(from.len()).unwrap_or(0);
        if let Some(bytes) = &self.0 {
            bytes.subarray(to, to.saturating_add(length)).copy_from(from);
        }
    }
}

impl Engine for Browser {
    fn has(&self, module: &ModuleHash, export: Export) -> Result<bool, Fault> {
        self.is(module)?;
        Ok(has_export(&self.0.module, export.name()))
    }

    fn run(&self, module: &ModuleHash, asked: Run, host: Host) -> Result<Finished, Fault> {
        self.is(module)?;
        let limit = i32::try_from(asked.gas).map_err(|_| Fault::Engine("gas of 2^31 or more".into()))?;
        let (host, left, ended) = (RefCell::new(host), Cell::new(limit), RefCell::new(None));
        let mut invoke = |function: u32, arguments: Vec<u32>, gas: i32, memory: JsValue| {
            let mut charged = u32::try_from(gas).unwrap_or(0);
            let called = call(&mut host.borrow_mut(), function, &arguments, memory, &mut charged);
            left.set(i32::try_from(charged).unwrap_or(0));
            match called {
                // Times and heights are far below 2^53.
                Ok(value) => value as f64,
                Err(why) => {
                    *ended.borrow_mut() = Some(why);
                    f64::NAN
                }
            }
        };
        let arguments = asked
            .arguments
            .get(..asked.export.params().len())
            .unwrap_or_default();
        let entry = asked.export.name();
        let (module, names) = (&self.0.module, &self.0.names);
        let told = run(module, names, entry, arguments, limit, &mut invoke, &mut || {
            left.get()
        });
        let told = told.map_err(|error| fault(&error))?;
        let [code, gas_left, stack_left] = told[..] else {
            return Err(Fault::Engine("a run told nothing".into()));
        };
        let end = match (code, ended.into_inner()) {
            (0, _) => End::Returned,
            (-1, Some(ended)) => End::Host(ended),
            (code, _) => trapped(code, gas_left, stack_left)?,
        };
        Ok(Finished {
            end,
            gas_left: u32::try_from(gas_left).unwrap_or(0),
            host: host.into_inner(),
        })
    }
}

/// Passes a host call on.
fn call(
    host: &mut Host,
    function: u32,
    arguments: &[u32],
    memory: JsValue,
    gas: &mut u32,
) -> Result<u64, Ended> {
    let function = usize::try_from(function)
        .ok()
        .and_then(|place| HostFunction::ALL.get(place));
    let function = function.ok_or_else(|| Ended::Fault(Fault::Engine("no such host function".into())))?;
    let arguments: Vec<u64> = arguments.iter().copied().map(u64::from).collect();
    let mut memory = Linear(memory.dyn_into().ok());
    let result = host.invoke(*function, &arguments, &mut memory, gas);
    result.map(|value| value.unwrap_or(0))
}

/// How a run ended that trapped: the module's own globals speak first.
fn trapped(code: i32, gas_left: i32, stack_left: i32) -> Result<End, Fault> {
    let code = u8::try_from(code)
        .ok()
        .and_then(|code| Trap::from_code(code).ok());
    match code {
        Some(Trap::Unreachable) if gas_left < 0 => Ok(End::OutOfGas),
        Some(Trap::Unreachable) if stack_left < 0 => Ok(End::Trapped(Trap::CallDepth)),
        Some(trap) => Ok(End::Trapped(trap)),
        None => Err(Fault::Engine("a trap that has no name".into())),
    }
}

/// What JavaScript threw.
fn fault(error: &JsValue) -> Fault {
    let message = error
        .dyn_ref::<Error>()
        .map(|error| String::from(error.message()));
    let named = Reflect::get(error, &"message".into())
        .ok()
        .and_then(|text| text.as_string());
    Fault::Engine(
        message
            .or(named)
            .unwrap_or_else(|| "the browser does not say why".into()),
    )
}
