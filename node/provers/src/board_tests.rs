use super::*;

fn name(frame: u64) -> JobName {
    JobName {
        chain: [1; 32],
        frame,
        cut: 0,
    }
}

fn board() -> Board {
    Board::new(Settings::default(), 1_000)
}

#[test]
fn the_most_urgent_job_goes_first_then_the_oldest() {
    let mut board = board();
    for (frame, priority) in [(1, 5), (2, 9), (3, 9), (4, 7)] {
        board.offer(name(frame), priority, 14);
        board.check();
    }
    let order: Vec<u64> = std::iter::from_fn(|| board.take("w", 20, 0).map(|(_, name)| name.frame)).collect();
    assert_eq!(order, [2, 3, 4, 1]);
    board.check();
}

#[test]
fn a_job_is_there_once() {
    let mut board = board();
    board.offer(name(1), 1, 14);
    board.offer(name(1), 9, 14);
    let (lease, _) = board.take("w", 14, 0).unwrap();
    board.offer(name(1), 9, 14);
    assert_eq!(board.take("v", 14, 0), None);
    assert_eq!(board.give_back(lease, "v"), None, "it is not v's");
    assert_eq!(board.give_back(lease, "w"), Some(name(1)));
    assert_eq!(board.give_back(lease, "w"), None);
    board.check();
}

#[test]
fn a_worker_gets_what_its_memory_holds() {
    let mut board = board();
    board.offer(name(1), 9, 18);
    board.offer(name(2), 1, 14);
    assert_eq!(board.take("small", 16, 0).unwrap().1, name(2));
    assert_eq!(board.take("small", 16, 0), None);
    assert_eq!(board.largest_offered(), Some(18));
    assert_eq!(board.take("large", 18, 0).unwrap().1, name(1));
}

#[test]
fn a_silent_worker_loses_its_job_and_a_busy_one_keeps_it() {
    let mut board = board();
    board.offer(name(1), 1, 14);
    board.offer(name(2), 1, 14);
    let (silent, _) = board.take("silent", 14, 0).unwrap();
    let (busy, _) = board.take("busy", 14, 0).unwrap();
    for now in [5_000, 10_000, 14_000] {
        assert!(board.heartbeat(busy, "busy", now));
        assert!(!board.heartbeat(silent, "busy", now), "not its lease");
    }
    assert_eq!(board.sweep(14_999), []);
    let back = board.sweep(15_000);
    assert_eq!(back.iter().map(|back| back.name).collect::<Vec<_>>(), [name(1)]);
    assert!(!board.heartbeat(silent, "silent", 15_001));
    board.check();
    // However busy: not for ever.
    for now in (20_000..1_200_000).step_by(10_000) {
        assert!(board.heartbeat(busy, "busy", now));
        assert_eq!(board.sweep(now), []);
    }
    assert_eq!(board.sweep(1_200_000).len(), 1);
    board.check();
}

#[test]
fn a_late_proof_counts_while_the_job_is_open() {
    let mut board = board();
    board.offer(name(1), 1, 14);
    let (first, _) = board.take("slow", 14, 0).unwrap();
    assert_eq!(board.sweep(20_000).len(), 1);
    assert_eq!(board.job_of(first, "slow"), None, "nobody has asked for it again");
    board.offer(name(1), 1, 14);
    let (second, _) = board.take("other", 14, 20_000).unwrap();
    assert_eq!(board.job_of(first, "slow"), Some(name(1)));
    assert_eq!(board.job_of(first, "other"), None, "it never had this lease");
    board.proven(&name(1), "slow");
    assert_eq!(board.job_of(second, "other"), None);
    assert!(!board.heartbeat(second, "other", 20_001), "told to stop");
    assert!(!board.has(&name(1)));
    board.check();
}

#[test]
fn who_lies_waits_longer_each_time_and_a_proof_mends_it() {
    let mut board = board();
    let mut now = 0;
    for expected in [1_000, 2_000, 4_000] {
        board.offer(name(now), 1, 14);
        let (lease, job) = board.take("liar", 14, now).unwrap();
        assert_eq!(board.lied(lease, "liar", now), Some(job));
        board.offer(job, 1, 14);
        assert_eq!(board.take("liar", 14, now + expected - 1), None);
        assert!(board.take("honest", 14, now).is_some());
        now += expected;
    }
    board.offer(name(now), 1, 14);
    let (_, job) = board.take("liar", 14, now).unwrap();
    board.proven(&job, "liar");
    board.offer(name(now), 1, 14);
    let (lease, job) = board.take("liar", 14, now).unwrap();
    board.lied(lease, "liar", now);
    board.offer(job, 1, 14);
    assert_eq!(board.take("liar", 14, now + 999), None);
    assert!(
        board.take("liar", 14, now + 1_000).is_some(),
        "as if it were the first time"
    );
    board.remove(&job);
    // It never exceeds the longest.
    let mut known = 0;
    for _ in 0..64 {
        board.offer(name(1_000_000), 1, 14);
        let (lease, _) = board.take("liar", 14, u64::MAX / 2 + known).unwrap();
        board.lied(lease, "liar", u64::MAX / 2 + known);
        known += 600_000;
    }
    board.check();
}

