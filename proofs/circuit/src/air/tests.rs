//! The builder's rules, and the checker against itself: incremental reports equal those of the changed witness.

use super::*;
use ark_ff::AdditiveGroup;
use playfair_types::Fr;
use std::sync::Arc;

/// A counter that halves when even: rows carry `x`, its low bit from a table, and pass `(row, x)` to the next row by the bus.
struct Toy {
    air: Air,
    x: Column,
    bit: Column,
    step: Column,
}

fn toy() -> Toy {
    let mut b = Builder::new();
    let [row, table, given, taken] = ["row", "table", "given", "taken"].map(|name| b.fixed(name));
    let (x, bit, count, step) = (
        b.advice("x"),
        b.advice("bit"),
        b.advice("count"),
        b.advice("step"),
    );
    b.constrain(
        "start",
        "The first x is the public one.",
        Rows::First,
        x - Column::Instance,
    );
    b.constrain(
        "half",
        "Twice the next x and the bit are x.",
        Rows::Trans,
        x - x.next() * 2 - bit,
    );
    b.constrain("end", "The last x is 0 or 1: its own bit.", Rows::Last, x - bit);
    b.constrain("step", "A copy of the row's number.", Rows::All, step - row);
    let (bits, chain) = (b.kind("bit"), b.kind("chain"));
    b.use_one("bit.use", bits, [bit]);
    b.supply("bit.table", bits, count, [table]);
    b.supply("chain.out", chain, given, [row + 1, x - bit]);
    b.use_times("chain.in", chain, taken, [step.cur(), x * 2]);
    Toy {
        air: b.build().unwrap(),
        x,
        bit,
        step,
    }
}

const ROWS: usize = 4;

fn column(values: [u64; ROWS]) -> Vec<Fr> {
    values.map(Fr::from).to_vec()
}

fn witness() -> Witness {
    Witness {
        fixed: [[0, 1, 2, 3], [0, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1]]
            .map(column)
            .to_vec()
            .into(),
        advice: vec![
            column([13, 6, 3, 1]),
            column([1, 0, 1, 1]),
            column([1, 3, 0, 0]),
            column([0, 1, 2, 3]),
        ],
        instance: vec![Fr::from(13)],
    }
}

#[test]
fn reports_name_constraints_terms_and_rows() {
    let Toy { air, x, bit, step } = toy();
    let witness = witness();
    let checker = Checker::new(&air, &witness).unwrap();
    let base = checker.report();
    assert!(base.is_clean(), "{base}");

    let change = |column, row, value: u64| Change {
        column,
        row,
        value: Fr::from(value),
    };
    let report = checker.with(&[change(x, 1, 7)]).unwrap();
    assert_eq!(
        report
            .violations
            .iter()
            .map(|v| (v.id.as_str(), v.rows.clone()))
            .collect::<Vec<_>>(),
        [("half", vec![0, 1])]
    );
    assert!(report.unmatches("chain.in"));

    let report = checker.with(&[change(bit, 3, 2)]).unwrap();
    assert!(report.violates("end") && report.unmatches("bit.use") && !report.violates("half"));
    let tuple = report
        .unmatched
        .iter()
        .find(|tuple| tuple.tuple == [Fr::from(2)])
        .unwrap();
    assert_eq!(
        (tuple.kind.as_str(), tuple.balance, tuple.emissions[0].row),
        ("bit", -Fr::from(1), 3)
    );
    // The table's entry lacks its user; both sides are named.
    let orphan = report
        .unmatched
        .iter()
        .find(|tuple| tuple.tuple == [Fr::from(1)])
        .unwrap();
    assert_eq!(orphan.balance, Fr::from(1));
    assert!(
        orphan
            .emissions
            .iter()
            .any(|emission| emission.term == "bit.table" && emission.row == 1)
    );

    assert!(
        checker
            .with(&[change(step, 2, 5)])
            .unwrap()
            .names()
            .contains("step")
    );
    let report = checker.with(&[change(Column::Instance, 0, 12)]).unwrap();
    assert_eq!(report.violations[0].id, "start");
    assert_eq!(
        checker.with(&[change(x, ROWS, 0)]),
        Err(WitnessError::Cell(x, ROWS))
    );
    assert!(checker.with(&[]).unwrap().is_clean());
}

