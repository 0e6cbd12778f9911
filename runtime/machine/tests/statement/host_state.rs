//! Host functions on the state and on balances: results, prices, first touches, refusals.

use crate::host::{ARGUMENT, Bench, KEY, LIMIT, PERMUTATION, SIZE, WORD, WRITE, bad_pointers, context};
use playfair_abi::host::HostFunction::*;
use playfair_machine::Fault;
use playfair_machine::host::{Context, Ended};
use playfair_machine::world::{StateRead, World};
use playfair_types::account::{AccountId, AccountRecord};
use playfair_types::bounded::Bytes;
use playfair_types::limits::GAS_SCHEDULE;
use playfair_types::outbox::Content;
use playfair_types::state::{StateKey, SystemKey};
use playfair_types::{Decode, Encode};
use std::collections::BTreeMap;
use std::sync::Arc;

const ABSENT: Option<u64> = Some(0xffff_ffff);

fn user(key: &[u8]) -> StateKey {
    StateKey::of_user(&Bytes::new(key).expect("a key"))
}

fn world(balances: &[(AccountId, u128)]) -> World {
    let mut state = BTreeMap::from([
        (user(b"empty"), Vec::new()),
        (user(b"five"), b"12345".to_vec()),
        (user(b"long"), vec![3; 4096]),
        (user(&[9; 64]), b"long key".to_vec()),
    ]);
    for (id, balance) in balances {
        let record = AccountRecord {
            balance: *balance,
            ..AccountRecord::default()
        };
        state.insert(StateKey::of_system(SystemKey::Account(*id)), record.encode());
    }
    World::new(Arc::new(state))
}

fn balance(world: &World, id: AccountId) -> Option<u128> {
    let key = StateKey::of_system(SystemKey::Account(id));
    let bytes = world.get(&key).expect("a map does not fail")?;
    Some(AccountRecord::decode(&bytes).expect("a record").balance)
}

#[test]
fn get_prices_the_value_and_writes_what_fits() {
    let mut bench = Bench::new(world(&[]), context());
    bench.put(0, b"five");
    bench.put(8, b"empty");
    bench.put(16, b"long");
    bench.put(24, b"none");
    // Key word, value word, one permutation of the value, first touch; later only what is moved.
    bench.ok(Get, &[0, 4, 1024, 8], Some(5), WORD + WORD + PERMUTATION + KEY);
    assert_eq!(
        bench.at(1024, 16),
        [b"12345\0\0\0".as_slice(), &[0xaa; 8]].concat()
    );
    bench.ok(Get, &[0, 4, SIZE - 8, 8], Some(5), WORD + WORD + PERMUTATION);
    bench.ok(Get, &[0, 4, SIZE, 0], Some(5), WORD + WORD + PERMUTATION);
    bench.put(1024, &[0xbb; 16]);
    bench.ok(Get, &[0, 4, 1024, 0], Some(5), WORD + WORD + PERMUTATION);
    assert_eq!(
        bench.at(1024, 16),
        [0xbb; 16],
        "no capacity, nothing written, the same price"
    );
    bench.ok(Get, &[8, 5, 1024, 0], Some(0), WORD + PERMUTATION + KEY);
    bench.ok(Get, &[24, 4, 1024, 4096], ABSENT, WORD + KEY);
    bench.ok(Get, &[24, 4, 1024, 4096], ABSENT, WORD);
    assert_eq!(bench.at(1024, 16), [0xbb; 16]);
    bench.ok(
        Get,
        &[16, 4, 1024, 4088],
        Some(4096),
        WORD + 512 * WORD + 43 * PERMUTATION + KEY,
    );
    assert_eq!(bench.at(1024, 16), [0xbb; 16], "does not fit");
    bench.ok(
        Get,
        &[16, 4, SIZE - 4096, 4096],
        Some(4096),
        WORD + 512 * WORD + 43 * PERMUTATION,
    );
    assert_eq!(bench.at(SIZE - 4096, 4096), [3; 4096]);
    bench.put(64, &[9; 64]);
    bench.ok(
        Get,
        &[64, 64, 64, 8],
        Some(8),
        8 * WORD + WORD + PERMUTATION + KEY,
    );
    assert_eq!(bench.at(64, 8), b"long key", "a value over its key");
    bench.ok(Get, &[SIZE, 0, 0, 8], ABSENT, KEY);
}

