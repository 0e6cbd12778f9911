//! The segments: a block each, of one call to a module that uses the state, on a chain with fees.

use super::common::Made;
use super::scene::{Lab, Scene};
use playfair_admission::{Admitted, admit};
use playfair_proofs_circuit::op::Op;
use playfair_proofs_isa::trace::Step;
use playfair_proofs_prover::state::Source;
use playfair_proving::caller::{Caller, started};
use playfair_runtime::local::{Local, Start};
use playfair_types::Encode;
use playfair_types::account::{AccountId, L1Address};
use playfair_types::bounded::U48;
use playfair_types::chain::Origin;
use playfair_types::crypto::field::Fr;
use playfair_types::limits::{CALL_GAS_MAX, GAS_SCHEDULE};
use playfair_types::receipt::{Invalid, Outcome, Receipt};
use playfair_types::rules::FeeMode;
use playfair_types::state::{StateKey, SystemKey};
use playfair_types::tape::call::{Call, SignedCall};
use playfair_types::tape::system::Deposit;
use std::sync::OnceLock;

/// Entries: 0 reads, writes what it is given, reads again and emits; 1 writes and reverts; 2 turns a thousand times; 3 counts in a global and in
/// memory; 4 does nothing; 5 gives [`GIFT`] to who receives fees; 6 sends it to L1.
const WAT: &str = r#"(module
  (import "playfair" "input" (func $input (param i32)))
  (import "playfair" "output" (func $output (param i32 i32)))
  (import "playfair" "revert" (func $revert (param i32 i32)))
  (import "playfair" "set" (func $set (param i32 i32 i32 i32)))
  (import "playfair" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "playfair" "withdraw" (func $withdraw (param i32 i32) (result i32)))
  (import "playfair" "transfer" (func $transfer (param i32 i32) (result i32)))
  (import "playfair" "emit" (func $emit (param i32 i32 i32)))
  (memory 1)
  (data (i32.const 64) "the key.")
  (data (i32.const 128) "\09\09\09\09\09\09\09\09\09\09\09\09\09\09\09\09\09\09\09\09")
  (data (i32.const 160) "\d1\02\96\49")
  (global $count (mut i64) (i64.const 0x7000))
  (func (export "call") (param $entry i32) (param $length i32) (local $turn i32)
    (block $6 (block $5 (block $4 (block $3 (block $2 (block $1 (block $0
      (br_table $0 $1 $2 $3 $4 $5 $6 (local.get $entry)))
      (i32.store (i32.const 496) (call $get (i32.const 64) (i32.const 8) (i32.const 640) (i32.const 64)))
      (call $input (i32.const 256))
      (call $set (i32.const 64) (i32.const 8) (i32.const 256) (local.get $length))
      (i32.store (i32.const 504) (call $get (i32.const 64) (i32.const 8) (i32.const 512) (i32.const 64)))
      (call $emit (i32.const 1) (i32.const 256) (i32.const 8))
      (call $emit (i32.const 2) (i32.const 496) (i32.const 16))
      (call $output (i32.const 512) (i32.const 16)) (return))
      (call $input (i32.const 256))
      (call $set (i32.const 64) (i32.const 8) (i32.const 256) (local.get $length))
      (call $revert (i32.const 64) (i32.const 8)) (return))
      (loop $again (br_if $again
        (i32.lt_u (local.tee $turn (i32.add (local.get $turn) (i32.const 1))) (i32.const 1000)))) (return))
      (global.set $count (i64.add (global.get $count) (i64.const 1)))
      (i64.store (i32.const 256) (global.get $count))
      (i64.store (i32.const 1024) (i64.add (i64.load (i32.const 1024)) (i64.const 5)))
      (i64.store (i32.const 264) (i64.load (i32.const 1024)))
      (call $output (i32.const 256) (i32.const 16)) (return))
      (return))
      (drop (call $transfer (i32.const 128) (i32.const 160))) (return))
      (drop (call $withdraw (i32.const 128) (i32.const 160)))))"#;

