//! The engine wasmtime, for plain and for instrumented modules.

use crate::engine::{Engine, Stopped, Trap, Value};
use playfair_abi::instrumented::{GAS, STACK};
use std::collections::BTreeMap;
use wasmtime::{
    Config, Extern, Global, Instance, Linker, Module, OperatorCost, OptLevel, Store, StoreLimits,
    StoreLimitsBuilder, UnknownImportError, Val,
};

/// Bytes of native stack that a run may use. Instrumented modules run out of frame slots first, which is tested.
const STACK_BYTES: usize = 1 << 20;

/// What bounds a run beside the module itself.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Pages that a memory may have; what asks for more is refused, as the specification lets an engine do.
    pub pages_max: Option<usize>,
    /// Wasmtime's own fuel for one run: ends a plain module's endless loop as [`Stopped::Engine`].
    pub fuel: Option<u64>,
    /// What each instruction costs of that fuel; entering a function costs 1 beside.
    pub costs: OperatorCost,
}

/// Wasmtime with these limits.
pub struct Wasmtime {
    engine: wasmtime::Engine,
    limits: Limits,
}

/// Instances that may import from each other.
pub struct Running {
    store: Store<StoreLimits>,
    meters: Vec<Meter>,
}

/// The globals that instrumentation added to one instance.
struct Meter {
    gas: Option<Global>,
    /// With the value that it starts with.
    stack: Option<(Global, i32)>,
}

impl Wasmtime {
    /// An engine with these limits.
    ///
    /// # Panics
    /// If this build of wasmtime lacks what the tests need.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let mut config = Config::new();
        config
            .parallel_compilation(false)
            .cranelift_opt_level(OptLevel::None)
            .consume_fuel(limits.fuel.is_some())
            .operator_cost(limits.costs.clone())
            .max_wasm_stack(STACK_BYTES)
            .memory_init_cow(false)
            // Runs end by traps as often as not, and nobody reads where.
            .wasm_backtrace_max_frames(None)
            .native_unwind_info(false);
        let engine =
            wasmtime::Engine::new(&config).expect("wasmtime's configuration is one that it supports");
        Self { engine, limits }
    }

    /// Wasmtime's fuel that the last run used; exact if it returned. Zero if the engine has no fuel.
    ///
    /// # Panics
    /// If wasmtime lost the fuel that it was given.
    #[must_use]
    pub fn fuel_used(&self, running: &Running) -> u64 {
        self.limits
            .fuel
            .map_or(0, |fuel| fuel - running.store.get_fuel().expect("fuel is on"))
    }

    fn stopped(error: &wasmtime::Error) -> Stopped {
        let Some(trap) = error.downcast_ref::<wasmtime::Trap>() else {
            return Stopped::Engine(format!("{error:#}"));
        };
        Stopped::Trap(match trap {
            wasmtime::Trap::UnreachableCodeReached => Trap::Unreachable,
            wasmtime::Trap::MemoryOutOfBounds => Trap::MemoryOutOfBounds,
            wasmtime::Trap::IntegerDivisionByZero => Trap::DivisionByZero,
            wasmtime::Trap::IntegerOverflow => Trap::IntegerOverflow,
            wasmtime::Trap::BadSignature => Trap::IndirectCallType,
            wasmtime::Trap::TableOutOfBounds => Trap::TableOutOfBounds,
            wasmtime::Trap::IndirectCallToNull => Trap::NullElement,
            wasmtime::Trap::StackOverflow => Trap::CallDepth,
            other => return Stopped::Engine(other.to_string()),
        })
    }
}

fn unlinkable(error: &wasmtime::Error) -> Stopped {
    let text = format!("{error:#}");
    match error.downcast_ref::<UnknownImportError>() {
        Some(_) => Stopped::UnknownImport(text),
        None => Stopped::ImportType(text),
    }
}

/// The value of an `i32` global.
fn number(global: Global, store: &mut Store<StoreLimits>) -> i32 {
    global
        .get(store)
        .i32()
        .expect("instrumentation's globals are i32")
}

impl Engine for Wasmtime {
    type Module = Module;
    type Store = Running;
    type Instance = Instance;

    fn load(&self, wasm: &[u8]) -> Result<Module, String> {
        Module::new(&self.engine, wasm).map_err(|error| format!("{error:#}"))
    }

