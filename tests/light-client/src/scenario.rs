//! What a client does: follows the chain, asks for its calls and for values.

use crate::lies::Told;
use crate::table::{Recorded, Table};
use playfair_light_client_core::client::CallPlace;
use playfair_light_client_core::owners::Key;
use playfair_light_client_core::{Anchors, Client, Lie, Platform, Rung, Trouble, View, digits};
use playfair_proofs_verifier::Trust;
use playfair_types::Encode;
use playfair_types::account::{AccountId, AccountRecord};
use playfair_types::bounded::Bytes;
use playfair_types::link::ChainLink;
use playfair_types::state::{StateKey, SystemKey};
use std::rc::Rc;

/// The link's anchors; the recorded chain rests on the insecure setup.
#[must_use]
pub fn anchors(link: &str) -> Anchors {
    let link = ChainLink::from_text(link).unwrap();
    Anchors::of(&link, Trust::InsecureDevelopmentToo).unwrap()
}

/// Somebody who never called.
const STRANGER: [u8; 20] = [7; 20];

/// Keys whose values are asked for: the chain's parameters and an account, which are there, and one that is not.
#[must_use]
pub fn keys(account: [u8; 20]) -> Vec<StateKey> {
    vec![
        StateKey::of_system(SystemKey::Params),
        StateKey::of_system(SystemKey::Account(AccountId(account))),
        StateKey::of_user(&Bytes::new(*b"nobody wrote this").unwrap()),
    ]
}

/// Everything that a client verified in one go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The head's height.
    pub height: u64,
    /// How many proofs lead to the tip.
    pub proofs: u64,
    /// The rungs of the calls, in order.
    pub rungs: Vec<Rung>,
    /// Values at the head: which are there.
    pub values: Vec<bool>,
    /// The height of the proven values, if there are any.
    pub proven: Option<u64>,
    /// Genesis, the first block and the last: how many records each has, and its rung.
    pub blocks: Vec<(usize, Rung)>,
    /// The rungs of all blocks, as a list.
    pub heads: Vec<Rung>,
    /// Whether the account exists, and its first lane's next nonce.
    pub account: (bool, u64),
    /// Its keys.
    pub keys: Vec<Key>,
    /// Whether somebody who never called is new.
    pub is_new: bool,
    /// Where the node says that the account's calls lie.
    pub places: Vec<CallPlace>,
}

/// Follows the chain as far as it goes and looks at everything.
///
/// # Errors
/// The first [`Trouble`].
pub async fn look<P: Platform>(
    client: &mut Client<P>,
    calls: &[[u8; 32]],
    account: [u8; 20],
) -> Result<Verified, Trouble> {
    let keys = &keys(account);
    let height = client.head().await?.unwrap_or(0);
    while client.prove().await? > 0 {}
    let mut rungs = Vec::new();
    for id in calls {
        rungs.push(client.call(id).await?.rung);
    }
    let values = client.values(keys).await?;
    let proven = client.proven_values(keys).await?;
    if let Some(proven) = &proven
        && proven.height == values.height
    {
        assert_eq!(proven.values, values.values, "the same block");
    }
    let mut blocks = Vec::new();
    for height in [0, 1, height] {
        let block = client.block(height).await?;
        blocks.push((block.whole.records.len(), block.rung));
    }
    let heads = client.blocks(0, height + 1).await?;
    let (id, stranger) = (AccountId(account), AccountId(STRANGER));
    let account = client.account(id).await?;
    let new = client.account(stranger).await?;
    Ok(Verified {
        height,
        proofs: client.view().proofs(),
        rungs,
        blocks,
        heads: heads.iter().map(|head| head.rung).collect(),
        account: (account.record.created, account.record.next_nonces[0].get()),
        keys: account.keys,
        is_new: new.record == AccountRecord::default() && new.keys.is_empty(),
        places: client.calls_of(id, 20, None).await?,
        values: values.values.iter().map(Option::is_some).collect(),
        proven: proven.map(|proven| proven.height),
    })
}

