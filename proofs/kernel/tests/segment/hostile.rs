//! Records at every edge: whatever the native machine says of them the kernel proves, and what breaks the tape has no proof.

use crate::common::{
    Chain, Guest, LEAST, Player, Random, Scripted, Segment, chain_of, genesis_record, interpret, module,
};
use playfair_abi::export::Export;
use playfair_machine::error::Fault;
use playfair_machine::{Broken, Error, Prepared};
use playfair_proofs_kernel::native::{self, End};
use playfair_types::account::{AccountId, KeyRecord, L1Address, Role, SessionLimits};
use playfair_types::bounded::{Bytes, U48};
use playfair_types::limits::{CALL_GAS_MAX, GAS_SCHEDULE};
use playfair_types::rules::{FeeMode, Upgrade};
use playfair_types::state::{StateKey, SystemKey};
use playfair_types::tape::call::{Call, L1Call};
use playfair_types::tape::system::{BlockRecord, Deposit, UpgradeRecord};
use playfair_types::tape::system_entry::{ModuleEntry, SystemEntry};
use playfair_types::tape::{Record, kind, record_frames};
use playfair_types::{Decode, Encode, Fr};
use std::collections::BTreeMap;

/// An L1 address that calls.
const SENDER: L1Address = L1Address([3; 20]);
/// Bytes of a frame.
const FRAME: usize = 124;

/// What a chain of these tests is made of.
#[derive(Clone, Copy)]
struct Kind {
    mode: FeeMode,
    has_l1: bool,
    recipient: AccountId,
    delay_ms: u64,
}

struct Hostile {
    chain: Chain,
    random: Random,
    players: Vec<Player>,
    session: Player,
    kind: Kind,
}

fn ids() -> Vec<AccountId> {
    let players = (0..4).map(|number| Player::new(number).id);
    let others = [
        AccountId::NONE,
        AccountId::MODULE,
        AccountId::from_l1(SENDER),
        AccountId([0xff; 20]),
    ];
    players.chain(others).collect()
}

fn engine() -> Scripted {
    let accounts: Vec<[u8; 20]> = ids().iter().map(|id| id.0).collect();
    let others = accounts.clone();
    let tick = |guest: &mut Guest| guest.set(b"tick", &[1]);
    Scripted::default()
        .with(module(1), Export::Call, move |guest| interpret(guest, &accounts))
        .with(module(1), Export::Tick, tick)
        .with(module(2), Export::Call, move |guest| interpret(guest, &others))
}

impl Hostile {
    fn new(seed: u64, kind: Kind) -> Self {
        let mut genesis = genesis_record(kind.mode, kind.has_l1);
        genesis.params.fee_recipient = kind.recipient;
        genesis.params.upgrade_delay_ms = kind.delay_ms;
        if !kind.has_l1 {
            let mut balances: Vec<_> = ids().into_iter().map(|id| (id, 1 << 40)).collect();
            balances.sort_unstable();
            genesis.params.balances = balances;
        }
        let mut chain = chain_of(&genesis, engine());
        let players: Vec<Player> = (0..4).map(Player::new).collect();
        if kind.has_l1 {
            for id in ids() {
                chain.deposit(id, 1 << 40);
            }
        }
        Self {
            chain,
            random: Random::new(seed),
            players,
            session: Player::new(6),
            kind,
        }
    }

    fn now(&self) -> u64 {
        self.chain.boundary().time_ms.get()
    }

    fn announced(&self) -> Option<Upgrade> {
        let bytes = self.chain.value(&StateKey::of_system(SystemKey::Upgrade))?;
        Some(Upgrade::decode(&bytes).expect("an announcement"))
    }

    fn amount(&mut self, from: AccountId, to: AccountId) -> u128 {
        let (has, other) = (self.chain.balance(from), self.chain.balance(to));
        let room = u128::MAX - other;
        self.random.pick(&[
            0,
            1,
            1000,
            has,
            has.wrapping_add(1),
            has.saturating_sub(1),
            has / 2,
            room,
            room.wrapping_add(1),
            room.saturating_sub(1),
            u128::MAX,
            1 << 64,
            (1 << 64) - 1,
        ])
    }

    fn upgrade(&mut self) -> Upgrade {
        let earliest = self.now().saturating_add(self.kind.delay_ms).min((1 << 48) - 2);
        let random = &mut self.random;
        Upgrade {
            time_ms: U48::new(earliest + random.pick(&[0, 1, 1, 2, 500])).unwrap_or(U48::MAX),
            module: module(random.pick(&[1, 2])),
            vk_set_root: Fr::from(random.pick(&[1u64, 77])) * -Fr::from(random.pick(&[1u64, 5])),
            gas_schedule: 2,
            tick_gas: random.pick(&[0, 1, 20_000, CALL_GAS_MAX]),
            gas_price_min: random.pick(&[0, 1, LEAST, u64::MAX]),
        }
    }

