//! A prover that lies in one answer. With the public inputs of the truth it must not get through, except where the answer
//! has no influence.

use crate::common::{History, Player, Random, Segment};
use playfair_proofs_kernel::native::{Answers, End, run};
use playfair_proofs_kernel::{hint, native};
use playfair_types::Fr;
use playfair_types::rules::FeeMode;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// An oracle that changes its n-th answer, and says of which kind it was.
struct Liar<A> {
    honest: A,
    left: u64,
    add: u64,
    told: Rc<Cell<(u32, u64)>>,
}

impl<A: Answers> Liar<A> {
    fn is_now(&mut self, kind: u32) -> bool {
        let (lie, seen) = self.told.get();
        self.told.set((lie, seen + 1));
        let now = self.left == seen;
        if now {
            self.told.set((kind, seen + 1));
        }
        now
    }
}

impl<A: Answers> Answers for Liar<A> {
    fn word(&mut self, kind: u32, arg: &Fr, guest: &dyn Fn(u32) -> u64) -> u64 {
        let word = self.honest.word(kind, arg, guest);
        match self.is_now(kind) {
            // Yes or no: any number but 0 is yes.
            true if [hint::SMALL, hint::HIGH].contains(&kind) => word ^ 1,
            true => word.wrapping_add(self.add),
            false => word,
        }
    }

    fn element(&mut self, kind: u32, arg: &Fr) -> Fr {
        let element = self.honest.element(kind, arg);
        if self.is_now(kind) {
            element + Fr::from(self.add)
        } else {
            element
        }
    }
}

/// Kinds of which an answer may have no influence: how long a system record is (the tag says so), what the prover itself
/// wants to know, which of two roots is named, leaves that are opened without need, which number beyond a table's end says
/// that something is not in it.
const IDLE: [u32; 6] = [
    hint::VALUE_LENGTH,
    hint::NOTE_SET,
    hint::ROOT,
    hint::EXTRAS,
    hint::ENTRY,
    hint::SLOT,
];

#[test]
fn one_lie_is_found() {
    let seed = 5;
    println!("seed {seed}");
    let mut history = History::new(seed, FeeMode::Sponsored(Player::new(1).id));
    let mut random = Random::new(seed);
    let mut found: BTreeMap<u32, u64> = BTreeMap::new();
    for _ in 0..4 {
        let mut segment = Segment::start(&mut history.chain, History::engine());
        for _ in 0..6 {
            let record = history.record();
            segment.push(&mut history.chain, record);
        }
        segment.end(&mut history.chain);
        let tell = |left: u64, add: u64| {
            let told = Rc::new(Cell::new((0, 0)));
            let liar = Liar {
                honest: segment.oracle(),
                left,
                add,
                told: told.clone(),
            };
            let (end, _) = run(segment.public(), segment.linked(), Box::new(liar));
            (end, told.get())
        };
        let (end, (_, hints)) = tell(u64::MAX, 0);
        assert_eq!(end, End::Finished, "{:?}", native::stuck_at());
        for _ in 0..80 {
            let (place, add) = (random.below(hints), random.pick(&[1, u64::MAX, 1 << 63, 1 << 32]));
            let (end, (kind, _)) = tell(place, add);
            assert!(
                end == End::Stuck || IDLE.contains(&kind),
                "hint {place} of kind {kind} plus {add}"
            );
            *found.entry(kind).or_default() += u64::from(end == End::Stuck);
        }
    }
    println!("{found:?}");
    assert!(found.len() > 15, "{found:?}");
}
