//! The order of blocks: rounds over accounts, measured in gas.

use super::*;

fn limits(quantum: u64) -> Limits {
    Limits {
        call_gas_max: 1_000,
        quantum,
        account_calls_max: 16,
        ..wide()
    }
}

/// Accounts with their next nonces to insert, which never run out of calls.
struct Backlog {
    pool: Pool<u64>,
    random: Random,
    nonces: BTreeMap<(u64, u8), u64>,
    /// Next nonces as the state has them.
    state: BTreeMap<(u64, u8), u64>,
}

impl Backlog {
    fn new(accounts: u64, quantum: u64, seed: u64) -> Self {
        let mut backlog = Self {
            pool: free(limits(quantum)),
            random: Random(seed),
            nonces: BTreeMap::new(),
            state: BTreeMap::new(),
        };
        for number in 0..accounts {
            for _ in 0..4 {
                backlog.add(number);
            }
        }
        backlog
    }

    /// One more call, small or large after the account's kind; every third account uses two lanes.
    fn add(&mut self, number: u64) {
        let lane = if number % 3 == 2 {
            self.random.below(2) as u8
        } else {
            0
        };
        let nonce = self.nonces.entry((number, lane)).or_default();
        let mut call = entry(number, lane, *nonce);
        *nonce += 1;
        call.gas_limit = match number % 4 {
            0 => 1_000,
            1 => 10,
            _ => 1 + self.random.below(1_000) as u32,
        };
        let next = self.state.get(&(number, lane)).copied().unwrap_or(0);
        let inserted = self.pool.insert(call, next, NOW);
        assert_eq!(said(&inserted.answer), Said::Added);
    }

    fn play(&mut self, gas_left: u64) -> Option<(u64, u64)> {
        let entry = self.pool.take(gas_left, u64::MAX, NOW).call?;
        assert!(
            self.pool
                .played(&entry.account, entry.lane, entry.nonce)
                .is_empty()
        );
        let number = u64::from_be_bytes(entry.account.0[..8].try_into().unwrap());
        self.state.insert((number, entry.lane), entry.nonce + 1);
        self.add(number);
        Some((number, entry.gas_limit.into()))
    }
}

#[test]
fn backlogged_accounts_get_the_same_gas() {
    for (accounts, quantum) in [(2, 1_000), (7, 1_000), (13, 3_500)] {
        let mut backlog = Backlog::new(accounts, quantum, accounts);
        let mut served = vec![0_u64; accounts as usize];
        let mut turns = vec![0_u64; accounts as usize];
        let mut last = None;
        for _ in 0..5_000 {
            let (number, gas) = backlog.play(u64::MAX).unwrap();
            let at = number as usize;
            turns[at] += u64::from(last != Some(number));
            last = Some(number);
            served[at] += gas;
            let spread = served.iter().max().unwrap() - served.iter().min().unwrap();
            assert!(spread < quantum + 1_000, "{served:?}");
            let spread = turns.iter().max().unwrap() - turns.iter().min().unwrap();
            assert!(spread <= 1, "{turns:?}");
        }
        check(&backlog.pool);
    }
}

#[test]
fn what_is_left_of_a_block_takes_nothing_from_those_it_is_too_small_for() {
    let (accounts, quantum, block, blocks) = (9, 1_000, 2_500, 400);
    let mut backlog = Backlog::new(accounts, quantum, 5);
    let mut served = vec![0_u64; accounts as usize];
    for _ in 0..blocks {
        backlog.pool.start_block();
        let mut gas_left = block;
        while let Some((number, gas)) = backlog.play(gas_left) {
            served[number as usize] += gas;
            gas_left -= gas;
        }
        assert!(gas_left < 1_000, "some call would have fitted");
    }
    // Those of large calls get the same, and no less than their share of what is not left over.
    let large = [0, 4, 8].map(|number| served[number]);
    assert!(large.iter().max().unwrap() - large.iter().min().unwrap() <= 1_000);
    assert!(
        large
            .iter()
            .all(|gas| *gas >= (block - 1_000) * blocks / accounts)
    );
    // Nobody gets less than they do.
    let least = *served.iter().min().unwrap();
    assert!(
        large.iter().all(|gas| *gas < least + quantum + 1_000),
        "{served:?}"
    );
}

#[test]
fn a_round_goes_on_where_the_last_block_stopped() {
    let mut pool = free(limits(1_000));
    for number in 0..5 {
        for nonce in 0..3 {
            put(&mut pool, entry(number, 0, nonce));
        }
    }
    let mut order = Vec::new();
    for _ in 0..5 {
        pool.start_block();
        for _ in 0..3 {
            order.push(u64::from(play(&mut pool).unwrap().account.0[7]));
        }
    }
    let rounds: Vec<u64> = (0..3).flat_map(|_| 0..5).collect();
    assert_eq!(order, rounds);
}

