//! The modules of one file, and what they are linked to.

use super::rewrite::{Imports, MOVERS_RUN, Rewritten, START, STUBS_HIT, rewrite};
use super::run::{PAGES_MAX, Setup};
use super::{Reason, script};
use crate::engine::{Engine, Stopped, Trap, Value};
use std::collections::{BTreeMap, HashMap};
use wast::WastInvoke;
use wast::token::Id;

/// The suite's host module without its floats, for modules that import from others too.
const SPECTEST: &str = r#"(module
  (func (export "print"))
  (func (export "print_i32") (param i32))
  (func (export "print_i64") (param i64))
  (global (export "global_i32") i32 (i32.const 666))
  (global (export "global_i64") i64 (i64.const 666))
  (table (export "table") 10 20 funcref)
  (memory (export "memory") 1 2))"#;
/// What it lacks.
const SPECTEST_FLOATS: [&str; 6] = [
    "print_f32",
    "print_f64",
    "print_i32_f32",
    "print_f64_f64",
    "global_f32",
    "global_f64",
];

/// Why a module in scope has no instance.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// The engine says so, or admission for a reason that the suite has no trap for.
    Stopped(Stopped),
    /// Admission refuses it for the segment that would trap so.
    Refused(Trap),
}

/// An instance that is not yet one of the file's modules.
pub(super) struct Made<I>(Slot<I>);

/// What became of a module: an instance, no instance, or a reason why it is out of scope.
pub(super) type Attempt<I> = Result<Result<Made<I>, Failure>, Reason>;

/// A module of the file.
enum Slot<I> {
    Live {
        instance: I,
        /// Exports that went, and why.
        removed: BTreeMap<String, Reason>,
        /// Whether it shares anything with other modules.
        linked: bool,
        /// Whether a directive was skipped that might have changed it.
        stale: bool,
    },
    /// Out of scope.
    Out(Reason),
    /// It should run, but does not; the failed step says why.
    Broken,
}

pub(super) struct Instances<'a, E: Engine> {
    setup: &'a Setup<'a, E>,
    store: E::Store,
    /// All instances, also those whose start function trapped: their functions may be in a table.
    made: Vec<E::Instance>,
    /// The last one is the current module.
    slots: Vec<Slot<E::Instance>>,
    named: HashMap<String, usize>,
    registered: BTreeMap<String, usize>,
    /// Whether a module that imports from registered ones was skipped because the engine does not link.
    unlinked: bool,
    /// Whether a directive was skipped that might have changed what modules share.
    stale: bool,
    /// Whether a segment of a module that imports trapped. Functions of that module may be in a table, but nobody has
    /// the instance, so that nobody can give it gas.
    lost: bool,
    moved: bool,
}

impl<'a, E: Engine> Instances<'a, E> {
    pub(super) fn new(setup: &'a Setup<'a, E>) -> Self {
        let mut instances = Self {
            setup,
            store: setup.engine.store(),
            made: Vec::new(),
            slots: vec![Slot::Out(Reason::Linking)],
            named: HashMap::new(),
            registered: BTreeMap::new(),
            unlinked: false,
            stale: false,
            lost: false,
            moved: false,
        };
        if setup.engine.links() {
            let wasm = script::from_text(SPECTEST).expect("the text is a module");
            let mut slot = match instances.instantiate(&wasm) {
                Ok(Ok(slot)) => slot,
                other => panic!("spectest does not run: {:?}", other.map(|made| made.err())),
            };
            if let Slot::Live { removed, .. } = &mut slot.0 {
                removed.extend(SPECTEST_FLOATS.map(|name| (name.to_owned(), Reason::Floats)));
            }
            instances.registered.insert("spectest".to_owned(), 1);
            instances.slots.push(slot.0);
        }
        instances
    }

    fn slot(&self, module: Option<Id<'_>>) -> usize {
        let current = self.slots.len() - 1;
        module.map_or(current, |id| self.named.get(id.name()).copied().unwrap_or(0))
    }

