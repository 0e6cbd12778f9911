use super::*;

#[test]
fn weak_subjectivity_is_that_of_the_specifications_table() {
    // consensus-specs, electra/weak-subjectivity.md. Balances are multiples of what churn is rounded to.
    for (active_eth, epochs) in [
        (1_048_576, 665),
        (2_097_152, 1_075),
        (4_194_304, 1_894),
        (8_388_608, 3_532),
        (16_777_216, 3_532),
        (33_554_432, 3_532),
    ] {
        assert_eq!(weak_subjectivity_epochs(Form::Electra, active_eth), epochs);
    }
    // By its formula in gloas/weak-subjectivity.md: 2 * 1024 / 3 + 256 / 3 + 512 = 1280 ETH of 33,554,432.
    assert_eq!(weak_subjectivity_epochs(Form::Gloas, 33_554_432), 256 + 1_310);
}

#[test]
fn times_slots_and_periods() {
    let spec = Spec::mainnet();
    spec.check().unwrap();
    assert_eq!(spec.slot_at(spec.genesis_time_ms - 1), 0);
    assert_eq!(spec.slot_at(spec.time_ms(9_000_000) + 11_999), 9_000_000);
    assert_eq!((spec.period(8_191), spec.period(8_192)), (0, 1));
}

#[test]
fn a_network_that_cannot_be_is_refused() {
    let wrong: [fn(&mut Spec); 8] = [
        |spec| spec.preset.committee_size = 0,
        |spec| spec.preset.committee_size = 1024,
        |spec| spec.preset.committee_size = 48,
        |spec| spec.preset.slots_per_epoch = 0,
        |spec| spec.preset.epochs_per_period = 0,
        |spec| spec.slot_ms = 0,
        |spec| spec.forks.clear(),
        |spec| spec.forks.swap(0, 1),
    ];
    for (at, change) in wrong.iter().enumerate() {
        let mut spec = Spec::mainnet();
        change(&mut spec);
        assert!(matches!(spec.check(), Err(Error::Spec(_))), "{at}");
        // Meaningless, but nothing breaks.
        let _ = (spec.slot_at(u64::MAX), spec.period(u64::MAX), spec.fork(u64::MAX));
    }
}

#[test]
fn forks_begin_with_their_epoch_and_sign_one_slot_later() {
    let spec = Spec::mainnet();
    let first = 411_392 * 32;
    assert_eq!(spec.fork(first - 1).unwrap().version, [5, 0, 0, 0]);
    assert_eq!(spec.fork(first).unwrap().version, [6, 0, 0, 0]);
    let root = |slot| spec.signing_root(&[1; 32], slot).unwrap();
    assert_eq!(root(first), root(first - 1));
    assert_ne!(root(first), root(first + 1));
    assert_eq!(
        spec.fork(269_568 * 32 - 1),
        Err(Error::BeforeForks {
            slot: 269_568 * 32 - 1
        })
    );
}