    fn record(&mut self) -> Vec<u8> {
        let boundary = self.chain.boundary();
        if boundary.activating_ms.get() != 0 && !self.random.one_in(4) {
            let early = self.random.pick(&[0, 0, 1]);
            let block = BlockRecord {
                time_ms: U48::new(boundary.activating_ms.get() - early).expect("48 bits"),
                ..self.chain.block_record(1)
            };
            return Record::Block(block).encode();
        }
        let next = match self.announced() {
            Some(_) if self.random.one_in(4) => 4,
            _ => self.random.below(24),
        };
        let mut bytes = match next {
            0..2 => self.block(),
            2..4 => {
                let all = ids();
                let account = self.random.pick(&all);
                let deposit = Deposit {
                    account,
                    amount: self.amount(account, account),
                    sender: SENDER,
                    memo: [0xff; 31],
                };
                Record::Deposit(deposit).encode()
            }
            4 if self.announced().is_some() || self.random.one_in(8) => {
                let mut upgrade = match self.announced() {
                    Some(upgrade) => upgrade,
                    None => self.upgrade(),
                };
                match self.random.below(8) {
                    0 => upgrade.gas_price_min ^= 1 << 63,
                    1 => upgrade.tick_gas ^= 1,
                    2 => upgrade.vk_set_root += Fr::from(1u64),
                    3 => upgrade.time_ms = U48::new(upgrade.time_ms.get() ^ 1).expect("48 bits"),
                    _ => {}
                }
                Record::Upgrade(UpgradeRecord(upgrade)).encode()
            }
            5..8 => self.l1_call(),
            _ => self.call(),
        };
        if self.random.one_in(10) {
            for _ in 0..1 + self.random.below(2) {
                let at = self.random.below(bytes.len() as u64) as usize;
                let at = self
                    .random
                    .pick(&[at, 0, 1, 2, 3, 23, 24, 30, 31, 62, 98, 113, 114, 123]);
                bytes[at] = match self.random.below(3) {
                    0 => bytes[at] ^ 1 << self.random.below(8),
                    1 => self.random.pick(&[0, 1, 0x7f, 0x80, 0xff]),
                    _ => self.random.next() as u8,
                };
            }
        }
        bytes
    }

    fn block(&mut self) -> Vec<u8> {
        let after = self.random.pick(&[1, 1, 1, 500, 1000, 0]);
        let mut block = self.chain.block_record(after);
        if let Some(upgrade) = self.announced()
            && self.random.one_in(2)
        {
            let time = upgrade.time_ms.get() - self.random.pick(&[0, 1]);
            block.time_ms = U48::new(time).expect("48 bits");
        }
        if self.random.one_in(8) {
            block.height = block.height.wrapping_add(self.random.pick(&[1, u64::MAX]));
        }
        Record::Block(block).encode()
    }

    fn limit(&mut self, payload: usize, new_key: bool) -> u32 {
        let frames = 1 + u32::from(new_key) + payload.saturating_sub(10).div_ceil(FRAME) as u32;
        let base = GAS_SCHEDULE.record_base(frames);
        let price = GAS_SCHEDULE.system_entry;
        if self.random.one_in(2) {
            return 100_000;
        }
        self.random.pick(&[
            0,
            base - 1,
            base,
            base + 1,
            base + price - 1,
            base + price,
            base + price + 1,
            base + price + 1000,
            CALL_GAS_MAX,
            CALL_GAS_MAX + 1,
            u32::MAX,
        ])
    }

