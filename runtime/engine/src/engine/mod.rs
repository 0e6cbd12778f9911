//! wasmtime as the machine's engine.
//!
//! Determinism: integer instructions only (admission), no threads, no shared memory; gas and call depth are counted by
//! instrumented code. Two nets lie below and are never outcomes: an epoch deadline of some seconds, and the native stack.
//! If one catches something the run is a fault, the chain stops, and somebody has found a bug.
//!
//! Every run has a fresh instance from the pooling allocator: its memory is a copy-on-write image of the module's data, so
//! starting one costs microseconds whatever the memory's size.

mod imports;
mod net;
mod places;

use playfair_abi::export::Export;
use playfair_abi::instrumented;
use playfair_admission::Admitted;
use playfair_machine::engine::{End, Engine, Finished, Run};
use playfair_machine::error::Fault;
use playfair_machine::host::{Ended, Host};
use playfair_types::module::ModuleHash;
use playfair_types::receipt::Trap;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use wasmtime::{
    Config, Enabled, Global, InstanceAllocationStrategy, InstancePre, Linker, Memory, Module, ModuleExport,
    OptLevel, PoolingAllocationConfig, Store, Val,
};

/// Largest memory of a module, bytes: admission's limit.
const MEMORY_BYTES_MAX: usize = playfair_admission::limits::MEMORY_PAGES as usize * 65_536;
/// Largest table of a module.
const TABLE_ELEMENTS_MAX: usize = playfair_admission::limits::TABLE_ENTRIES as usize;
/// Runs at the same time in one engine; more wait for one to end.
const INSTANCES_MAX: u32 = 64;
/// Native stack that a run may use, bytes: twenty times what the frame slots that admission allows hold; the worst attack
/// known takes seven. That is enough only without Cranelift's optimisations: common subexpressions would keep values alive
/// across calls that the code does not keep, so that a frame of a dozen slots takes 100 KiB and an admitted module's recursion
/// is a fault. Leaving them out cost chess two hundredths of its speed when it was measured.
const STACK_BYTES: usize = 5 << 18;
/// Bytes of an instance's memory that stay with the pool after a run and are cleared by writing. Where the system tells
/// which pages were touched, only those are; elsewhere all of these are, so it is not more than games use.
const KEEP_RESIDENT_BYTES: usize = 256 << 10;

/// A wasmtime engine with the modules that were loaded into it. Cheap to clone.
#[derive(Clone)]
pub struct Wasmtime(Arc<Inner>);

struct Inner {
    engine: wasmtime::Engine,
    linker: Linker<Run1>,
    modules: RwLock<HashMap<ModuleHash, Arc<Loaded>>>,
    instructions: AtomicU64,
    accesses: AtomicU64,
    places: places::Places,
    _net: net::Net,
}

/// The store of one run.
struct Run1 {
    host: Host,
    ended: Option<Ended>,
    memory: Option<Memory>,
    gas: Option<Global>,
}

/// A compiled module and where its exports are.
struct Loaded {
    instance: InstancePre<Run1>,
    entries: [Option<ModuleExport>; Export::ALL.len()],
    gas: ModuleExport,
    stack: ModuleExport,
    memory: Option<ModuleExport>,
    counters: Option<[ModuleExport; 2]>,
}

/// What measuring builds have counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Executed WebAssembly instructions, of the original code.
    pub instructions: u64,
    /// Loads, stores, and words of bulk operations.
    pub accesses: u64,
}

impl Wasmtime {
    /// An engine without modules.
    ///
    /// # Errors
    /// [`Fault::Engine`] when the system does not give the address space for its instances.
    pub fn new() -> Result<Self, Fault> {
        let engine = wasmtime::Engine::new(&config()).map_err(fault)?;
        let linker = imports::linker(&engine).map_err(fault)?;
        Ok(Self(Arc::new(Inner {
            _net: net::Net::new(&engine),
            engine,
            linker,
            modules: RwLock::default(),
            instructions: AtomicU64::new(0),
            accesses: AtomicU64::new(0),
            places: places::Places::new(INSTANCES_MAX),
        })))
    }