    fn links(&self) -> bool {
        true
    }

    fn store(&self) -> Running {
        let mut limits = StoreLimitsBuilder::new();
        if let Some(pages) = self.limits.pages_max {
            limits = limits.memory_size(pages << 16);
        }
        let mut store = Store::new(&self.engine, limits.build());
        store.limiter(|limits| limits);
        Running {
            store,
            meters: Vec::new(),
        }
    }

    fn instantiate(
        &self,
        running: &mut Running,
        module: &Module,
        names: &BTreeMap<String, Instance>,
    ) -> Result<Instance, Stopped> {
        let store = &mut running.store;
        if self.limits.fuel.is_some() {
            store.set_fuel(u64::MAX).expect("fuel is on");
        }
        let instance = if names.is_empty() && module.imports().len() == 0 {
            Instance::new(&mut *store, module, &[])
        } else {
            let mut linker = Linker::new(&self.engine);
            for (name, instance) in names {
                linker
                    .instance(&mut *store, name, *instance)
                    .expect("names differ");
            }
            // Checks the types of imports only, and sizes as they are now.
            let linked = linker.instantiate_pre(module);
            linked
                .map_err(|error| unlinkable(&error))?
                .instantiate(&mut *store)
        };
        let instance = instance.map_err(|error| Self::stopped(&error))?;
        let gas = instance.get_global(&mut *store, GAS);
        let stack = instance.get_global(&mut *store, STACK);
        let stack = stack.map(|global| (global, number(global, store)));
        running.meters.push(Meter { gas, stack });
        Ok(instance)
    }

    fn invoke(
        &self,
        running: &mut Running,
        instance: Instance,
        name: &str,
        args: &[Value],
        gas: i32,
    ) -> Result<Vec<Value>, Stopped> {
        let Running { store, meters } = running;
        let function = instance
            .get_func(&mut *store, name)
            .ok_or_else(|| Stopped::Engine(format!("no function {name:?}")))?;
        let mut results = vec![Val::I32(0); function.ty(&*store).results().len()];
        let args: Vec<Val> = args.iter().map(|value| val(*value)).collect();
        for meter in &*meters {
            let slots = meter.stack;
            for (global, value) in meter.gas.map(|global| (global, gas)).into_iter().chain(slots) {
                let set = global.set(&mut *store, Val::I32(value));
                set.expect("gas and frame slots are mutable i32");
            }
        }
        if let Some(fuel) = self.limits.fuel {
            store.set_fuel(fuel).expect("fuel is on");
        }
        let Err(error) = function.call(&mut *store, &args, &mut results) else {
            return Ok(results.iter().filter_map(value).collect());
        };
        let mut negative = |global: Option<Global>| global.is_some_and(|global| number(global, store) < 0);
        if meters.iter().any(|meter| negative(meter.gas)) {
            return Err(Stopped::Trap(Trap::OutOfGas));
        }
        if meters
            .iter()
            .any(|meter| negative(meter.stack.map(|(global, _)| global)))
        {
            return Err(Stopped::Trap(Trap::CallDepth));
        }
        Err(match Self::stopped(&error) {
            // Instrumented modules count their frames, so that the engine's own stack never ends one.
            Stopped::Trap(Trap::CallDepth) if meters.iter().any(|meter| meter.stack.is_some()) => {
                Stopped::Engine("the native stack ended before the frame slots".to_owned())
            }
            stopped => stopped,
        })
    }

    fn global(&self, running: &mut Running, instance: Instance, name: &str) -> Option<Value> {
        let global = instance.get_global(&mut running.store, name)?;
        value(&global.get(&mut running.store))
    }

    fn memory<'a>(&self, running: &'a mut Running, instance: Instance, name: &str) -> Option<&'a [u8]> {
        match instance.get_export(&mut running.store, name)? {
            Extern::Memory(memory) => Some(memory.data(&running.store)),
            _ => None,
        }
    }
}

fn val(value: Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
    }
}

fn value(val: &Val) -> Option<Value> {
    match val {
        Val::I32(value) => Some(Value::I32(*value)),
        Val::I64(value) => Some(Value::I64(*value)),
        _ => None,
    }
}