    fn entry(&mut self, caller: AccountId, other: &Player) -> (u8, Vec<u8>) {
        let count = self.random.below(40) as usize;
        let program = self.random.bytes(count);
        let all = ids();
        let to = self.random.pick(&all);
        let authority = caller == self.players[0].id && self.random.one_in(4);
        let entry = match self.random.below(16) {
            _ if authority => SystemEntry::AnnounceUpgrade(self.upgrade()),
            0..4 => return (self.random.pick(&[0, 1, 63, 64, 239]), program),
            4..6 => SystemEntry::Transfer {
                to,
                amount: self.amount(caller, to),
            },
            6 => SystemEntry::Withdraw {
                to: SENDER,
                amount: self.amount(caller, to),
            },
            7..10 => SystemEntry::Pay {
                entry: ModuleEntry::new(self.random.pick(&[0, 1, 239])).expect("below 240"),
                amount: self.amount(caller, AccountId::MODULE),
                payload: Bytes::new(program).expect("short"),
            },
            10 => SystemEntry::RevokeKey {
                index: self.random.pick(&[0, 1, 2, 3, 255]),
            },
            11..13 => SystemEntry::AnnounceUpgrade(self.upgrade()),
            13..15 => {
                let random = &mut self.random;
                let limits = SessionLimits {
                    scope: random.pick(&[0, 2, 1 << 63, u64::MAX]),
                    gas_price_max: random.pick(&[0, LEAST, u64::MAX]),
                    lanes: random.pick(&[1, 4, 128, 255]),
                };
                let key = match random.below(4) {
                    0 => KeyRecord::owner(*other.key.public_key()),
                    1 => KeyRecord {
                        role: Role::L1Owner(SENDER),
                        expires_ms: U48::MAX,
                    },
                    _ => KeyRecord {
                        role: Role::Session(*self.session.key.public_key(), limits),
                        expires_ms: random.pick(&[U48::MAX, self.chain.boundary().time_ms, U48::default()]),
                    },
                };
                let index = random.pick(&[0, 1, 2, 3, 255]);
                SystemEntry::SetKey { index, key }
            }
            _ => {
                return (
                    self.random.pick(&[240, 241, 242, 243, 244, 245, 246, 255]),
                    program,
                );
            }
        };
        let mut payload = entry.payload();
        if self.random.one_in(5) {
            match self.random.below(3) {
                0 => drop(payload.pop()),
                1 => payload.push(0),
                _ => {
                    let at = self.random.below(payload.len() as u64) as usize;
                    payload[at] = self.random.pick(&[0, 1, 0x30, 0x7f, 0x80, 0xff]);
                }
            }
        }
        (entry.entry(), payload)
    }

    fn l1_call(&mut self) -> Vec<u8> {
        let all = ids();
        let account = match self.random.one_in(4) {
            true => self.random.pick(&all),
            false => AccountId::from_l1(SENDER),
        };
        let other = self.players[0].clone();
        let (entry, payload) = self.entry(account, &other);
        let call = L1Call {
            account,
            key_index: self.random.pick(&[0, 0, 0, 0, 0, 0, 1, 2, 255]),
            sender: self.random.pick(&[SENDER, SENDER, SENDER, L1Address([4; 20])]),
            valid_until_ms: self.until(),
            gas_limit: self.limit(payload.len(), false),
            entry,
            payload: Bytes::new(payload).expect("short"),
        };
        Record::L1Call(call).encode()
    }

    fn until(&mut self) -> U48 {
        let now = self.now();
        let time = match self.random.below(16) {
            0 => self.random.pick(&[now - 1, 0]),
            1..5 => now,
            _ => U48::MAX.get(),
        };
        U48::new(time).expect("48 bits")
    }

    fn call(&mut self) -> Vec<u8> {
        let place = self.random.below(4) as usize;
        let (player, other) = (self.players[place].clone(), self.players[(place + 1) % 4].clone());
        let record = self.chain.account(player.id);
        let created = record.is_some_and(|record| record.created);
        let (entry, payload) = self.entry(player.id, &other);
        let new_key = created == self.random.one_in(12);
        let lane = match self.random.below(24) {
            0 => self.random.pick(&[8, 255]),
            1..8 => self.random.pick(&[2, 7]),
            _ => 0,
        };
        let next = record
            .and_then(|record| record.next_nonces.get(usize::from(lane)).copied())
            .unwrap_or_default();
        let nonce = match self.random.below(16) {
            0 => U48::MAX,
            1 => U48::new(next.get() + 1).expect("48 bits"),
            _ => next,
        };
        let mut key_index = if new_key {
            0
        } else {
            self.random.pick(&[0, 0, 0, 1, 2, 3, 255])
        };
        if self.chain.key(player.id, key_index).is_none() && !self.random.one_in(8) {
            key_index = 0;
        }
        // Whose key stands there, most of the time.
        let session = self.session.clone();
        let signer = match self.chain.key(player.id, key_index).map(|key| key.role) {
            _ if self.random.one_in(16) => other.clone(),
            Some(Role::Session(..)) => session,
            Some(Role::Owner(key)) if key == *other.key.public_key() => other.clone(),
            _ => player.clone(),
        };
        let least = self.chain.machine.params().gas_price_min;
        let gas_price = match self.random.below(8) {
            0 => self
                .random
                .pick(&[0, least.wrapping_sub(1), least.wrapping_add(1), 1 << 40, u64::MAX]),
            _ => least,
        };
        let call = Call {
            account: player.id,
            key_index,
            lane,
            nonce,
            valid_until_ms: self.until(),
            gas_limit: self.limit(payload.len(), new_key),
            gas_price,
            entry,
            payload: Bytes::new(payload).expect("short"),
            new_key: new_key.then(|| player.key.public_key().to_bytes()),
        };
        if self.kind.has_l1 && self.random.one_in(6) {
            self.chain.forced(call, &signer.key)
        } else {
            self.chain.signed(call, &signer.key)
        }
    }

