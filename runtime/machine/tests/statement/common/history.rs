//! Random histories: mostly records that a node would take, and enough of those that it would not.

use super::chain::{Chain, LEAST, Player, chain_of, genesis_record, module};
use super::engine::{Scripted, interpret};
use super::random::Random;
use playfair_abi::export::Export;
use playfair_types::Encode;
use playfair_types::account::{AccountId, KeyRecord, L1Address, Role, SessionLimits};
use playfair_types::bounded::{Bytes, U48};
use playfair_types::limits::GAS_SCHEDULE;
use playfair_types::rules::FeeMode;
use playfair_types::tape::Record;
use playfair_types::tape::call::{Call, L1Call};
use playfair_types::tape::system::Deposit;
use playfair_types::tape::system_entry::{ModuleEntry, SystemEntry};

const RECIPIENT: AccountId = AccountId([9; 20]);
/// An L1 address that calls.
const SENDER: L1Address = L1Address([3; 20]);
/// Where sessions sit, and their lane.
const SESSION_INDEX: u8 = 3;
const SESSION_LANE: u8 = 2;

pub(crate) struct History {
    pub(crate) chain: Chain,
    random: Random,
    players: Vec<Player>,
    session: Player,
    mode: FeeMode,
}

impl History {
    /// A chain with L1 whose accounts have some money.
    pub(crate) fn new(seed: u64, mode: FeeMode) -> Self {
        let mut history = Self {
            chain: chain_of(&genesis_record(mode, true), Self::engine()),
            random: Random::new(seed),
            players: (1..5).map(Player::new).collect(),
            session: Player::new(6),
            mode,
        };
        for id in history.ids() {
            let amount = 2_000_000 + u128::from(history.random.below(1_000_000));
            history.chain.deposit(id, amount);
        }
        history
    }

    /// A module that does what payloads say; its tick does something random-looking.
    pub(crate) fn engine() -> Scripted {
        let accounts: Vec<[u8; 20]> = Self::all_ids().iter().map(|id| id.0).collect();
        Scripted::default()
            .with(module(1), Export::Call, move |guest| interpret(guest, &accounts))
            .with(module(1), Export::Tick, |guest| {
                let count = guest.get(b"ticks")?.map_or(0, |value| value[0]);
                guest.set(b"ticks", &[count.wrapping_add(1)])?;
                if count % 4 == 3 {
                    guest.remove(&[count % 8]).map(drop)
                } else {
                    Ok(())
                }
            })
    }

    /// Every account that can hold money.
    pub(crate) fn ids(&self) -> Vec<AccountId> {
        Self::all_ids()
    }

    fn all_ids() -> Vec<AccountId> {
        let players = (1..5).map(|number| Player::new(number).id);
        let others = [
            AccountId::NONE,
            AccountId::MODULE,
            RECIPIENT,
            AccountId::from_l1(SENDER),
        ];
        players.chain(others).collect()
    }

    /// The bytes of a next record: never one that breaks the tape.
    pub(crate) fn record(&mut self) -> Vec<u8> {
        match self.random.below(20) {
            0 => {
                let after_ms = 1 + self.random.below(1000);
                Record::Block(self.chain.block_record(after_ms)).encode()
            }
            1 => {
                let ids = self.ids();
                let deposit = Deposit {
                    account: self.random.pick(&ids),
                    amount: u128::from(self.random.below(300_000)),
                    sender: SENDER,
                    memo: [1; 31],
                };
                Record::Deposit(deposit).encode()
            }
            2 => self.l1_call(),
            _ => self.call(),
        }
    }

    fn l1_call(&mut self) -> Vec<u8> {
        let count = self.random.below(40) as usize;
        let call = L1Call {
            account: AccountId::from_l1(SENDER),
            key_index: self.random.pick(&[0, 0, 0, 1]),
            sender: SENDER,
            valid_until_ms: U48::MAX,
            gas_limit: self.random.pick(&[4096, 9000, 50_000, 393_216]),
            entry: self.random.pick(&[1, 1, 1, 241, 250]),
            payload: Bytes::new(self.random.bytes(count)).expect("short"),
        };
        Record::L1Call(call).encode()
    }

    /// A random call by one of the players, or by a session of theirs.
    fn call(&mut self) -> Vec<u8> {
        let random = &mut self.random;
        let player = &self.players[random.below(4) as usize];
        let record = self.chain.account(player.id);
        let nonce = |lane: u8| record.map_or(0, |record| record.next_nonces[usize::from(lane)].get()) as u32;
        let to = self.players[random.below(4) as usize].id;
        let amount = u128::from(random.below(5000));
        let count = random.below(60) as usize;
        let program = random.bytes(count);
        let created = record.is_some_and(|record| record.created);
        let (mut signer, mut call) = (player, player.call(nonce(0), 1, &program));
        match random.below(16) {
            0 => call = player.system(nonce(0), &SystemEntry::Transfer { to, amount }),
            1 => call = player.system(nonce(0), &SystemEntry::Withdraw { to: SENDER, amount }),
            2..4 => {
                let payload = Bytes::new(program).expect("short");
                let entry = ModuleEntry::new(random.below(240) as u8).expect("below 240");
                call = player.system(
                    nonce(0),
                    &SystemEntry::Pay {
                        entry,
                        amount,
                        payload,
                    },
                );
            }
            4 => call = player.call(nonce(0), random.next() as u8, &program),
            5 => {
                let limits = SessionLimits {
                    scope: random.next() | 2,
                    gas_price_max: LEAST,
                    lanes: 1 << SESSION_LANE,
                };
                let key = KeyRecord {
                    role: Role::Session(*self.session.key.public_key(), limits),
                    expires_ms: U48::MAX,
                };
                let index = SESSION_INDEX;
                call = player.system(nonce(0), &SystemEntry::SetKey { index, key });
            }
            6 => call = player.system(nonce(0), &SystemEntry::RevokeKey { index: SESSION_INDEX }),
            7..10 if created => {
                signer = &self.session;
                call = Call {
                    key_index: SESSION_INDEX,
                    lane: SESSION_LANE,
                    ..player.call(nonce(SESSION_LANE), 1, &program)
                };
            }
            _ => {}
        }
        if signer.id == player.id && (!created || random.one_in(20)) {
            call.new_key = Some(player.key.public_key().to_bytes());
        }
        if self.mode == FeeMode::Free {
            call.gas_price = 0;
        }
        if random.one_in(10) {
            call.gas_price = random.pick(&[0, LEAST - 1, LEAST, LEAST + 5, u64::MAX]);
            call.gas_limit = random.pick(&[
                0,
                GAS_SCHEDULE.record_base(1),
                GAS_SCHEDULE.record_base(2),
                9000,
                50_000,
                393_216,
                393_217,
                u32::MAX,
            ]);
        }
        if random.one_in(25) {
            call.nonce = 99.into();
        }
        let mut bytes = if random.one_in(12) {
            self.chain.forced(call, &signer.key)
        } else {
            self.chain.signed(call, &signer.key)
        };
        if random.one_in(15) {
            // R, S, lane or an inline byte: a call that is invalid and consumed.
            let at = random.pick(&[1, 2, 24, 40, 70, 114, 123]);
            bytes[at] ^= 1 << random.below(8);
        }
        bytes
    }
}