    /// Compiles an admitted module.
    ///
    /// # Errors
    /// [`Fault::Engine`] when wasmtime does not take it: a bug, since admission did.
    pub fn load(&self, admitted: &Admitted) -> Result<(), Fault> {
        self.load_as(admitted.hash, &admitted.instrumented)
    }

    /// Compiles a measuring build of a module under the module's hash: for counting, not for a chain that others follow.
    ///
    /// # Errors
    /// As [`Wasmtime::load`].
    pub fn load_measuring(&self, hash: ModuleHash, measuring: &[u8]) -> Result<(), Fault> {
        self.load_as(hash, measuring)
    }

    fn load_as(&self, hash: ModuleHash, code: &[u8]) -> Result<(), Fault> {
        let module = Module::new(&self.0.engine, code).map_err(fault)?;
        let export = |name: &str| module.get_export_index(name);
        let needed = |name: &'static str| {
            export(name).ok_or_else(|| Fault::Engine(format!("an instrumented module exports {name}")))
        };
        let loaded = Loaded {
            entries: Export::ALL.map(|entry| export(entry.name())),
            gas: needed(instrumented::GAS)?,
            stack: needed(instrumented::STACK)?,
            memory: export(instrumented::MEMORY),
            counters: export(instrumented::INSTRUCTIONS)
                .zip(export(instrumented::ACCESSES))
                .map(|(instructions, accesses)| [instructions, accesses]),
            instance: self.0.linker.instantiate_pre(&module).map_err(fault)?,
        };
        let mut modules = self.0.modules.write().unwrap_or_else(PoisonError::into_inner);
        modules.insert(hash, Arc::new(loaded));
        Ok(())
    }

    /// Forgets a module. Runs that have started keep it until they end.
    pub fn unload(&self, hash: &ModuleHash) {
        let mut modules = self.0.modules.write().unwrap_or_else(PoisonError::into_inner);
        modules.remove(hash);
    }

    /// What measuring builds have counted in this engine.
    #[must_use]
    pub fn counted(&self) -> Counted {
        Counted {
            instructions: self.0.instructions.load(Ordering::Relaxed),
            accesses: self.0.accesses.load(Ordering::Relaxed),
        }
    }

    fn loaded(&self, hash: &ModuleHash) -> Result<Arc<Loaded>, Fault> {
        let modules = self.0.modules.read().unwrap_or_else(PoisonError::into_inner);
        modules.get(hash).cloned().ok_or(Fault::UnknownModule(*hash))
    }
}

impl Engine for Wasmtime {
    fn has(&self, module: &ModuleHash, export: Export) -> Result<bool, Fault> {
        Ok(self.loaded(module)?.entry(export).is_some())
    }