#[test]
fn who_fails_or_keeps_a_job_waits_too() {
    let mut board = board();
    board.offer(name(1), 1, 14);
    let (lease, job) = board.take("broken", 14, 0).unwrap();
    assert_eq!(board.failed(lease, "broken", 0), Some(job));
    board.offer(job, 1, 14);
    assert_eq!(board.take("broken", 14, 999), None);
    // Heard of until the end, and nothing proven.
    let (lease, _) = board.take("broken", 14, 1_000).unwrap();
    for now in (1_000..1_201_000).step_by(10_000) {
        assert!(board.heartbeat(lease, "broken", now));
    }
    assert_eq!(board.sweep(1_201_000).len(), 1);
    board.offer(job, 1, 14);
    assert_eq!(board.take("broken", 14, 1_202_999), None);
    assert!(board.take("broken", 14, 1_203_000).is_some());
}

#[test]
fn a_lease_that_was_lied_about_gets_no_second_chance() {
    let mut board = board();
    board.offer(name(1), 1, 14);
    let (lease, job) = board.take("liar", 14, 0).unwrap();
    board.sweep(20_000);
    board.offer(job, 1, 14);
    assert_eq!(board.job_of(lease, "liar"), Some(job), "late, and heard");
    assert_eq!(board.lied(lease, "liar", 20_000), None, "it was not its any more");
    assert_eq!(board.job_of(lease, "liar"), None);
}

#[test]
fn what_nobody_here_can_take_is_known() {
    let mut board = board();
    board.offer(name(1), 1, 18);
    board.offer(name(2), 1, 14);
    assert_eq!(board.takeable(), 2, "nobody is here");
    assert!(board.take("small", 16, 0).is_some());
    assert_eq!((board.takeable(), board.counts().0), (0, 1));
    board.take("large", 18, 0).unwrap();
    board.offer(name(3), 1, 18);
    assert_eq!(board.takeable(), 1);
}

#[test]
fn workers_and_their_leases_are_bounded_and_the_silent_are_forgotten() {
    let settings = Settings {
        workers_max: 2,
        leases_per_worker: 2,
        ..Settings::default()
    };
    let mut board = Board::new(settings, 0);
    for frame in 0..9 {
        board.offer(name(frame), 1, 14);
    }
    for worker in ["a", "a", "b"] {
        assert!(board.take(worker, 14, 0).is_some());
    }
    assert_eq!(board.take("a", 14, 0), None);
    assert_eq!(board.take("c", 14, 0), None, "no room");
    board.sweep(200_000);
    board.sweep(200_000);
    assert!(board.take("c", 14, 200_000).is_some());
    board.check();
}

/// Random workers and jobs: every part of the board says the same, and a job is never with two.
#[test]
fn the_board_agrees_with_itself_whatever_happens() {
    let mut seed = 7u64;
    let mut random = move |most: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % most
    };
    let settings = Settings {
        leases_per_worker: 3,
        workers_max: 5,
        penalty_ms: 1,
        penalty_max_ms: 1_000,
        ..Settings::default()
    };
    let mut board = Board::new(settings, 0);
    let (mut now, mut proofs) = (0, 0);
    for _ in 0..40_000 {
        now += random(3_000);
        let worker = ["a", "b", "c", "d", "e", "f", "g"][random(7) as usize];
        let lease = board.next.saturating_sub(random(20));
        match random(7) {
            0 | 1 => board.offer(name(random(30)), random(4), 14 + random(3) as u32),
            2 => drop(board.take(worker, 14 + random(3) as u32, now)),
            3 => drop(board.heartbeat(lease, worker, now)),
            4 => drop(board.lied(lease, worker, now)),
            5 => {
                if let Some(job) = board.job_of(lease, worker) {
                    board.proven(&job, worker);
                    proofs += 1;
                }
            }
            _ => drop(board.sweep(now)),
        }
        board.check();
    }
    assert!(proofs > 50, "{proofs}");
}