/// The least gas price, the caller's balance at first, the nonce of the scenes' calls.
pub(crate) const PRICE: u64 = 1_000_003;
pub(crate) const BALANCE: u128 = 0x77_7777_7777_7777_7777;
pub(crate) const NONCE: u32 = 301;
/// Gas limits: enough, and not enough for entry 2.
pub(crate) const ENOUGH: u32 = 200_011;
pub(crate) const LIMIT: u32 = GAS_SCHEDULE.record_base(2) + 995;
/// What the module gives away, and what it has.
pub(crate) const GIFT: u128 = 0x4996_02d1;
pub(crate) const FUNDS: u128 = 0x55_5555_5555;
/// An account that nobody has called from.
pub(crate) const QUIET: AccountId = AccountId([3; 20]);
/// Deposits before, three of them balances.
pub(crate) const ARRIVED: u32 = 55;
const RECIPIENT: AccountId = AccountId([9; 20]);

/// The module, admitted.
pub(crate) fn admitted() -> &'static Admitted {
    static ADMITTED: OnceLock<Admitted> = OnceLock::new();
    ADMITTED.get_or_init(|| admit(&wat::parse_str(WAT).unwrap()).unwrap())
}

/// The key that the module writes.
pub(crate) fn key() -> StateKey {
    StateKey::of_user(&playfair_types::bounded::Bytes::new(b"the key.").unwrap())
}

/// What arrives from L1.
fn arrival(account: AccountId, amount: u128) -> Vec<u8> {
    let deposit = Deposit {
        account,
        amount,
        sender: L1Address([2; 20]),
        memo: [0; 31],
    };
    deposit.encode()
}

/// A chain on which the caller's next nonce is [`NONCE`].
struct Desk {
    local: Local,
    chain_id: Fr,
    caller: Caller,
}

impl Desk {
    fn new(origin: Origin) -> Self {
        let caller = Caller::new(1);
        let mut genesis = Start::of(admitted().hash).genesis();
        genesis.origin = origin;
        genesis.params.fee_mode = FeeMode::Paid;
        genesis.params.gas_price_min = PRICE;
        genesis.params.fee_recipient = RECIPIENT;
        let mut balances = vec![(caller.id, BALANCE), (AccountId::MODULE, FUNDS), (QUIET, BALANCE)];
        balances.sort_unstable();
        // Where there is an L1, they come from there.
        let arrivals: Vec<_> = balances
            .iter()
            .map(|(id, amount)| arrival(*id, *amount))
            .collect();
        let settled = origin.l1_chain_id != 0;
        if !settled {
            genesis.params.balances = balances;
        }
        let local = started(admitted(), &genesis);
        let chain_id = local.chain.machine().chain_id();
        let mut desk = Self {
            local,
            chain_id,
            caller,
        };
        if settled {
            Made::of(&mut desk.local, &arrivals);
        }
        let mut first = desk.caller.first(0, b"what was there before");
        first.gas_price = PRICE;
        let first = desk.caller.sign(chain_id, first);
        assert_eq!(Made::of(&mut desk.local, &[first]).outcomes(), [Outcome::Ok]);
        let calls = (1..NONCE).map(|nonce| desk.signed(nonce, 4, |_| {}).encode());
        let calls: Vec<_> = calls.collect();
        let made = Made::of(&mut desk.local, &calls);
        assert!(made.outcomes().iter().all(|outcome| *outcome == Outcome::Ok));
        desk
    }

    fn signed(&self, nonce: u32, entry: u8, change: impl FnOnce(&mut Call)) -> SignedCall {
        let mut call = self
            .caller
            .call(nonce, entry, b"thirty-two bytes of a new value.");
        call.gas_price = PRICE;
        call.gas_limit = ENOUGH;
        change(&mut call);
        call.sign(self.chain_id, &self.caller.key)
    }

    /// A segment of these calls, on a chain of its own.
    fn scene(lab: &Lab, calls: impl FnOnce(&Self) -> Vec<SignedCall>, ends: &[Outcome]) -> Scene {
        let desk = Self::new(Origin::without_l1([0; 31]));
        let calls: Vec<_> = calls(&desk).iter().map(Encode::encode).collect();
        desk.made(lab, &calls, ends)
    }