#[test]
fn incremental_reports_equal_full_ones() {
    let Toy { air, .. } = toy();
    let witness = witness();
    let checker = Checker::new(&air, &witness).unwrap();
    for seed in 0..500u64 {
        let mut state = seed;
        let mut random = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let mut changed = witness.clone();
        let changes: Vec<Change> = (0..1 + random(3))
            .map(|_| {
                let (place, row, value) = (random(4), random(ROWS), Fr::from(random(5) as u64));
                changed.advice[place][row] = value;
                Change {
                    column: Column::Advice(place as u16),
                    row,
                    value,
                }
            })
            .collect();
        let (fast, full) = (checker.with(&changes).unwrap(), check(&air, &changed).unwrap());
        assert_eq!(fast.violations, full.violations, "seed {seed}");
        assert_eq!(fast.unmatched_count, full.unmatched_count, "seed {seed}");
        let key = |report: &Report| -> Vec<_> {
            report
                .unmatched
                .iter()
                .map(|t| (t.kind.clone(), t.tuple.clone(), t.balance, t.count))
                .collect()
        };
        assert_eq!(key(&fast), key(&full), "seed {seed}");
    }
}

#[test]
fn second_phase_columns_satisfy_their_gates() {
    let Toy { air, .. } = toy();
    let mut witness = witness();
    let system = System::new(&air);
    assert_eq!((system.second_phase(), system.challenges()), (3, 2));
    let (theta, beta) = (Fr::from(1_000_003), Fr::from(77_777));
    let columns = system.second_phase_values(&witness, theta, beta);
    for selector in Selector::ALL {
        let mut column = vec![Fr::ZERO; ROWS];
        column[selector.rows(ROWS)].fill(Fr::from(1));
        Arc::make_mut(&mut witness.fixed).push(column);
    }
    witness.advice.extend(columns);
    let program = Program::new(system.gates().iter().map(|gate| &gate.expr));
    let mut memory = program.memory(&[theta, beta]);
    for row in 0..ROWS {
        program.run(&mut memory, &witness, row, ROWS);
        for (i, gate) in system.gates().iter().enumerate() {
            assert_eq!(program.output(&memory, i), Fr::ZERO, "{} on row {row}", gate.id);
        }
    }
}

/// A builder with one column of each sort.
fn fresh() -> (Builder, Column, Column, Kind) {
    let mut b = Builder::new();
    let (f, a, k) = (b.fixed("f"), b.advice("a"), b.kind("k"));
    (b, f, a, k)
}

fn refused(change: impl FnOnce(&mut Builder, Column, Column, Kind)) -> AirError {
    let (mut b, f, a, k) = fresh();
    change(&mut b, f, a, k);
    b.build().unwrap_err()
}