/// How a client took a lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// What it called it; `"harmless"` if it saw the truth all the same, `"believed"` if it saw something else.
    pub caught: String,
    /// Whether everything that it holds afterwards is true.
    pub holds_truth: bool,
    /// Whether it went on well when the node told the truth again, or held to its evidence if the committee had lied.
    pub goes_on: bool,
}

/// What an honest client verifies in the end.
pub async fn truth(recorded: &Recorded) -> Verified {
    let table = Table::of(recorded);
    table.go_to(1);
    let mut client = Client::new(table, anchors(&recorded.link));
    let seen = look(&mut client, &recorded.calls.concat(), recorded.account).await;
    seen.expect("the truth is believed")
}

/// Tells a lie to a client that comes new, or has followed the first part. `honest` is the [`truth`].
pub async fn tell(recorded: &Recorded, honest: &Verified, told: &Told, follows: bool) -> Taken {
    let table = Table::of(recorded);
    let mut client = Client::new(table.clone(), anchors(&recorded.link));
    let account = recorded.account;
    let first = recorded.calls[0].clone();
    let all: Vec<[u8; 32]> = recorded.calls.concat();
    if follows {
        look(&mut client, &first, account)
            .await
            .expect("the truth is believed");
    }
    table.go_to(1);
    table.change(Some(Rc::clone(&told.change)));
    let result = match follows {
        true => ask_again(&mut client, &first[0], &all, account).await,
        false => look(&mut client, &all, account).await,
    };
    let caught = match &result {
        Ok(seen) if seen == honest => "harmless".to_owned(),
        Ok(_) => "believed".to_owned(),
        Err(Trouble::Lie(caught)) => caught.lie.name().to_owned(),
        Err(other) => other.to_string(),
    };
    table.change(None);
    let view = client.view().clone();
    let after = look(&mut client, &all, account).await;
    let goes_on = match (&view.frozen(), &after) {
        (Some(caught), Err(Trouble::Frozen(again))) => **caught == **again && !caught.exhibits.is_empty(),
        (None, Ok(seen)) => seen == honest,
        // The committee signed what the node showed: the truth now shows that it signed twice, or ends below what was signed.
        (None, Err(Trouble::Lie(caught))) => {
            let is_below = matches!(caught.lie, Lie::RolledBack { .. });
            told.is_signed && (caught.lie.is_committees() || is_below)
        }
        _ => false,
    };
    Taken {
        holds_truth: holds_truth(recorded, &view, told.is_signed),
        caught,
        goes_on,
    }
}

/// A follower asks for a call that it knows once more, and then for everything.
async fn ask_again<P: Platform>(
    client: &mut Client<P>,
    known: &[u8; 32],
    calls: &[[u8; 32]],
    account: [u8; 20],
) -> Result<Verified, Trouble> {
    client.head().await?;
    client.again(known, 1).await?;
    look(client, calls, account).await
}

/// Whether a view has nothing but what the recorded chain has: a head of it, and a tip at which one of its proofs ends.
fn holds_truth(recorded: &Recorded, view: &View, is_signed: bool) -> bool {
    let blocks = recorded.parts.iter().flat_map(|answers| answers.values());
    let texts: Vec<String> = blocks
        .map(|answer| String::from_utf8_lossy(&answer.body).into_owned())
        .collect();
    let head = view.head().is_none_or(|head| {
        let header = digits(&head.header.encode());
        texts.iter().any(|text| text.contains(&header))
    });
    let tip = view.proofs() == 0 || {
        let end = view.tip().encode();
        let mut answers = recorded.parts.iter().flat_map(|answers| answers.values());
        answers.any(|answer| answer.body.windows(end.len()).any(|window| window == end))
    };
    // Who is shown a head that the committee signed can hold nothing against it yet.
    (head || is_signed) && tip
}