    /// What breaks the tape has no proof, whatever boundary is claimed: the kernel refuses it at the record itself.
    fn refuse(&mut self, bytes: Vec<u8>) -> Option<String> {
        let first = bytes.first_chunk::<FRAME>()?;
        if record_frames(first).is_ok_and(|frames| frames * FRAME != bytes.len()) {
            return None;
        }
        let mut segment = Segment::start(&mut self.chain, engine());
        segment.records.push(bytes);
        segment.end(&mut self.chain);
        let (end, _) = segment.run(segment.public());
        assert_eq!(end, End::Stuck);
        let place = native::stuck_at().expect("a place");
        let late = ["segment.rs", "tree.rs"].iter().any(|file| place.contains(file));
        assert!(!late, "what breaks the tape was refused only at the end, {place}");
        Some(place)
    }

    fn run(&mut self, segments: u64, met: &mut BTreeMap<String, u64>) {
        for number in 0..segments {
            let mut segment = Segment::start(&mut self.chain, engine());
            let (wanted, mut refused) = (1 + self.random.below(6) as usize, None);
            while segment.records.len() < wanted {
                let bytes = self.record();
                let judged = match Prepared::read(self.chain.id(), &bytes) {
                    Ok(record) => self.chain.fork(engine()).apply_prepared(&record).map(drop),
                    Err(broken) => Err(Error::Broken(broken)),
                };
                match judged {
                    Ok(()) => {
                        let upgrade = bytes[0] == kind::UPGRADE;
                        let done = segment.push(&mut self.chain, bytes);
                        *met.entry(format!("{:?}", done.receipt.outcome)).or_default() += 1;
                        if upgrade {
                            break;
                        }
                    }
                    Err(Error::Broken(broken)) => {
                        refused = Some((bytes, broken));
                        break;
                    }
                    // An upgrade to a module or a schedule that nobody has: the authority's own end of its chain.
                    Err(Error::Fault(Fault::UnknownModule(_) | Fault::UnknownSchedule(_))) => return,
                    Err(Error::Fault(fault)) => panic!("{fault}"),
                }
            }
            if !segment.records.is_empty() {
                segment.end(&mut self.chain);
                segment.prove();
                if number % 16 == 0 {
                    assert_eq!(segment.run_program(segment.public()).0, End::Finished);
                }
            }
            if let Some((bytes, broken)) = refused
                && self.refuse(bytes).is_some()
            {
                let name = match broken {
                    Broken::Format(_) => "format".to_owned(),
                    other => format!("{other:?}"),
                };
                let name = name.split(' ').next().unwrap_or_default().to_owned();
                *met.entry(name).or_default() += 1;
            }
        }
    }
}

#[test]
fn records_at_every_edge() {
    let player = |number| Player::new(number).id;
    let mut met = BTreeMap::new();
    for seed in [31, 32] {
        let kinds = [
            (FeeMode::Paid, true, AccountId([9; 20]), 100),
            (FeeMode::Paid, true, player(1), 0),
            (FeeMode::Sponsored(player(1)), true, player(1), 0),
            (
                FeeMode::Sponsored(AccountId::MODULE),
                true,
                AccountId::NONE,
                u64::MAX,
            ),
            (FeeMode::Free, true, AccountId::MODULE, 1),
            (FeeMode::Paid, false, AccountId::NONE, 0),
        ];
        for (place, (mode, has_l1, recipient, delay_ms)) in kinds.into_iter().enumerate() {
            println!("seed {seed}, chain {place}");
            let kind = Kind {
                mode,
                has_l1,
                recipient,
                delay_ms,
            };
            Hostile::new(seed * 8 + place as u64, kind).run(20, &mut met);
        }
    }
    println!("{met:?}");
    assert!(met.len() > 18, "{met:?}");
}
