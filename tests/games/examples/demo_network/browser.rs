//! The end of the game, in a browser: the players open the page.

use crate::Result;
use crate::network::Network;
use crate::player::Step;
use playfair_runtime::local::seed;
use playfair_types::Fr;
use playfair_types::crypto::field::fr_to_bytes;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// So many calls are left for the page.
pub(crate) const LEFT: usize = 5;

/// What a browser needs.
pub(crate) struct Browser {
    /// The folder of the peers' scripts, with their packages.
    pub(crate) peers: PathBuf,
    /// Where pictures of the page go to.
    pub(crate) pictures: PathBuf,
}

impl Browser {
    /// Opens the page as each player, and has them play what is left.
    pub(crate) async fn play(&self, network: &Network, chain_id: Fr, left: &[Step]) -> Result<()> {
        let page = network.page.as_ref().ok_or("the network serves no page")?;
        let calls = left
            .iter()
            .map(|step| json!({ "by": step.by, "name": step.name.trim() }));
        let names: BTreeSet<&str> = left.iter().map(|step| step.by.as_str()).collect();
        let seeds: BTreeMap<&str, String> = names
            .into_iter()
            .map(|name| (name, digits(&seed(name))))
            .collect();
        let asked = json!({
            "page": page,
            "chain": digits(&fr_to_bytes(&chain_id)),
            "seeds": seeds,
            "pictures": self.pictures,
            "left": calls.collect::<Vec<_>>(),
        });
        println!("two players open {page}");
        let mut child = Command::new("node")
            .arg("page-demo.mjs")
            .current_dir(&self.peers)
            .stdin(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut input = child.stdin.take().ok_or("no input")?;
        input.write_all(asked.to_string().as_bytes()).await?;
        drop(input);
        match child.wait().await? {
            status if status.success() => Ok(()),
            status => Err(format!("the page does not do what it should ({status}): see above").into()),
        }
    }
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