#[test]
fn get_refuses_before_it_reads() {
    let mut bench = Bench::new(world(&[]), context());
    bench.put(0, b"five");
    for length in [65, 4096, 0x8000_0000, 0xffff_ffff] {
        bench.refused(Get, &[0, length, 1024, 8], ARGUMENT);
        bench.refused(Set, &[0, length, 1024, 8], ARGUMENT);
        bench.refused(Remove, &[0, length], ARGUMENT);
        bench.refused(Exists, &[0, length], ARGUMENT);
    }
    for pointer in bad_pointers(4) {
        bench.refused(Get, &[pointer, 4, 1024, 8], ARGUMENT);
        bench.refused(Set, &[pointer, 4, 1024, 8], ARGUMENT);
        bench.refused(Remove, &[pointer, 4], ARGUMENT);
        bench.refused(Exists, &[pointer, 4], ARGUMENT);
    }
    for pointer in bad_pointers(8) {
        bench.refused(Get, &[0, 4, pointer, 8], ARGUMENT);
        bench.refused(Set, &[0, 4, pointer, 8], ARGUMENT);
    }
    for capacity in [1, 5, 7, 9, SIZE + 8, 0x8000_0000, 0xffff_fff8, 0xffff_ffff] {
        bench.refused(Get, &[0, 4, 1024, capacity], ARGUMENT);
    }
    bench.refused(Get, &[0, 4, SIZE - 8, 16], ARGUMENT);
    for length in [4097, 0x8000_0000, 0xffff_fff8, 0xffff_ffff] {
        bench.refused(Set, &[0, 4, 1024, length], ARGUMENT);
    }
    bench.refused(Set, &[0, 4, SIZE - 4088, 4096], ARGUMENT);
    // What was refused has touched nothing.
    bench.ok(Exists, &[0, 4], Some(1), WORD + KEY);
}

#[test]
fn any_first_touch_is_the_first() {
    for first in [Get, Set, Remove, Exists] {
        let mut bench = Bench::new(world(&[]), context());
        bench.put(0, b"a key");
        let arguments = |function| match function {
            Get | Set => vec![0, 5, 512, 0],
            _ => vec![0, 5],
        };
        let dynamic = if first == Set { PERMUTATION + WRITE } else { 0 };
        let result = match first {
            Get => ABSENT,
            Set => None,
            _ => Some(0),
        };
        bench.ok(first, &arguments(first), result, WORD + dynamic + KEY);
        for (function, extra) in [
            (Get, 0),
            (Set, PERMUTATION + if first == Set { 0 } else { WRITE }),
            (Get, PERMUTATION),
            (Exists, 0),
            (Remove, 0),
            (Exists, 0),
        ] {
            bench.gas = 10_000;
            bench.call(function, &arguments(function)).expect("gas enough");
            let hashed = if function == Get && first == Set {
                PERMUTATION
            } else {
                extra
            };
            let fixed = function.fixed_gas(GAS_SCHEDULE);
            assert_eq!(
                10_000 - bench.gas,
                fixed + WORD + hashed,
                "{function:?} after {first:?}"
            );
        }
        let other = [512, 5];
        bench.ok(Exists, &other, Some(0), WORD + KEY);
    }
}

#[test]
fn set_remove_and_exists_see_each_other() {
    let mut bench = Bench::new(world(&[]), context());
    bench.put(0, b"five");
    bench.put(8, b"new");
    bench.put(512, &[1; 4096]);
    bench.ok(Exists, &[0, 4], Some(1), WORD + KEY);
    bench.ok(Remove, &[0, 4], Some(1), WORD + WRITE);
    bench.ok(Remove, &[0, 4], Some(0), WORD);
    bench.ok(Exists, &[0, 4], Some(0), WORD);
    bench.ok(Get, &[0, 4, 0, 8], ABSENT, WORD);
    bench.ok(Set, &[8, 3, 512, 0], None, WORD + PERMUTATION + KEY + WRITE);
    bench.ok(Exists, &[8, 3], Some(1), WORD);
    bench.ok(
        Set,
        &[8, 3, 512, 4096],
        None,
        WORD + 512 * WORD + 43 * PERMUTATION,
    );
    bench.ok(Set, &[8, 3, SIZE - 8, 5], None, WORD + WORD + PERMUTATION);
    bench.ok(Get, &[8, 3, 0, 8], Some(5), WORD + WORD + PERMUTATION);
    assert_eq!(
        bench.at(0, 8),
        [0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0, 0, 0],
        "zeros in the last word only"
    );
    let (world, ..) = bench.host.into_parts();
    let changes = BTreeMap::from([(user(b"five"), None), (user(b"new"), Some(vec![0xaa; 5]))]);
    assert_eq!(*world.changes(), changes);
}

#[test]
fn removing_what_is_absent_changes_nothing() {
    let mut bench = Bench::new(world(&[]), context());
    bench.ok(Remove, &[0, 3], Some(0), WORD + KEY);
    let (world, ..) = bench.host.into_parts();
    assert!(world.changes().is_empty());
}