    /// Makes the module that was made, skipped or broken the current one.
    pub(super) fn push(&mut self, name: Option<Id<'_>>, made: Option<Attempt<E::Instance>>) {
        if let Some(id) = name {
            self.named.insert(id.name().to_owned(), self.slots.len());
        }
        self.slots.push(match made {
            Some(Ok(Ok(made))) => made.0,
            Some(Err(reason)) => Slot::Out(reason),
            Some(Ok(Err(_))) | None => Slot::Broken,
        });
    }

    /// Lets later modules import from this one.
    pub(super) fn register(&mut self, module: Option<Id<'_>>, name: &str) {
        let slot = self.slot(module);
        self.registered.insert(name.to_owned(), slot);
        if let Slot::Live { linked, stale, .. } = &mut self.slots[slot] {
            *linked = true;
            if *stale || self.stale {
                self.make_stale(slot);
            }
        }
    }

    /// Notes that a directive of this module was skipped.
    fn make_stale(&mut self, slot: usize) {
        if let Slot::Live { linked, stale, .. } = &mut self.slots[slot] {
            *stale = true;
            if *linked {
                self.make_linked_stale();
            }
        }
    }

    /// Notes that a directive was skipped which might have changed what modules share.
    pub(super) fn make_linked_stale(&mut self) {
        self.stale = true;
        for slot in &mut self.slots {
            if let Slot::Live {
                linked: true, stale, ..
            } = slot
            {
                *stale = true;
            }
        }
    }

    /// Whether the module that a directive names lacks what a skipped one would have done.
    pub(super) fn is_stale(&self, module: Option<Id<'_>>) -> bool {
        matches!(self.slots[self.slot(module)], Slot::Live { stale: true, .. })
    }

    /// Whether the module that a directive names may call an instance that nobody has.
    pub(super) fn may_be_lost(&self, module: Option<Id<'_>>) -> bool {
        self.lost && matches!(self.slots[self.slot(module)], Slot::Live { linked: true, .. })
    }

    /// An instance of what is in scope of a module, after its start function.
    pub(super) fn instantiate(&mut self, wasm: &[u8]) -> Attempt<E::Instance> {
        match rewrite(wasm, Imports::Close) {
            Err(Reason::Linking) if self.setup.engine.links() => {
                let made = match self.link(wasm) {
                    Ok(Err(Failure::Stopped(Stopped::ImportType(_)))) if self.stale => Err(Reason::State),
                    made => made,
                };
                if made.is_err() {
                    self.make_linked_stale();
                }
                made
            }
            Err(Reason::Linking) => {
                self.unlinked = true;
                Err(Reason::Linking)
            }
            rewritten => self.make(rewritten?),
        }
    }

    /// The same of a module that keeps its imports.
    pub(super) fn link(&mut self, wasm: &[u8]) -> Attempt<E::Instance> {
        if !self.setup.engine.links() {
            return Err(Reason::Linking);
        }
        self.make(rewrite(wasm, Imports::Keep)?)
    }

    fn make(&mut self, rewritten: Rewritten) -> Attempt<E::Instance> {
        if rewritten.pages_min > PAGES_MAX {
            return Err(Reason::MemoryLimit);
        }
        let mut names = BTreeMap::new();
        for (module, name) in &rewritten.imports {
            match self.registered.get(module).map(|slot| &self.slots[*slot]) {
                Some(Slot::Live {
                    instance, removed, ..
                }) => match removed.get(name) {
                    Some(reason) => return Err(*reason),
                    None => drop(names.insert(module.clone(), *instance)),
                },
                Some(Slot::Out(reason)) => return Err(*reason),
                // The engine will not find it.
                Some(Slot::Broken) | None => {}
            }
        }
        let prepared = match (self.setup.prepare)(&rewritten.wasm) {
            Ok(prepared) => prepared,
            Err(refused) => {
                return Ok(Err(match refused.segment {
                    Some(trap) => Failure::Refused(trap),
                    None => Failure::Stopped(Stopped::Engine(refused.text)),
                }));
            }
        };
        let engine = self.setup.engine;
        let module = match engine.load(&prepared) {
            Ok(module) => module,
            Err(text) => return Ok(Err(Failure::Stopped(Stopped::Engine(text)))),
        };
        let linked = !rewritten.imports.is_empty();
        let instance = match engine.instantiate(&mut self.store, &module, &names) {
            Ok(instance) => instance,
            Err(stopped) => {
                self.lost |= linked && matches!(stopped, Stopped::Trap(_));
                return Ok(Err(Failure::Stopped(stopped)));
            }
        };
        self.made.push(instance);
        if rewritten.start
            && let Err(stopped) = self.call(instance, START, &[])?
        {
            return Ok(Err(Failure::Stopped(stopped)));
        }
        Ok(Ok(Made(Slot::Live {
            instance,
            removed: rewritten.removed,
            linked,
            stale: linked && self.stale,
        })))
    }

