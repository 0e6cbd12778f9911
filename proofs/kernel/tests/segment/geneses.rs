//! Genesis records of every shape, each of the chain whose id it makes: the kernel takes those that the formats allow, no others.

use crate::common::{Chain, Random, Scripted, Segment, genesis_record, module};
use playfair_abi::export::Export;
use playfair_machine::{Error, Fault, Machine, Prepared};
use playfair_proofs_kernel::native::{self, End};
use playfair_types::account::{AccountId, L1Address};
use playfair_types::bounded::Bytes;
use playfair_types::chain::Origin;
use playfair_types::hash::{Tag, absorb, pack31};
use playfair_types::rules::FeeMode;
use playfair_types::tape::genesis::GenesisRecord;
use playfair_types::{Encode, Fr};

/// Bytes of a frame.
const FRAME: usize = 124;
/// Bytes of the parameters before the number of balances, and of a balance.
const FIXED: usize = 129;
const BALANCE: usize = 36;

fn engine() -> Scripted {
    Scripted::default()
        .with(module(1), Export::Call, |_| Ok(()))
        .with(module(1), Export::Init, |guest| {
            let payload = guest.payload()?;
            let count = payload.len().min(1024);
            guest.emit(1, &payload[..count])
        })
}

/// A genesis record as bytes that nobody has judged.
struct Raw {
    l1_chain_id: u64,
    settlement: L1Address,
    params: Vec<u8>,
}

impl Raw {
    fn of(genesis: &GenesisRecord) -> Self {
        Self {
            l1_chain_id: genesis.origin.l1_chain_id,
            settlement: genesis.origin.settlement,
            params: genesis.params.encode(),
        }
    }

    fn chain_id(&self) -> Fr {
        let origin = Origin {
            l1_chain_id: self.l1_chain_id,
            settlement: self.settlement,
            salt: [7; 31],
        };
        let mut limbs = pack31(&self.params);
        limbs.resize(limbs.len().next_multiple_of(4), Fr::from(0u64));
        let start = Tag::Genesis.with_length(self.params.len() as u64);
        origin.chain_id(limbs.as_chunks().0.iter().fold(start, absorb))
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![6];
        bytes.extend((self.params.len() as u16).to_be_bytes());
        bytes.extend(self.l1_chain_id.to_be_bytes());
        bytes.extend(self.settlement.0);
        bytes.extend([7; 31]);
        bytes.extend([0; 62]);
        bytes.extend(&self.params);
        bytes.resize(bytes.len().next_multiple_of(FRAME), 0);
        bytes
    }

    /// Whether native machine and kernel take it: both or neither.
    fn judge(&self, bytes: Vec<u8>) -> Option<bool> {
        let mut chain = Chain::before_genesis(&genesis_record(FeeMode::Paid, true), engine());
        chain.machine = Machine::new(engine(), self.chain_id(), module(1));
        let mut segment = Segment::start(&mut chain, engine());
        let judged = match Prepared::read(self.chain_id(), &bytes) {
            Ok(record) => chain.apply_prepared(&record).map(|done| done.work),
            Err(broken) => Err(Error::Broken(broken)),
        };
        match judged {
            Ok(work) => {
                segment.applied(bytes, work);
                segment.end(&mut chain);
                segment.prove();
                Some(true)
            }
            Err(Error::Broken(_)) => {
                segment.records.push(bytes);
                segment.end(&mut chain);
                let (end, _) = segment.run(segment.public());
                assert_eq!(end, End::Stuck);
                let place = native::stuck_at().expect("a place");
                assert!(!place.contains("segment.rs"), "refused only at the end: {place}");
                Some(false)
            }
            // This kernel knows one schedule; so does this build.
            Err(Error::Fault(Fault::UnknownSchedule(_))) => None,
            Err(Error::Fault(fault)) => panic!("{fault}"),
        }
    }
}

/// A chain with or without L1, with balances and an argument.
fn base(has_l1: bool, mode: FeeMode, balances: u8, init: usize) -> Raw {
    let mut genesis = genesis_record(mode, has_l1);
    genesis.params.init = Bytes::new(vec![0xa5; init]).expect("short");
    genesis.params.balances = (0..balances)
        .map(|id| (AccountId([id; 20]), u128::from(id) + 1))
        .collect();
    Raw::of(&genesis)
}

#[test]
fn lengths_of_arguments() {
    for init in [0, 1, 6, 7, 8, 9, 100, 114, 115, 116, 240, 4095, 4096] {
        for balances in [0, 1, 2] {
            let raw = base(false, FeeMode::Free, balances, init);
            assert_eq!(
                raw.judge(raw.bytes()),
                Some(true),
                "{init} bytes, {balances} balances"
            );
        }
    }
}