#[test]
fn balances_move_from_account_one_only() {
    let (module, to) = (AccountId::MODULE, AccountId([5; 20]));
    let full = AccountId([6; 20]);
    let mut bench = Bench::new(world(&[(module, 100), (full, u128::MAX - 10)]), context());
    bench.put(0, &to.0);
    bench.put(24, &full.0);
    bench.put(48, &module.0);
    let amount = |bench: &mut Bench, amount: u128| bench.put(72, &amount.to_le_bytes());
    bench.ok(Balance, &[48, 128], None, KEY);
    assert_eq!(
        bench.at(128, 24),
        [100u128.to_le_bytes().as_slice(), &[0xaa; 8]].concat()
    );
    bench.ok(Balance, &[0, SIZE - 16], None, KEY);
    assert_eq!(bench.at(SIZE - 16, 16), [0; 16], "an absent account has 0");
    amount(&mut bench, 101);
    // The module's account and the other's have been read.
    bench.ok(Transfer, &[0, 72], Some(1), 2 * WRITE);
    amount(&mut bench, u128::MAX);
    bench.ok(Transfer, &[24, 72], Some(1), KEY + WRITE);
    bench.ok(Transfer, &[48, 72], Some(1), 0);
    amount(&mut bench, 40);
    bench.ok(Transfer, &[0, 72], Some(0), 0);
    bench.ok(Transfer, &[48, 72], Some(0), 0);
    amount(&mut bench, 10);
    bench.ok(Transfer, &[24, 72], Some(0), 0);
    amount(&mut bench, 1);
    bench.refused(Transfer, &[24, 72], LIMIT);
    amount(&mut bench, 0);
    bench.ok(Transfer, &[24, 72], Some(0), 0);
    bench.put(0, &[0x44; 20]);
    bench.ok(Transfer, &[0, 72], Some(0), KEY + WRITE);
    bench.ok(Balance, &[0, 128], None, 0);
    for pointer in bad_pointers(20) {
        bench.refused(Transfer, &[pointer, 72], ARGUMENT);
        bench.refused(Balance, &[pointer, 72], ARGUMENT);
    }
    for pointer in bad_pointers(16) {
        bench.refused(Transfer, &[0, pointer], ARGUMENT);
        bench.refused(Balance, &[0, pointer], ARGUMENT);
    }
    let (world, ..) = bench.host.into_parts();
    assert_eq!(balance(&world, module), Some(50));
    assert_eq!(
        (balance(&world, to), balance(&world, full)),
        (Some(40), Some(u128::MAX))
    );
    assert_eq!(balance(&world, AccountId([0x44; 20])), None, "0 makes no record");
}

#[test]
fn a_withdrawal_leaves_from_account_one() {
    let mut bench = Bench::new(world(&[(AccountId::MODULE, 100)]), context());
    bench.put(0, &[0x33; 20]);
    bench.put(24, &101u128.to_le_bytes());
    bench.ok(Withdraw, &[0, 24], Some(1), KEY + WRITE);
    bench.put(24, &0u128.to_le_bytes());
    bench.refused(Withdraw, &[0, 24], ARGUMENT);
    for pointer in bad_pointers(16) {
        bench.refused(Withdraw, &[0, pointer], ARGUMENT);
    }
    for pointer in bad_pointers(20) {
        bench.refused(Withdraw, &[pointer, 24], ARGUMENT);
    }
    bench.put(24, &100u128.to_le_bytes());
    bench.ok(Withdraw, &[0, 24], Some(0), 0);
    bench.ok(Withdraw, &[0, 24], Some(1), 0);
    let (world, outputs, lanes) = bench.host.into_parts();
    assert_eq!(
        balance(&world, AccountId::MODULE),
        Some(0),
        "a debit to 0 keeps the record"
    );
    assert_eq!(outputs.messages.len(), 1);
    let message = &outputs.messages[0];
    assert_eq!(message.sender, AccountId::MODULE);
    let Content::Withdraw { to, amount } = message.content else {
        panic!("a withdrawal")
    };
    assert_eq!((to.0, amount), ([0x33; 20], 100));
    assert!(lanes.frames > 0 && lanes.state_keys > 0);
}

/// A disk that fails.
struct Broken;

impl StateRead for Broken {
    fn get(&self, _key: &StateKey) -> Result<Option<Vec<u8>>, String> {
        Err("the disk is gone".into())
    }
}

#[test]
fn a_storage_that_fails_is_a_fault_and_no_outcome() {
    for function in [Get, Exists, Remove, Balance, Transfer, Withdraw] {
        let mut bench = Bench::new(
            World::new(Arc::new(Broken)),
            Context {
                payload: vec![1],
                ..context()
            },
        );
        let ended = bench.call(function, &[0, 16, 64, 64]);
        assert!(
            matches!(ended, Err(Ended::Fault(Fault::Storage(_)))),
            "{function:?}: {ended:?}"
        );
    }
}

#[test]
fn moving_nothing_touches_nothing() {
    let mut bench = Bench::new(world(&[(AccountId::MODULE, 100)]), context());
    bench.put(0, &[5; 20]);
    bench.put(24, &AccountId::MODULE.0);
    bench.put(72, &[0; 16]);
    bench.gas = 100_000;
    assert_eq!(bench.call(Transfer, &[0, 72]), Ok(Some(0)));
    bench.put(72, &[1, 0]);
    assert_eq!(bench.call(Transfer, &[24, 72]), Ok(Some(0)), "to itself");
    let (world, ..) = bench.host.into_parts();
    assert!(world.changes().is_empty());
}