#[test]
fn the_builder_refuses() {
    let name = |name: &str| AirError::Name(name.into());
    assert_eq!(
        refused(|b, _, a, _| (0..2).for_each(|_| b.constrain("c", "", Rows::All, a))),
        name("c")
    );
    assert_eq!(refused(|b, _, a, k| b.use_one("", k, [a])), name(""));
    let twice = |b: &mut Builder, _: Column, _: Column, _: Kind| {
        b.fixed("a");
    };
    assert_eq!(refused(twice), name("a"));
    let degree = |degree, limit| AirError::Degree {
        name: "c".into(),
        degree,
        limit,
    };
    let power = |a: Column, n: usize| product(std::iter::repeat_n(a, n));
    assert_eq!(
        refused(|b, _, a, _| b.constrain("c", "", Rows::All, power(a, 5))),
        degree(6, 5)
    );
    assert_eq!(
        refused(|b, f, _, _| b.constrain("c", "", Rows::First, power(f, 5))),
        degree(6, 5)
    );
    assert_eq!(
        refused(|b, _, a, k| b.supply("c", k, power(a, 3), [a])),
        degree(3, 2)
    );
    assert_eq!(refused(|b, _, a, k| b.use_one("c", k, [a * a])), degree(2, 1));
    let rotation = AirError::Rotation("c".into());
    assert_eq!(
        refused(|b, _, a, _| b.constrain("c", "", Rows::All, a.next())),
        rotation
    );
    assert_eq!(
        refused(|b, _, a, _| b.constrain("c", "", Rows::Last, a.next())),
        rotation
    );
    assert_eq!(
        refused(|b, _, a, _| b.constrain("c", "", Rows::Trans, a.next().next())),
        rotation
    );
    assert_eq!(refused(|b, _, a, k| b.use_one("c", k, [a.next()])), rotation);
    assert_eq!(refused(|b, _, a, k| b.use_times("c", k, a.next(), [a])), rotation);
    let column = Column::Advice(1);
    assert_eq!(
        refused(|b, _, _, _| b.constrain("c", "", Rows::All, column)),
        AirError::Column("c".into(), column)
    );
    assert_eq!(
        refused(|b, _, _, _| b.constrain("c", "", Rows::All, Expr::challenge(0))),
        AirError::Challenge("c".into())
    );
    assert_eq!(
        refused(|b, _, _, _| b.constrain("c", "", Rows::All, 0)),
        AirError::Constant("c".into())
    );
    let widths = |b: &mut Builder, _: Column, a: Column, k: Kind| {
        b.use_one("t", k, [a]);
        b.use_one("c", k, [a, a]);
    };
    assert_eq!(refused(widths), AirError::Width("c".into()));
    assert_eq!(
        refused(|b, _, _, k| b.use_one("c", k, [0u64; 0])),
        AirError::Width("c".into())
    );
    let (mut b, f, a, k) = fresh();
    b.constrain("c", "", Rows::Trans, power(a, 3) * f.next());
    b.supply("t", k, a * f, [a + f]);
    assert!(b.build().is_ok());
}

#[test]
fn witnesses_of_another_shape_are_refused() {
    let Toy { air, .. } = toy();
    let mut bad = witness();
    bad.advice.pop();
    assert_eq!(
        check(&air, &bad),
        Err(WitnessError::AdviceColumns {
            expected: 4,
            found: 3
        })
    );
    let mut bad = witness();
    Arc::make_mut(&mut bad.fixed)[1].pop();
    assert_eq!(check(&air, &bad), Err(WitnessError::Length(Column::Fixed(1))));
    let mut bad = witness();
    bad.instance = column([0; ROWS]).repeat(2);
    assert_eq!(check(&air, &bad), Err(WitnessError::Rows));
    assert_eq!(
        check(&air, &Witness::default()),
        Err(WitnessError::FixedColumns {
            expected: 4,
            found: 0
        })
    );
}

#[test]
fn expressions_share_and_simplify() {
    let a = Column::Advice(0);
    assert_eq!(a * 1 + 0, a.cur());
    assert_eq!((a * 0).as_constant(), Some(Fr::ZERO));
    assert_eq!((a.cur() - a.next()).next().degree(), 1);
    assert_eq!(affine(4, [a, a]), a + a * 4);
    let mut deep = a.cur();
    for _ in 0..60 {
        // A tree of 2^60 nodes, were it not shared.
        deep = &deep + &deep;
    }
    let program = Program::new([&deep]);
    let mut memory = program.memory(&[]);
    let witness = Witness {
        advice: vec![vec![Fr::from(3)]],
        ..Witness::default()
    };
    program.run(&mut memory, &witness, 0, 1);
    assert_eq!(program.output(&memory, 0), Fr::from(3u64 << 60));
}