#[test]
fn who_comes_joins_at_the_end() {
    let mut pool = free(limits(1_000));
    for number in [3, 2] {
        for nonce in 0..2 {
            put(&mut pool, entry(number, 0, nonce));
        }
    }
    let mut order = vec![play(&mut pool).unwrap().account];
    put(&mut pool, entry(1, 0, 0));
    order.extend(std::iter::from_fn(|| play(&mut pool)).map(|entry| entry.account));
    assert_eq!(order, [3, 2, 1, 3, 2].map(account));
}

#[test]
fn an_account_that_the_state_has_passed_keeps_its_turn() {
    let mut pool = free(limits(1_000));
    for number in [1, 2] {
        for nonce in 0..4 {
            put(&mut pool, entry(number, 0, nonce));
        }
    }
    assert_eq!(pool.forget_below(&account(1), 0, 3).len(), 3);
    check(&pool);
    let next = play(&mut pool).unwrap();
    assert_eq!((next.account, next.nonce), (account(1), 3));
}

#[test]
fn a_call_that_does_not_fit_is_first_in_the_next_block() {
    let mut pool = free(limits(1_000));
    for number in 1..4 {
        for nonce in 0..3 {
            let mut call = entry(number, 0, nonce);
            call.gas_limit = if number == 1 { 1_000 } else { 100 };
            put(&mut pool, call);
        }
    }
    // Account 1 has another lane, which must not slip past.
    put(
        &mut pool,
        Entry {
            gas_limit: 1,
            ..entry(1, 1, 0)
        },
    );
    let mut block = |gas: u64, bytes: u64| {
        pool.start_block();
        let (mut gas, mut bytes, mut order) = (gas, bytes, Vec::new());
        while let Some(call) = pool.take(gas, bytes, NOW).call {
            gas -= u64::from(call.gas_limit);
            bytes -= u64::from(call.bytes);
            order.push(u64::from(call.account.0[7]));
            assert!(pool.played(&call.account, call.lane, call.nonce).is_empty());
        }
        check(&pool);
        order
    };
    assert_eq!(block(350, u64::MAX), [2, 2, 2]);
    assert_eq!(block(1_000, u64::MAX), [1]);
    assert_eq!(block(u64::MAX, 99), []);
    // Account 3 was before account 1's next turn.
    assert_eq!(block(u64::MAX, 200), [3, 3]);
    assert_eq!(block(u64::MAX, u64::MAX), [3, 1, 1, 1]);
}

#[test]
fn a_block_passes_over_so_many_and_no_more() {
    let mut pool = free(Limits {
        skips_max: 3,
        ..limits(1_000)
    });
    for number in 0..5 {
        let gas_limit = if number < 3 { 1_000 } else { 100 };
        put(
            &mut pool,
            Entry {
                gas_limit,
                ..entry(number, 0, 0)
            },
        );
    }
    assert!(pool.take(500, u64::MAX, NOW).call.is_none());
    assert!(pool.take(500, u64::MAX, NOW).call.is_none());
    assert!(pool.has_ready());
    pool.start_block();
    for number in 0..5 {
        assert_eq!(play(&mut pool).unwrap().account, account(number));
    }
}

#[test]
fn the_largest_call_is_played_among_small_ones_that_keep_coming() {
    let mut backlog = Backlog::new(0, 1_000, 1);
    // Kinds 1 and 5 send 10 gas each; kind 0 sends 1,000.
    for number in [1, 0, 5] {
        for _ in 0..4 {
            backlog.add(number);
        }
    }
    let mut blocks_without = 0;
    for _ in 0..200 {
        backlog.pool.start_block();
        let (mut gas_left, mut large) = (1_000, false);
        while let Some((number, gas)) = backlog.play(gas_left) {
            gas_left -= gas;
            large |= number == 0;
        }
        blocks_without = if large { 0 } else { blocks_without + 1 };
        assert!(blocks_without <= 2);
    }
}

#[test]
fn an_account_with_a_call_in_play_and_nothing_else_does_not_hold_up_others() {
    let mut pool = free(limits(5_000));
    for number in 1..3 {
        for nonce in 0..2 {
            put(&mut pool, entry(number, 0, nonce));
        }
    }
    let both = [take(&mut pool).unwrap(), take(&mut pool).unwrap()];
    assert_eq!(both.clone().map(|entry| entry.account), [1, 2].map(account));
    assert!(take(&mut pool).is_none());
    for entry in both {
        assert!(pool.played(&entry.account, entry.lane, entry.nonce).is_empty());
    }
    assert_eq!(play(&mut pool).unwrap().nonce, 1);
    assert_eq!(play(&mut pool).unwrap().nonce, 1);
}
