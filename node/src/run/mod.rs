//! `playfair run`: a script of calls on a local chain, with every receipt and root.

pub(crate) mod report;
mod script;

use crate::abi::{self, Abi, Entry};
use crate::table::hex;
use anyhow::{Context, Result, bail};
use playfair_admission::{Admitted, admit, measure};
use playfair_machine::query::Answer;
use playfair_runtime::Wasmtime;
use playfair_runtime::chain::Block;
use playfair_runtime::local::{Local, Start};
use playfair_state::{MemoryStore, State};
use playfair_types::bounded::{Bytes, U48};
use report::{Line, Names, Report};
use script::{Call, Query, Script, Step};
use serde_json::Value;
use std::io::Write;
use std::sync::Arc;

/// How a run is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// One JSON object a line.
    pub json: bool,
    /// Count instructions in a second run.
    pub measure: bool,
}

/// Time between blocks, ms.
const BLOCK_MS: u64 = 1_000;

/// Replays `script` with the module `wasm`. Returns how many steps did not end as the script expects.
///
/// # Errors
/// When the module is not admitted or fits no proof, the script has a mistake, or the output cannot be written.
pub fn run(wasm: &[u8], script: &[u8], settings: Settings, out: &mut dyn Write) -> Result<usize> {
    let admitted =
        admit(wasm).map_err(|rejection| anyhow::anyhow!("the chain does not admit it: {rejection}"))?;
    crate::shape::smallest(&admitted)?;
    let script = Script::parse(script)?;
    let mut runner = runner(&admitted, &script)?;
    let mut report = Report::new(settings, out);
    report.start(&runner.local)?;
    for (place, step) in script.steps.iter().enumerate() {
        let lines = runner.step(step).with_context(|| format!("step {}", place + 1))?;
        for line in lines {
            report.line(&line)?;
        }
    }
    if settings.measure {
        let engine = Wasmtime::new()?;
        let measuring = measure(wasm).map_err(|rejection| anyhow::anyhow!("{rejection}"))?;
        engine.load_measuring(admitted.hash, &measuring)?;
        let (mut again, _) = Local::start(engine.clone(), memory()?, &runner.start)?;
        again.chain.replay(runner.local.blocks.iter().skip(1), drop)?;
        if again.chain.digest() != runner.local.chain.digest() {
            bail!("the measuring build came to another result: this is a bug of playfair");
        }
        report.counted(engine.counted())?;
    }
    report.end(&runner.local)
}

/// How the script's chain starts, and its blocks' bytes, genesis first, with no output.
///
/// # Errors
/// As [`run`].
pub fn history(admitted: &Admitted, script: &[u8]) -> Result<(Start, Vec<Vec<u8>>)> {
    let script = Script::parse(script)?;
    let mut runner = runner(admitted, &script)?;
    for (place, step) in script.steps.iter().enumerate() {
        runner.step(step).with_context(|| format!("step {}", place + 1))?;
    }
    Ok((runner.start, runner.local.blocks))
}

/// The script's chain before its first step.
fn runner(admitted: &Admitted, script: &Script) -> Result<Runner> {
    let abi = match &admitted.info.abi {
        Some(section) => Some(Abi::parse(section)?),
        None => None,
    };
    let mut start = Start::of(admitted.hash);
    start.tick_gas = script.tick_gas;
    if let Some(time) = script.time_ms {
        start.time_ms = U48::new(time).context("time_ms is above 2^48")?;
    }
    let engine = Wasmtime::new()?;
    engine.load(admitted)?;
    Runner::start(engine, abi, start, &script.init)
}

fn memory() -> Result<Arc<State>> {
    Ok(Arc::new(State::open(MemoryStore::new())?))
}

struct Runner {
    local: Local,
    abi: Option<Abi>,
    start: Start,
    wait_ms: u64,
}

impl Runner {
    fn start(engine: Wasmtime, abi: Option<Abi>, mut start: Start, init: &Value) -> Result<Self> {
        if let Some(entry) = abi.as_ref().and_then(|abi| abi.init.clone()) {
            // Accounts are named after keys, not chains, so that init can name players before there is a chain.
            let mut players = playfair_runtime::local::Players::of(Default::default());
            let abi = abi.as_ref().context("an ABI")?;
            let bytes =
                abi::encode(abi, &entry.args, init, &mut |name| players.id(name).0).context("init")?;
            start.init = Bytes::new(bytes)?;
        } else if !init.is_null() {
            bail!("the module has no init, but the script has arguments for it");
        }
        let (local, _) = Local::start(engine, memory()?, &start).context("the chain does not start")?;
        Ok(Self {
            local,
            abi,
            start,
            wait_ms: 0,
        })
    }