    fn run(&self, module: &ModuleHash, run: Run, host: Host) -> Result<Finished, Fault> {
        let loaded = self.loaded(module)?;
        // Declared before the store, so that it is given back after the instance.
        let _place = self.0.places.take();
        let mut store = Store::new(
            &self.0.engine,
            Run1 {
                host,
                ended: None,
                memory: None,
                gas: None,
            },
        );
        store.set_epoch_deadline(net::DEADLINE_TICKS);
        let instance = loaded.instance.instantiate(&mut store).map_err(fault)?;
        let memory = loaded
            .memory
            .as_ref()
            .and_then(|memory| instance.get_module_export(&mut store, memory)?.into_memory());
        let mut global = |export: &ModuleExport| {
            let global = instance
                .get_module_export(&mut store, export)
                .and_then(wasmtime::Extern::into_global);
            global.ok_or_else(|| Fault::Engine("an instrumented global is missing".into()))
        };
        let (gas, stack) = (global(&loaded.gas)?, global(&loaded.stack)?);
        let counters = match &loaded.counters {
            Some([instructions, accesses]) => Some([global(instructions)?, global(accesses)?]),
            None => None,
        };
        let entry = loaded
            .entry(run.export)
            .and_then(|entry| instance.get_module_export(&mut store, entry)?.into_func())
            .ok_or_else(|| Fault::Engine(format!("the module has no {}", run.export.name())))?;
        let limit = i32::try_from(run.gas).map_err(|_| Fault::Engine("gas of 2^31 or more".into()))?;
        gas.set(&mut store, Val::I32(limit)).map_err(fault)?;
        let data = store.data_mut();
        (data.memory, data.gas) = (memory, Some(gas));

        let [a, b] = run.arguments;
        let result = match run.export.params().len() {
            0 => entry
                .typed::<(), ()>(&store)
                .and_then(|entry| entry.call(&mut store, ())),
            1 => entry
                .typed::<u32, ()>(&store)
                .and_then(|entry| entry.call(&mut store, a)),
            _ => entry
                .typed::<(u32, u32), ()>(&store)
                .and_then(|entry| entry.call(&mut store, (a, b))),
        };

        let mut read = |global: Global| global.get(&mut store).i32().unwrap_or(-1);
        let (gas_left, stack_left) = (read(gas), read(stack));
        if let Some([instructions, accesses]) = counters {
            let mut count = |global: Global| global.get(&mut store).i64().unwrap_or(0).unsigned_abs();
            self.0
                .instructions
                .fetch_add(count(instructions), Ordering::Relaxed);
            self.0.accesses.fetch_add(count(accesses), Ordering::Relaxed);
        }
        let data = store.into_data();
        let end = match (result, data.ended) {
            (Ok(()), _) => End::Returned,
            (Err(_), Some(ended)) => End::Host(ended),
            (Err(error), None) => ended(&error, gas_left, stack_left)?,
        };
        Ok(Finished {
            end,
            gas_left: u32::try_from(gas_left).unwrap_or(0),
            host: data.host,
        })
    }
}

impl Loaded {
    fn entry(&self, export: Export) -> Option<&ModuleExport> {
        let place = Export::ALL.iter().position(|other| *other == export)?;
        self.entries.get(place)?.as_ref()
    }
}

/// How a run ended that neither returned nor was ended by the host.
fn ended(error: &wasmtime::Error, gas_left: i32, stack_left: i32) -> Result<End, Fault> {
    let Some(trap) = error.downcast_ref::<wasmtime::Trap>() else {
        return Err(fault(error));
    };
    let trap = match trap {
        wasmtime::Trap::UnreachableCodeReached if gas_left < 0 => return Ok(End::OutOfGas),
        wasmtime::Trap::UnreachableCodeReached if stack_left < 0 => Trap::CallDepth,
        wasmtime::Trap::UnreachableCodeReached => Trap::Unreachable,
        wasmtime::Trap::MemoryOutOfBounds => Trap::MemoryOutOfBounds,
        wasmtime::Trap::IntegerDivisionByZero => Trap::DivisionByZero,
        wasmtime::Trap::IntegerOverflow => Trap::IntegerOverflow,
        wasmtime::Trap::BadSignature => Trap::IndirectCallType,
        wasmtime::Trap::TableOutOfBounds => Trap::TableOutOfBounds,
        wasmtime::Trap::IndirectCallToNull => Trap::NullElement,
        // The native stack, the epoch deadline, and what no admitted module can do: nets, not outcomes.
        _ => return Err(fault(error)),
    };
    Ok(End::Trapped(trap))
}

fn fault(error: impl core::fmt::Display) -> Fault {
    Fault::Engine(format!("{error:#}"))
}

fn config() -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(INSTANCES_MAX)
        .total_memories(INSTANCES_MAX)
        .total_tables(INSTANCES_MAX)
        .max_memory_size(MEMORY_BYTES_MAX)
        .table_elements(TABLE_ELEMENTS_MAX)
        .linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .pagemap_scan(Enabled::Auto)
        .table_keep_resident(TABLE_ELEMENTS_MAX * 8);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .memory_init_cow(true)
        .max_wasm_stack(STACK_BYTES)
        .cranelift_opt_level(OptLevel::None)
        .epoch_interruption(true)
        .wasm_backtrace_max_frames(None)
        .wasm_relaxed_simd(false)
        .wasm_simd(false);
    config
}