    /// The same of any records, on a chain with an L1 from which something has arrived before.
    fn settled(lab: &Lab, record: impl FnOnce(&Self) -> Vec<u8>) -> Scene {
        let mut desk = Self::new(Origin {
            l1_chain_id: 1,
            settlement: L1Address([1; 20]),
            salt: [0; 31],
        });
        let before: Vec<_> = (3..ARRIVED).map(|_| arrival(QUIET, GIFT)).collect();
        Made::of(&mut desk.local, &before);
        let record = record(&desk);
        desk.made(lab, &[record], &[Outcome::Ok])
    }

    fn made(mut self, lab: &Lab, records: &[Vec<u8>], ends: &[Outcome]) -> Scene {
        let made = Made::of(&mut self.local, records);
        assert_eq!(made.outcomes(), ends);
        Scene::of(lab, made)
    }
}

/// The segments, made when they are asked for.
pub(crate) struct Scenes {
    pub(crate) lab: Lab,
    fine: OnceLock<Scene>,
    reverted: OnceLock<Scene>,
    spent: OnceLock<Scene>,
    counted: OnceLock<Scene>,
    replayed: OnceLock<Scene>,
    late: OnceLock<Scene>,
    cheap: OnceLock<Scene>,
    greedy: OnceLock<Scene>,
    forged: OnceLock<Scene>,
    gave: OnceLock<Scene>,
    stolen: OnceLock<Scene>,
    arrived: OnceLock<Scene>,
    sent: OnceLock<Scene>,
    mauled: OnceLock<Scene>,
}

impl Scenes {
    pub(crate) fn new() -> Self {
        Self {
            lab: Lab::new(),
            fine: OnceLock::new(),
            reverted: OnceLock::new(),
            spent: OnceLock::new(),
            counted: OnceLock::new(),
            replayed: OnceLock::new(),
            late: OnceLock::new(),
            cheap: OnceLock::new(),
            greedy: OnceLock::new(),
            forged: OnceLock::new(),
            gave: OnceLock::new(),
            stolen: OnceLock::new(),
            arrived: OnceLock::new(),
            sent: OnceLock::new(),
            mauled: OnceLock::new(),
        }
    }