    fn step(&mut self, step: &Step) -> Result<Vec<Line>> {
        match step {
            Step::Wait(wait) => {
                self.wait_ms = self.wait_ms.saturating_add(wait.wait_ms);
                Ok(Vec::new())
            }
            Step::Session(session) => {
                let scope = self.scope(&session.calls)?;
                let record = self.local.players.open_session(&session.session, scope)?;
                let block = self.block(&[record])?;
                let what = format!("session for {}", session.calls.join(", "));
                self.lines(&block, &[(&session.session, &what, None, None)])
            }
            Step::Call(call) => self.calls(core::slice::from_ref(call)),
            Step::Block(block) => self.calls(&block.block),
            Step::Query(query) => Ok(vec![self.query(query)?]),
        }
    }

    fn calls(&mut self, calls: &[Call]) -> Result<Vec<Line>> {
        let mut records = Vec::new();
        for call in calls {
            let (entry, payload) = self.payload(call)?;
            records.push(self.local.players.call(&call.by, entry, &payload)?);
        }
        let block = self.block(&records)?;
        let mut shown = Vec::new();
        let names: Vec<String> = calls.iter().map(name_of).collect();
        for (call, name) in calls.iter().zip(&names) {
            let entry = match (&self.abi, &call.call) {
                (Some(abi), Some(name)) => Some(abi.call(name)?.clone()),
                _ => None,
            };
            shown.push((call.by.as_str(), name.as_str(), entry, Some(call)));
        }
        self.lines(&block, &shown)
    }

    fn lines(
        &self,
        block: &Block,
        calls: &[(&str, &str, Option<Entry>, Option<&Call>)],
    ) -> Result<Vec<Line>> {
        let abi = self.abi.as_ref();
        let names = self.names();
        let mut lines = Vec::new();
        // The first record is the block's own; it is worth a line when a tick ran.
        let tick = block.applied.first().filter(|tick| tick.receipt.gas_used > 0);
        if let Some(tick) = tick {
            lines.push(Line::tick(abi, &names, tick));
        }
        for (done, (by, name, entry, call)) in block.applied.iter().skip(1).zip(calls) {
            lines.push(Line::call(abi, &names, entry.as_ref(), by, name, done, *call));
        }
        if let Some(last) = lines.last_mut() {
            last.root = Some(block.header.after.state_root);
        }
        Ok(lines)
    }

    fn block(&mut self, records: &[Vec<u8>]) -> Result<Block> {
        let after = BLOCK_MS.saturating_add(core::mem::take(&mut self.wait_ms));
        Ok(self.local.block(after, records)?)
    }

    fn payload(&mut self, call: &Call) -> Result<(u8, Vec<u8>)> {
        match (&call.call, call.entry) {
            (Some(name), None) => {
                let abi = self
                    .abi
                    .as_ref()
                    .context("the module has no ABI: give `entry` and `payload` instead of `call`")?;
                let entry = abi.call(name)?;
                let players = &mut self.local.players;
                let payload = abi::encode(abi, &entry.args, &call.args, &mut |name| players.id(name).0)?;
                Ok((entry.number, payload))
            }
            (None, Some(entry)) => {
                let payload = call.payload.as_deref().unwrap_or_default();
                Ok((entry, abi::hex(payload)?))
            }
            _ => bail!("a call has either `call` (a name) or `entry` (a number)"),
        }
    }

    fn query(&mut self, query: &Query) -> Result<Line> {
        let abi = self
            .abi
            .as_ref()
            .context("the module has no ABI: queries need one")?;
        let entry = abi.query(&query.query)?.clone();
        let players = &mut self.local.players;
        let payload = abi::encode(abi, &entry.args, &query.args, &mut |name| players.id(name).0)?;
        let answer: Answer = self.local.chain.query(entry.number, &payload)?;
        Ok(Line::query(
            self.abi.as_ref(),
            &self.names(),
            &entry,
            query,
            &answer,
        ))
    }

    fn names(&self) -> Names {
        let named = self.local.players.named();
        named
            .map(|(name, id)| (format!("0x{}", hex(&id.0)), name.to_owned()))
            .collect()
    }

    fn scope(&self, calls: &[String]) -> Result<u64> {
        let abi = self
            .abi
            .as_ref()
            .context("the module has no ABI: sessions need one")?;
        let mut scope = 0u64;
        for name in calls {
            let number = abi.call(name)?.number;
            if number >= 64 {
                bail!("`{name}` is entry {number}: session keys can call entries 0 to 63 only");
            }
            scope |= 1 << number;
        }
        Ok(scope)
    }
}

fn name_of(call: &Call) -> String {
    match (&call.call, call.entry) {
        (Some(name), _) => name.clone(),
        (None, Some(entry)) => format!("entry {entry}"),
        (None, None) => String::new(),
    }
}
