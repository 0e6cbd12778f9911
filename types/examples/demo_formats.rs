//! A chess move on its whole way through the formats: key, account, signed call, tape, receipt, state proof, header.
//!
//! Nothing is executed yet (that is the runtime's work); every step is checked the way a stranger would check it, from
//! bytes. `cargo xtask demo` runs it.

use playfair_types::account::{AccountId, AccountRecord, KeyRecord, Role};
use playfair_types::bounded::{Bytes, U48};
use playfair_types::chain::Origin;
use playfair_types::codec::{Decode, Encode, Reader};
use playfair_types::crypto::eddsa::{SecretKey, Signature, verify};
use playfair_types::crypto::field::{Fr, fr_to_bytes};
use playfair_types::hash::Tag;
use playfair_types::limits::PAYLOAD_BYTES_MAX;
use playfair_types::module::ModuleHash;
use playfair_types::rules::FeeMode;
use playfair_types::state::proof::StateProof;
use playfair_types::state::{StateKey, SystemKey, tree, value_hash};
use playfair_types::tape::call::Call;
use playfair_types::tape::genesis::{GenesisParams, GenesisRecord};
use playfair_types::tape::system::BlockRecord;
use playfair_types::tape::{self, Accumulator, Record, Step};
use std::collections::BTreeMap;
use std::error::Error;

const START_MS: u64 = 1_800_000_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let player = SecretKey::from_seed(&[0x42; 32]);
    let account = AccountId::from_key(player.public_key());
    let genesis = GenesisRecord {
        origin: Origin::without_l1([7; 31]),
        params: genesis()?,
    };
    let chain_id = genesis.chain_id();
    println!("player's key      {}", hex(&player.public_key().to_bytes()));
    println!(
        "player's account  {}  (known before the account exists)",
        hex(&account.0)
    );
    println!(
        "chain id          {}  (binds genesis, L1, contract, salt)",
        hex(&fr_to_bytes(&chain_id))
    );

    // The first move creates the account; the second is an ordinary call. Squares are 0..64, a1 = 0.
    let first =
        opening_move(account, 0, *b"e2e4", Some(player.public_key().to_bytes()))?.sign(chain_id, &player);
    let second = opening_move(account, 1, *b"g1f3", None)?.sign(chain_id, &player);
    let block = BlockRecord {
        height: 1,
        time_ms: time(100)?,
        seed: [0; 31],
        seed_signature: [0; 48],
    };
    let mut tape = Vec::new();
    for record in [
        Record::Genesis(Box::new(genesis)),
        Record::Block(block),
        Record::Call(first),
        Record::Call(second),
    ] {
        record.encode_to(&mut tape);
    }
    println!("\nthe tape, {} bytes, read back record by record:", tape.len());
    let accumulator = read_back(&tape, chain_id, &player)?;
    println!(
        "tape accumulator  {} after {} frames",
        hex(&fr_to_bytes(&accumulator.value)),
        accumulator.length
    );

    // One flipped bit anywhere in the signed part of the last move, and its signature is somebody else's.
    let mut forged = tape.clone();
    let last_frame = forged.len() - tape::frame::FRAME_BYTES;
    forged[last_frame + 115] ^= 1;
    match read_back_quietly(&forged, chain_id, &player) {
        Err(error) => println!("\na forged move is refused: {error}"),
        Ok(_) => return Err("a forged move was accepted".into()),
    }
    state_proofs(account, &player)
}

fn time(after_ms: u64) -> Result<U48, Box<dyn Error>> {
    U48::new(START_MS + after_ms).ok_or_else(|| "the time does not fit 48 bits".into())
}

fn genesis() -> Result<GenesisParams, Box<dyn Error>> {
    Ok(GenesisParams {
        module: ModuleHash::of(b"chess.wasm", b"chess.instrumented.wasm", 1),
        gas_schedule: 2,
        time_ms: time(0)?,
        fee_mode: FeeMode::Free,
        gas_price_min: 0,
        fee_recipient: AccountId::NONE,
        tick_gas: 0,
        unproven_rows_max: 1 << 24,
        upgrade_authority: AccountId::NONE,
        upgrade_delay_ms: 0,
        balances: Vec::new(),
        init: Bytes::default(),
    })
}

