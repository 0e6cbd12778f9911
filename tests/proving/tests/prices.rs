//! No host function takes more rows than its gas pays for: whatever its arguments, at first and again, in its state's worst places.

use playfair_abi::host::HostFunction;
use playfair_proving::host_calls::{Bench, Cost, DATA, HostCall, ZEROS, function};
use playfair_types::bounded::Bytes;
use playfair_types::limits::{GAS_SCHEDULE, PRICED_STATE_DEPTH};
use playfair_types::state::StateKey;

/// Lengths around those where a limb, a block of limbs or a frame ends, up to 1,024.
const LENGTHS: [u32; 17] = [
    0, 1, 7, 8, 23, 24, 25, 48, 71, 72, 73, 95, 96, 97, 124, 169, 1_024,
];

/// Calls that are measured in a state that others have made.
struct Measured {
    bench: Bench,
    before: Vec<HostCall>,
    nothing: Vec<Cost>,
}

impl Measured {
    fn new(bench: Bench, before: Vec<HostCall>) -> Self {
        let nothing = (1..3).map(|count| bench.whole(&before, &vec![(0, [0; 4]); count]));
        Self {
            nothing: nothing.collect(),
            bench,
            before,
        }
    }

    /// The cost of one call, and of a second one that is the same.
    fn cost(&self, call: HostCall) -> [Cost; 2] {
        let cost = |count: usize| {
            let whole = self.bench.whole(&self.before, &vec![call; count]);
            let nothing = self.nothing[count - 1];
            Cost {
                rows: whole.rows - nothing.rows,
                gas: whole.gas - nothing.gas,
            }
        };
        let (one, two) = (cost(1), cost(2));
        let again = Cost {
            rows: two.rows - one.rows,
            gas: two.gas - one.gas,
        };
        [one, again]
    }

    fn paid(&self, name: &str, arguments: [u32; 4]) {
        for (cost, which) in self
            .cost((function(name), arguments))
            .iter()
            .zip(["first", "again"])
        {
            assert!(
                cost.rows <= cost.gas,
                "{name} {arguments:?}, {which}: {} rows for {} gas",
                cost.rows,
                cost.gas
            );
        }
    }
}

/// A chain that has the values of 0, 32 and 4,096 bytes, and one under a key of 64 bytes.
fn measured(l1: bool) -> Measured {
    let set = function("set");
    let before = vec![
        (set, [DATA, 8, DATA, 32]),
        (set, [DATA, 16, DATA, 0]),
        (set, [DATA, 24, DATA, 4_096]),
        (set, [DATA, 64, DATA, 95]),
    ];
    Measured::new(Bench::new(l1), before)
}

#[test]
fn keys_and_values_are_paid_for() {
    let measured = measured(false);
    for key in [8, 16, 24, 64, 0, 1, 25, 49, 63] {
        measured.paid("exists", [DATA, key, 0, 0]);
        measured.paid("remove", [DATA, key, 0, 0]);
        measured.paid("get", [DATA, key, ZEROS, 4_096]);
        measured.paid("set", [DATA, key, DATA, 33]);
    }
    measured.paid("get", [DATA, 24, ZEROS, 0]);
    for length in LENGTHS.into_iter().chain([4_095, 4_096]) {
        measured.paid("set", [DATA, 32, DATA, length]);
    }
}

#[test]
fn bytes_are_paid_for() {
    let measured = measured(true);
    for length in LENGTHS {
        measured.paid("output", [DATA, length, 0, 0]);
        measured.paid("emit", [1, DATA, length, 0]);
        measured.paid("log", [DATA, length, 0, 0]);
        measured.paid("send", [DATA, DATA, length, 0]);
    }
}

#[test]
fn what_surrounds_a_call_is_paid_for() {
    let measured = measured(false);
    for name in [
        "caller",
        "value",
        "chain_id",
        "randomness",
        "height",
        "time",
        "input",
    ] {
        measured.paid(name, [ZEROS, 0, 0, 0]);
    }
    for from in [DATA, ZEROS] {
        measured.paid("poseidon2", [from, ZEROS, 0, 0]);
        measured.paid("poseidon5", [from, ZEROS, 0, 0]);
    }
}

