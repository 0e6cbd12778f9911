//! `playfair verify --live URL`: a light client on the command line.
//!
//! The address is the page's: the node's, and behind `#` the chain link, from which everything starts. It prints each check that held,
//! what it was held against and how long it took; the first lie ends it, with the bytes that show it. The checks are those of the
//! page, by the same crate.

mod platform;

use crate::client::Node;
use crate::config::Config;
use crate::setup::Choice;
use crate::table::hex;
use anyhow::{Context, Result, anyhow, bail};
use platform::Native;
use playfair_light_client_core::{Anchors, Caught, Checks, Client, Rung, Trouble};
use playfair_types::bounded::Bytes;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::link::ChainLink;
use playfair_types::state::StateKey;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// Between two looks at a chain that is followed.
const LOOK: Duration = Duration::from_millis(500);

/// What is to be verified.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Asked {
    /// A call, by its id: its outcome, as far up the ladder as there is evidence for. Repeatable.
    #[arg(long = "call", value_name = "ID", requires = "live")]
    pub calls: Vec<String>,
    /// A key of the module's state, in hexadecimal: its value, or that it has none. Repeatable.
    #[arg(long = "key", value_name = "HEX", requires = "live")]
    pub keys: Vec<String>,
    /// Go on until stopped.
    #[arg(long, requires = "live")]
    pub follow: bool,
    /// Folder in which to keep what is verified, so that the next start goes on from there; made if missing.
    #[arg(long, value_name = "FOLDER", requires = "live")]
    pub keep: Option<PathBuf>,
}

/// Verifies the chain of a page's address, and prints the evidence.
///
/// # Errors
/// When the address has no link, the node does not answer, or it lies.
pub fn verify(config: &Config, url: &str, setup: &Choice, asked: &Asked, out: &mut dyn Write) -> Result<()> {
    let (address, fragment) = url.split_once('#').context(
        "the address needs the chain's link behind a #, as `playfair dev` prints it: nobody else says whom to believe",
    )?;
    let link = ChainLink::from_text(fragment)
        .map_err(|error| anyhow!("what is behind the # is no chain link: {error}"))?;
    let anchors = Anchors::of(&link, setup.trust()?)?;
    let calls: Vec<[u8; 32]> = asked.calls.iter().map(|id| name_of(id)).collect::<Result<_>>()?;
    let keys: Vec<StateKey> = asked.keys.iter().map(|key| key_of(key)).collect::<Result<_>>()?;
    // What the page is told behind a `?` is nothing to us.
    let address = address.split_once('?').map_or(address, |(address, _)| address);
    let node = Node::of(config, Some(address.trim_end_matches('/')))?;
    writeln!(out, "node       {address} (nothing that it says is believed)")?;
    writeln!(out, "chain      {}", hex(&fr_to_bytes(&link.chain_id)))?;
    writeln!(out, "module     {} at the start", hex(&link.module.0))?;
    writeln!(
        out,
        "keys       {} at the start",
        hex(&fr_to_bytes(&link.vk_set_root))
    )?;
    let committee = anchors.committee.committee();
    writeln!(
        out,
        "committee  {} of {}, {}",
        committee.threshold,
        committee.members,
        hex(&committee.public_key)
    )?;
    writeln!(out, "setup      {}\n", setup.name())?;
    let platform = Native::new(node.client().clone(), asked.keep.clone())?;
    let mut live = Live {
        client: Client::new(platform, anchors),
        out,
    };
    node.block_on(async {
        if live.client.restore().await {
            live.say("goes on from what was verified before")?;
        }
        let result = live.look(&calls, &keys, asked.follow).await;
        live.client.keep().await;
        result
    })
}

/// A call's id.
fn name_of(text: &str) -> Result<[u8; 32]> {
    let bytes = playfair_host::hex::decode(text).context("a call's id has 64 hexadecimal digits")?;
    <[u8; 32]>::try_from(bytes).map_err(|_| anyhow!("a call's id has 64 hexadecimal digits: {text}"))
}

/// A key of the module.
fn key_of(text: &str) -> Result<StateKey> {
    let bytes = playfair_host::hex::decode(text).with_context(|| format!("a key is hexadecimal: {text}"))?;
    let bytes = Bytes::new(bytes).map_err(|_| anyhow!("a key has at most 64 bytes: {text}"))?;
    Ok(StateKey::of_user(&bytes))
}

struct Live<'a> {
    client: Client<Native>,
    out: &'a mut dyn Write,
}