    fn one<'s>(
        &'s self,
        place: &'s OnceLock<Scene>,
        (nonce, entry): (u32, u8),
        change: fn(&mut Call),
        end: Outcome,
    ) -> &'s Scene {
        place.get_or_init(|| Desk::scene(&self.lab, |desk| vec![desk.signed(nonce, entry, change)], &[end]))
    }

    /// A call in order.
    pub(crate) fn fine(&self) -> &Scene {
        self.one(&self.fine, (NONCE, 0), |_| {}, Outcome::Ok)
    }

    /// One that reverts what it wrote.
    pub(crate) fn reverted(&self) -> &Scene {
        self.one(&self.reverted, (NONCE, 1), |_| {}, Outcome::Reverted)
    }

    /// One that runs out of gas.
    pub(crate) fn spent(&self) -> &Scene {
        self.one(
            &self.spent,
            (NONCE, 2),
            |call| call.gas_limit = LIMIT,
            Outcome::OutOfGas,
        )
    }

    /// Two that count.
    pub(crate) fn counted(&self) -> &Scene {
        let two = |desk: &Desk| {
            [NONCE, NONCE + 1]
                .map(|nonce| desk.signed(nonce, 3, |_| {}))
                .to_vec()
        };
        self.counted
            .get_or_init(|| Desk::scene(&self.lab, two, &[Outcome::Ok; 2]))
    }

    /// One of which the module gives something away.
    pub(crate) fn gave(&self) -> &Scene {
        self.one(&self.gave, (NONCE, 5), |_| {}, Outcome::Ok)
    }

    /// A deposit.
    pub(crate) fn arrived(&self) -> &Scene {
        self.arrived
            .get_or_init(|| Desk::settled(&self.lab, |_| arrival(QUIET, GIFT)))
    }

    /// A call by which the module sends something to L1.
    pub(crate) fn sent(&self) -> &Scene {
        let call = |desk: &Desk| desk.signed(NONCE, 6, |_| {}).encode();
        self.sent.get_or_init(|| Desk::settled(&self.lab, call))
    }

    /// The first call of an account, with a key of which it is not made.
    pub(crate) fn stolen(&self) -> &Scene {
        let thief = |call: &mut Call| {
            call.new_key = Some(Caller::new(1).key.public_key().to_bytes());
            call.account = QUIET;
        };
        self.one(&self.stolen, (0, 0), thief, Outcome::Invalid(Invalid::Account))
    }

    /// A call with a nonce that has been used.
    pub(crate) fn replayed(&self) -> &Scene {
        self.one(
            &self.replayed,
            (NONCE - 9, 0),
            |_| {},
            Outcome::Invalid(Invalid::Nonce),
        )
    }

    /// One that is too late.
    pub(crate) fn late(&self) -> &Scene {
        let end = Outcome::Invalid(Invalid::Expired);
        self.one(
            &self.late,
            (NONCE, 0),
            |call| call.valid_until_ms = U48::from(12_345_u32),
            end,
        )
    }

    /// One that pays less than the least price.
    pub(crate) fn cheap(&self) -> &Scene {
        let end = Outcome::Invalid(Invalid::GasPrice);
        self.one(&self.cheap, (NONCE, 0), |call| call.gas_price -= 2, end)
    }

    /// One that wants more gas than calls may.
    pub(crate) fn greedy(&self) -> &Scene {
        let end = Outcome::Invalid(Invalid::GasLimit);
        self.one(
            &self.greedy,
            (NONCE, 0),
            |call| call.gas_limit = CALL_GAS_MAX + 4_321,
            end,
        )
    }

    /// One that was signed as another one.
    pub(crate) fn forged(&self) -> &Scene {
        let call = |desk: &Desk| {
            let other = desk.signed(NONCE, 0, |call| call.gas_limit += 1);
            let mut forged = desk.signed(NONCE, 0, |_| {});
            forged.signature = other.signature;
            vec![forged]
        };
        self.forged
            .get_or_init(|| Desk::scene(&self.lab, call, &[Outcome::Invalid(Invalid::Signature)]))
    }

    /// One whose signature's S is larger by the order of the group.
    pub(crate) fn mauled(&self) -> &Scene {
        let call = |desk: &Desk| {
            let mut mauled = desk.signed(NONCE, 0, |_| {});
            let mut carry = 0;
            let order = ORDER.iter().flat_map(|word| word.to_le_bytes());
            for (byte, more) in mauled.signature.0[32..].iter_mut().rev().zip(order) {
                let sum = u16::from(*byte) + u16::from(more) + carry;
                (*byte, carry) = (sum as u8, sum >> 8);
            }
            assert_eq!(carry, 0);
            vec![mauled]
        };
        self.mauled
            .get_or_init(|| Desk::scene(&self.lab, call, &[Outcome::Invalid(Invalid::Encoding)]))
    }
}

/// The order of the group of keys, least significant word first.
pub(crate) const ORDER: [u64; 4] = [
    0x677297dc392126f1,
    0xab3eedb83920ee0a,
    0x370a08b6d0302b0b,
    0x060c89ce5c263405,
];

impl Scene {
    /// The receipt of a call.
    pub(crate) fn receipt(&self, call: usize) -> Receipt {
        self.made.block.applied[1 + call].receipt
    }

    /// The gas that the module is given.
    pub(crate) fn given(&self) -> u64 {
        let set = |step: &Step| self.op(step) == Some(Op::SetGas);
        let set = &self.trace.steps[self.find(set)];
        set.a.and_then(|slot| slot.old.word()).expect("a word")
    }

    /// The balance before of the caller, and of who receives fees.
    pub(crate) fn balances(&self) -> [u128; 2] {
        [Caller::new(1).id, RECIPIENT].map(|id| {
            let key = StateKey::of_system(SystemKey::Account(id));
            let record = (&self.made.step.old).value(&key).expect("an account");
            u128::from_le_bytes(record[..16].try_into().unwrap())
        })
    }
}