#[test]
fn balances_are_paid_for() {
    let (without, with) = (measured(false), measured(true));
    for measured in [without, with] {
        for account in [DATA, DATA + 8, ZEROS] {
            measured.paid("balance", [account, ZEROS, 0, 0]);
            // Some, more than there is, nothing.
            for amount in [DATA + 16, DATA, ZEROS] {
                measured.paid("transfer", [account, amount, 0, 0]);
            }
        }
        measured.paid("withdraw", [DATA, DATA + 16, 0, 0]);
        measured.paid("withdraw", [DATA, DATA, 0, 0]);
    }
}

#[test]
fn instructions_that_the_kernel_serves_are_paid_for() {
    let measured = measured(false);
    measured.paid("memory.size", [0; 4]);
    for pages in [0, 1, 190, 300] {
        measured.paid("memory.grow", [pages, 0, 0, 0]);
    }
    for length in [0, 1, 7, 8, 9, 15, 16, 17, 23, 31, 63, 64, 65, 127, 4_096] {
        for to in 0..8 {
            measured.paid("memory.fill", [ZEROS + to, 7, length, 0]);
            measured.paid("memory.copy", [ZEROS + to, DATA, length, 0]);
        }
        for from in 0..8 {
            // Apart; forward and backward over itself.
            measured.paid("memory.copy", [ZEROS + 3, DATA + from, length, 0]);
            measured.paid("memory.copy", [DATA + 3, DATA + from, length, 0]);
        }
    }
}

/// A pair of keys, numbers in eight bytes, that share so many bits.
fn pair(shared: usize) -> [u64; 2] {
    let key = |number: u64| StateKey::of_user(&Bytes::new(number.to_le_bytes()).expect("short"));
    let mut keys: Vec<(StateKey, u64)> = (0..20_000).map(|number| (key(number), number)).collect();
    keys.sort_unstable();
    let found = keys
        .windows(2)
        .find(|pair| pair[0].0.common_bits(&pair[1].0) == shared);
    found.map(|pair| [pair[0].1, pair[1].1]).expect("a pair")
}

/// The rows of a level of the tree are the same wherever it is: so two depths tell those of any, and of the priced one.
#[test]
fn depth_is_paid_for() {
    let bench = Bench::default();
    let carry = |key: u64| -> HostCall { (0, [0, key as u32, (key >> 32) as u32, 0]) };
    // Where the bytes of the host call of this place are, from the second argument on.
    let at = |place: u32| 32_768 + 24 * place + 8;
    let (set, exists, remove) = (function("set"), function("exists"), function("remove"));
    let measure = |shared: usize| -> Vec<(&str, i64)> {
        let [one, other] = pair(shared);
        let alone = vec![carry(one), (set, [at(0), 8, DATA, 32])];
        let both = vec![
            carry(one),
            carry(other),
            (set, [at(0), 8, DATA, 32]),
            (set, [at(1), 8, DATA, 32]),
        ];
        let rows = |before: &[HostCall], key, call| bench.cost(before, &[carry(key), call]).rows;
        vec![
            ("read", rows(&both, one, (exists, [at(0), 8, 0, 0]))),
            ("absent", rows(&alone, other, (exists, [at(0), 8, 0, 0]))),
            ("changed", rows(&both, one, (set, [at(0), 8, DATA + 8, 32]))),
            ("inserted", rows(&alone, other, (set, [at(0), 8, DATA + 8, 32]))),
            ("removed", rows(&both, one, (remove, [at(0), 8, 0, 0]))),
        ]
    };
    let (shallow, deep) = (12, 22);
    let fixed = i64::from(GAS_SCHEDULE.word + GAS_SCHEDULE.permutation);
    for ((what, less), (_, more)) in measure(shallow).into_iter().zip(measure(deep)) {
        let per_level = (more - less).div_euclid(deep as i64 - shallow as i64) + 1;
        let rows = less + per_level * (i64::from(PRICED_STATE_DEPTH) - shallow as i64);
        let mut gas = i64::from(GAS_SCHEDULE.state_key)
            + fixed
            + i64::from(HostFunction::Exists.fixed_gas(GAS_SCHEDULE));
        if !["read", "absent"].contains(&what) {
            gas += i64::from(GAS_SCHEDULE.state_write);
        }
        assert!(
            rows <= gas,
            "{what}: {rows} rows at {per_level} a level for {gas} gas"
        );
    }
}