/// Entry 1 of a chess module: game number, from, to.
fn opening_move(
    account: AccountId,
    nonce: u32,
    uci: [u8; 4],
    key: Option<[u8; 32]>,
) -> Result<Call, Box<dyn Error>> {
    let square = |file: u8, rank: u8| (rank - b'1') * 8 + (file - b'a');
    let [from_file, from_rank, to_file, to_rank] = uci;
    let mut payload = 1u64.to_be_bytes().to_vec();
    payload.extend([square(from_file, from_rank), square(to_file, to_rank)]);
    Ok(Call {
        account,
        key_index: 0,
        lane: 0,
        nonce: nonce.into(),
        valid_until_ms: time(60_000)?,
        gas_limit: 60_000,
        gas_price: 0,
        entry: 1,
        payload: Bytes::<PAYLOAD_BYTES_MAX>::new(payload)?,
        new_key: key,
    })
}

fn read_back(tape: &[u8], chain_id: Fr, player: &SecretKey) -> Result<Accumulator, Box<dyn Error>> {
    let (accumulator, lines) = read_back_quietly(tape, chain_id, player)?;
    lines.iter().for_each(|line| println!("  {line}"));
    Ok(accumulator)
}

fn read_back_quietly(
    tape: &[u8],
    chain_id: Fr,
    player: &SecretKey,
) -> Result<(Accumulator, Vec<String>), Box<dyn Error>> {
    let (mut reader, mut lines) = (Reader::new(tape), Vec::new());
    let mut accumulator = Accumulator::start(Tag::Tape, chain_id);
    while reader.remaining() > 0 {
        let (step, bytes) = tape::step(&mut reader)?;
        accumulator.absorb_frames(bytes)?;
        let frames = bytes.len() / tape::frame::FRAME_BYTES;
        lines.push(match step {
            Step::Record(Record::Genesis(_)) => format!("genesis  {frames} frames"),
            Step::Record(Record::Block(block)) => {
                format!("block    {frames} frame,  height {}", block.height)
            }
            Step::Record(Record::Call(signed)) => {
                let message = tape::call_message(chain_id, bytes)?;
                verify(
                    player.public_key(),
                    message,
                    &Signature::from_bytes(&signed.signature.0)?,
                )?;
                let about = if signed.call.new_key.is_some() {
                    ", creates the account"
                } else {
                    ""
                };
                let payload = hex(&signed.call.payload);
                format!("call     {frames} frame(s), payload {payload}, signature verified{about}")
            }
            other => format!("{other:?}"),
        });
    }
    Ok((accumulator, lines))
}

/// A small state: the account, its key and the game; one proof for a present and an absent key.
fn state_proofs(account: AccountId, player: &SecretKey) -> Result<(), Box<dyn Error>> {
    let game = StateKey::of_user(&Bytes::new(*b"game/1")?);
    let absent = StateKey::of_user(&Bytes::new(*b"game/2")?);
    let record = AccountRecord {
        created: true,
        ..AccountRecord::default()
    };
    let key = KeyRecord {
        role: Role::Owner(*player.public_key()),
        expires_ms: U48::MAX,
    };
    let map = BTreeMap::from([
        (
            StateKey::of_system(SystemKey::Account(account)),
            value_hash(&record.encode()),
        ),
        (
            StateKey::of_system(SystemKey::Key(account, 0)),
            value_hash(&key.encode()),
        ),
        (
            game,
            value_hash(b"rnbqkbnr/pppppppp/8/8/4P3/5N2/PPPP1PPP/RNBQKB1R"),
        ),
    ]);
    let root = tree::root(&map);
    let mut asked = [game, absent];
    asked.sort_unstable();
    let bytes = StateProof::from_map(&map, &asked).encode();
    let answers = StateProof::decode(&bytes)?.verify(root, &asked)?;
    println!(
        "\nstate root        {} of {} keys",
        hex(&fr_to_bytes(&root)),
        map.len()
    );
    println!("one proof of {} bytes answers for two keys:", bytes.len());
    for (key, answer) in asked.iter().zip(answers) {
        let name = if *key == game { "game/1" } else { "game/2" };
        println!(
            "  {name}  {}",
            answer.map_or("absent, proven".into(), |hash| hex(&fr_to_bytes(&hash)))
        );
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