#[test]
fn what_the_formats_refuse() {
    let sponsored = FeeMode::Sponsored(AccountId([4; 20]));
    let change = |mode, balances, change: &dyn Fn(&mut Raw)| {
        let mut raw = base(false, mode, balances, 5);
        assert_eq!(raw.judge(raw.bytes()), Some(true));
        change(&mut raw);
        raw.judge(raw.bytes())
    };
    let at = |place: usize, byte: u8| move |raw: &mut Raw| raw.params[place] = byte;
    let refused = Some(false);
    // Version, module, mode 3, a sponsor where there is none, none where there is one, a price on a free chain, tick gas.
    assert_eq!(change(FeeMode::Paid, 1, &at(0, 2)), refused);
    assert_eq!(change(FeeMode::Paid, 1, &at(31, 2)), refused);
    assert_eq!(change(FeeMode::Paid, 1, &at(40, 3)), refused);
    assert_eq!(change(FeeMode::Paid, 1, &at(60, 1)), refused);
    assert_eq!(change(sponsored, 1, &at(40, 1)), refused);
    assert_eq!(change(sponsored, 1, &|raw| raw.params[41..61].fill(0)), refused);
    assert_eq!(change(FeeMode::Free, 1, &at(61, 1)), refused);
    assert_eq!(change(FeeMode::Paid, 1, &at(89, 1)), refused);
    // L1 and settlement go together, and leave no balances.
    let l1 = |id, settlement: u8| {
        move |raw: &mut Raw| (raw.l1_chain_id, raw.settlement) = (id, L1Address([settlement; 20]))
    };
    assert_eq!(change(FeeMode::Paid, 0, &l1(1, 0)), refused);
    assert_eq!(change(FeeMode::Paid, 0, &l1(0, 1)), refused);
    assert_eq!(change(FeeMode::Paid, 0, &l1(u64::MAX, 255)), Some(true));
    assert_eq!(change(FeeMode::Paid, 1, &l1(1, 1)), refused);
    // Balances: none zero, strictly increasing, a sum below 2^128.
    let first = FIXED + 2;
    assert_eq!(change(FeeMode::Paid, 1, &at(first + 35, 0)), refused);
    assert_eq!(
        change(FeeMode::Paid, 2, &|raw| raw.params[first..first + 20].fill(1)),
        refused
    );
    assert_eq!(
        change(FeeMode::Paid, 2, &|raw| raw.params[first..first + 20].fill(2)),
        refused
    );
    let big = |amounts: [u128; 2]| {
        move |raw: &mut Raw| {
            for (place, amount) in amounts.into_iter().enumerate() {
                let to = first + BALANCE * place + 20;
                raw.params[to..to + 16].copy_from_slice(&amount.to_be_bytes());
            }
        }
    };
    assert_eq!(change(FeeMode::Paid, 2, &big([u128::MAX, 1])), refused);
    assert_eq!(change(FeeMode::Paid, 2, &big([1 << 127, 1 << 127])), refused);
    assert_eq!(change(FeeMode::Paid, 2, &big([u128::MAX - 1, 1])), Some(true));
    // Lengths that do not fit.
    assert_eq!(change(FeeMode::Paid, 1, &|raw| raw.params.push(0)), refused);
    assert_eq!(
        change(FeeMode::Paid, 1, &|raw| raw.params.truncate(raw.params.len() - 1)),
        refused
    );
    assert_eq!(
        change(FeeMode::Paid, 1, &|raw| raw.params.truncate(FIXED + 1)),
        refused
    );
    assert_eq!(change(FeeMode::Paid, 1, &at(FIXED + 1, 0)), refused);
    assert_eq!(change(FeeMode::Paid, 0, &at(FIXED, 255)), refused);
    // Not zero where it has to be: limbs 2 and 3, the last frame's end.
    for place in [62, 93, 123] {
        let raw = base(false, FeeMode::Paid, 1, 5);
        let mut bytes = raw.bytes();
        bytes[place] = 1;
        assert_eq!(raw.judge(bytes.clone()), refused);
        bytes[place] = 0;
        *bytes.last_mut().expect("a byte") = 1;
        assert_eq!(raw.judge(bytes), refused);
    }
}

#[test]
fn random_parameters() {
    let seed = 41;
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let mut seen = [0; 2];
    for _ in 0..250 {
        let mode = random.pick(&[
            FeeMode::Free,
            FeeMode::Paid,
            FeeMode::Sponsored(AccountId::MODULE),
        ]);
        let balances = random.below(4) as u8;
        let mut raw = base(false, mode, balances, random.below(20) as usize);
        for _ in 0..1 + random.below(2) {
            let place = match random.below(3) {
                0 => random.below(raw.params.len() as u64) as usize,
                1 => random.pick(&[
                    34, 39, 40, 60, 61, 68, 69, 88, 89, 90, 92, 100, 101, 120, 121, 128,
                ]),
                _ => FIXED + random.below(raw.params.len() as u64 - FIXED as u64) as usize,
            };
            raw.params[place] ^= 1 << random.below(8);
        }
        if let Some(taken) = raw.judge(raw.bytes()) {
            seen[usize::from(taken)] += 1;
        }
    }
    println!("{seen:?}");
    assert!(seen.iter().all(|count| *count > 20), "{seen:?}");
}
