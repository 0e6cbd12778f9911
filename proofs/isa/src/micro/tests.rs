//! The rows, interpreted with full matrices and with the linear forms, give the hashes of `playfair_types`.

use super::*;
use crate::ops::Op;
use ark_ff::Field;

/// A generator for tests (xorshift), seeded.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn fr(&mut self) -> Fr {
        let shift = Fr::from(u64::MAX);
        (0..4).fold(Fr::ZERO, |acc, _| acc * shift + Fr::from(self.next()))
    }
}

fn mix(mds: &[Vec<Fr>], y: &[Fr]) -> Vec<Fr> {
    mds.iter()
        .map(|row| row.iter().zip(y).map(|(a, b)| *a * b).sum())
        .collect()
}

fn hash(width: Width, inputs: &[Fr]) -> Fr {
    let (mds, schedule) = (width.mds(), width.schedule());
    let mut state = vec![schedule.start[0]];
    state.extend(schedule.start[1..].iter().zip(inputs).map(|(a, b)| *a + b));
    let full = |state: &mut Vec<Fr>, k: &[Fr]| {
        let y: Vec<Fr> = state.iter().map(|x| x.pow([5])).collect();
        *state = mix(&mds, &y).iter().zip(k).map(|(a, b)| *a + b).collect();
    };
    for k in &schedule.first_half {
        full(&mut state, k);
    }
    for (i, chunk) in schedule.partial.chunks(ROW).enumerate() {
        // Once by the matrix, once by the forms.
        let before = state.clone();
        for k in chunk {
            state[0] = state[0].pow([5]);
            state = mix(&mds, &state);
            state[0] += k;
        }
        let forms = width.partial(chunk.len());
        let mut y = vec![before[0].pow([5])];
        for (form, k) in forms.z.iter().zip(chunk) {
            y.push((form.at(&before[1..], &y) + k).pow([5]));
        }
        let mut next: Vec<Fr> = forms.next.iter().map(|form| form.at(&before[1..], &y)).collect();
        next[0] += chunk[chunk.len() - 1];
        assert_eq!(next, state, "row {i}");
    }
    for k in &schedule.second_half {
        full(&mut state, k);
    }
    state[0]
}

#[test]
fn schedules_give_the_hashes() {
    let mut random = Random(0x1234_5678_9abc_def1);
    for _ in 0..4 {
        let inputs: [Fr; 5] = core::array::from_fn(|_| random.fr());
        assert_eq!(hash(Width::Six, &inputs), poseidon::poseidon5(&inputs));
        assert_eq!(
            hash(Width::Three, &inputs[..2]),
            poseidon::poseidon2(inputs[0], inputs[1])
        );
    }
    assert_eq!(
        hash(Width::Six, &[Fr::ZERO; 5]),
        poseidon::poseidon5(&[Fr::ZERO; 5])
    );
}

#[test]
fn functions_are_well_formed_and_as_long_as_documented() {
    let names = |code: &[Instr]| -> Vec<&str> {
        code.iter()
            .map(|row| Op::of(row).expect("well-formed").info().name)
            .collect()
    };
    let repeat = |name: &'static str, n: usize| core::iter::repeat_n(name, n);
    let with = |middle: Vec<&'static str>| -> Vec<&'static str> {
        let mut all = vec!["PIN"];
        all.extend(middle);
        all.extend(["GETS", "RET"]);
        all
    };
    let five = repeat("P6F", 4)
        .chain(repeat("P6P", 6))
        .chain(repeat("P6F", 4))
        .collect();
    assert_eq!(names(&pos5()), with(five));
    let two = repeat("P3F", 4)
        .chain(repeat("P3P", 5))
        .chain(["P3S"])
        .chain(repeat("P3F", 4));
    assert_eq!(names(&pos2()), with(two.collect()));
    let curve = ["CIN", "CIN", "CIN", "CURVE", "COUT", "COUT", "RET"];
    assert_eq!(names(&curve64(100)), curve);
    assert_eq!(curve64(100)[3].target(), Some(Fr::from(103u64)));
}