impl Live<'_> {
    async fn look(&mut self, calls: &[[u8; 32]], keys: &[StateKey], follow: bool) -> Result<()> {
        let mut shown = (None, 0);
        loop {
            let head = self.client.head().await;
            let head = self.told(head)?;
            loop {
                let proven = self.client.prove().await;
                if self.told(proven)? == 0 {
                    break;
                }
            }
            let now = (head, self.client.view().proofs());
            if now != shown {
                shown = now;
                self.standing()?;
                for id in calls {
                    self.call(id).await?;
                }
                if !keys.is_empty() {
                    self.values(keys).await?;
                }
                self.out.flush()?;
            }
            if !follow {
                return Ok(());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn say(&mut self, text: &str) -> Result<()> {
        Ok(writeln!(self.out, "{text}")?)
    }

    /// Prints the checks that were made, and ends at a trouble.
    fn told<T>(&mut self, result: Result<T, Trouble>) -> Result<T> {
        let checks = self.client.take_checks();
        self.checks(&checks)?;
        match result {
            Ok(value) => Ok(value),
            Err(Trouble::Lie(caught) | Trouble::Frozen(caught)) => {
                self.lie(&caught)?;
                bail!("the node lied ({}): {}", caught.lie.name(), caught.lie);
            }
            Err(trouble) => bail!("{trouble}"),
        }
    }

    fn checks(&mut self, checks: &Checks) -> Result<()> {
        for check in &checks.0 {
            writeln!(
                self.out,
                "holds      {:<15}  {}\n           against {}  ({:.1} ms)",
                check.kind.name(),
                check.what,
                check.against,
                check.micros as f64 / 1e3
            )?;
        }
        Ok(())
    }

    fn lie(&mut self, caught: &Caught) -> Result<()> {
        writeln!(self.out, "LIE        {}: {}", caught.lie.name(), caught.lie)?;
        writeln!(
            self.out,
            "           asked {}, found in {:.1} ms",
            caught.asked,
            caught.micros as f64 / 1e3
        )?;
        for exhibit in &caught.exhibits {
            writeln!(self.out, "           {}: {}", exhibit.what, hex(&exhibit.bytes))?;
        }
        Ok(())
    }

    fn standing(&mut self) -> Result<()> {
        let view = self.client.view();
        let (tip, proofs) = (*view.tip(), view.proofs());
        match view.head() {
            Some(head) => {
                let time = head.header.after.time_ms.get();
                writeln!(
                    self.out,
                    "sequenced  to block {}, ms since 1970: {time}",
                    head.height()
                )?;
            }
            None => writeln!(self.out, "sequenced  nothing yet: no block is certified")?,
        }
        match proofs {
            0 => writeln!(self.out, "proven     nothing yet"),
            _ => writeln!(
                self.out,
                "proven     to height {}, {} frames of the tape, by {proofs} proof(s) from genesis",
                tip.height, tip.tape.length
            ),
        }?;
        Ok(())
    }

    async fn call(&mut self, id: &[u8; 32]) -> Result<()> {
        let call = self.client.call(id).await;
        let call = match call {
            Err(Trouble::Refused { status: 404, .. }) => {
                return self.say(&format!("call       {}: in no block that this node has", hex(id)));
            }
            other => self.told(other)?,
        };
        let included = &call.included;
        writeln!(
            self.out,
            "{:<9}  call {} in block {}: {:?}, output {}",
            call.rung.name(),
            hex(id),
            included.height,
            included.receipt.outcome,
            hex(&included.body.output)
        )?;
        self.rung(call.rung)
    }

    async fn values(&mut self, keys: &[StateKey]) -> Result<()> {
        let values = self.client.values(keys).await;
        let mut all = vec![self.told(values)?];
        let proven = self.client.proven_values(keys).await;
        all.extend(self.told(proven)?);
        for values in all {
            let name = values.rung.name();
            for (key, value) in keys.iter().zip(&values.values) {
                let value = value
                    .as_ref()
                    .map_or_else(|| "none".to_owned(), |value| hex(value));
                writeln!(
                    self.out,
                    "{name:<9}  state {} after block {}: {value}",
                    hex(&key.0),
                    values.height
                )?;
            }
            self.rung(values.rung)?;
        }
        Ok(())
    }

    fn rung(&mut self, rung: Rung) -> Result<()> {
        writeln!(self.out, "           checked: {}", rung.checked())?;
        writeln!(self.out, "           could still cheat: {}", rung.cheats())?;
        Ok(writeln!(self.out, "           you hold: {}", rung.holds())?)
    }
}