    /// Whether a function with floats moved as integers ran since this was last asked; see [`MOVERS_RUN`].
    pub(super) fn take_moved(&mut self) -> bool {
        std::mem::take(&mut self.moved)
    }

    /// What an exported `i32` counts in each instance.
    fn counters(&mut self, name: &str) -> Vec<i32> {
        let engine = self.setup.engine;
        let of_instance = |instance: &E::Instance| match engine.global(&mut self.store, *instance, name) {
            Some(Value::I32(count)) => count,
            _ => 0,
        };
        self.made.iter().map(of_instance).collect()
    }

    /// The instance that has an export which a directive names.
    fn having(
        &self,
        module: Option<Id<'_>>,
        name: &str,
    ) -> Result<Result<E::Instance, Stopped>, (Reason, bool)> {
        let slot = self.slot(module);
        if self.unlinked && self.registered.values().any(|registered| *registered == slot) {
            return Err((Reason::Linking, false));
        }
        match &self.slots[slot] {
            Slot::Out(reason) => Err((*reason, false)),
            Slot::Broken => Ok(Err(Stopped::Engine("its module does not run".to_owned()))),
            Slot::Live {
                instance, removed, ..
            } => match removed.get(name) {
                Some(reason) => Err((*reason, true)),
                None => Ok(Ok(*instance)),
            },
        }
    }

    /// The value of a global, as the one result of a call.
    pub(super) fn global(
        &mut self,
        module: Option<Id<'_>>,
        name: &str,
    ) -> Result<Result<Vec<Value>, Stopped>, Reason> {
        let instance = match self.having(module, name).map_err(|(reason, _)| reason)? {
            Ok(instance) => instance,
            Err(stopped) => return Ok(Err(stopped)),
        };
        let value = self.setup.engine.global(&mut self.store, instance, name);
        Ok(value
            .map(|value| vec![value])
            .ok_or_else(|| Stopped::Engine(format!("no global {name:?}"))))
    }

    /// A call.
    pub(super) fn invoke(&mut self, call: &WastInvoke<'_>) -> Result<Result<Vec<Value>, Stopped>, Reason> {
        let args: Result<Vec<Value>, Reason> = call.args.iter().map(script::argument).collect();
        let result = match (self.having(call.module, call.name), args) {
            (Ok(Ok(instance)), Ok(args)) => self.call(instance, call.name, &args),
            (Ok(Err(stopped)), _) => return Ok(Err(stopped)),
            (Err((reason, false)), _) => return Err(reason),
            (Err((reason, true)), _) | (Ok(Ok(_)), Err(reason)) => Err(reason),
        };
        if result.is_err() {
            self.make_stale(self.slot(call.module));
        }
        result
    }

    fn call(
        &mut self,
        instance: E::Instance,
        name: &str,
        args: &[Value],
    ) -> Result<Result<Vec<Value>, Stopped>, Reason> {
        let before = (self.counters(STUBS_HIT), self.counters(MOVERS_RUN));
        let engine = self.setup.engine;
        let result = engine.invoke(&mut self.store, instance, name, args, i32::MAX);
        let after = (self.counters(STUBS_HIT), self.counters(MOVERS_RUN));
        self.moved |= after.1 != before.1;
        let stub = after
            .0
            .iter()
            .zip(&before.0)
            .find(|(after, before)| after != before);
        match stub {
            None => Ok(result),
            // The last one's reason is in its last byte.
            Some((hits, _)) => Err(Reason::ALL
                .get((hits & 255) as usize)
                .copied()
                .unwrap_or(Reason::Limits)),
        }
    }
}
