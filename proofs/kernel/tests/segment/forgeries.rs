//! Lies that hang together: other words of the same element, the same record opened twice, another past. Each with every
//! further answer as an honest prover would give it.

use crate::common::{History, Player, Segment};
use ark_ff::{BigInteger, PrimeField};
use playfair_proofs_kernel::native::{self, Answers, End, run};
use playfair_proofs_kernel::{hint, pure};
use playfair_types::Fr;
use playfair_types::rules::FeeMode;
use std::cell::Cell;
use std::rc::Rc;

/// What a forger makes of the n-th question of a kind.
type Forge = fn(kind: u32, arg: &Fr, honest: Fr) -> Fr;

/// An oracle that forges answers to one question, and to the same question asked at once for its other words.
struct Forger<A> {
    honest: A,
    kind: u32,
    left: u64,
    forge: Forge,
    /// The argument whose further words are forged too.
    about: Option<Fr>,
    /// Questions of the kind so far, and whether an answer was another than the honest one.
    asked: Rc<Cell<(u64, bool)>>,
}

impl<A> Forger<A> {
    fn forged(&mut self, kind: u32, arg: &Fr, honest: Fr) -> Fr {
        let (asked, differed) = self.asked.get();
        let mut mine = false;
        if kind == self.kind {
            mine = asked == self.left;
            self.about = mine.then_some(*arg);
            self.asked.set((asked + 1, differed));
        } else if self.kind == hint::WORD0 && (hint::WORD1..=hint::WORD3).contains(&kind) {
            mine = self.about == Some(*arg);
        }
        if !mine {
            return honest;
        }
        let forged = (self.forge)(kind, arg, honest);
        let (asked, differed) = self.asked.get();
        self.asked.set((asked, differed || forged != honest));
        forged
    }
}

impl<A: Answers> Answers for Forger<A> {
    fn word(&mut self, kind: u32, arg: &Fr, guest: &dyn Fn(u32) -> u64) -> u64 {
        let honest = self.honest.word(kind, arg, guest);
        let answer = self.forged(kind, arg, Fr::from(honest));
        pure::word(hint::WORD0, &answer).expect("a pure hint")
    }

    fn element(&mut self, kind: u32, arg: &Fr) -> Fr {
        let honest = self.honest.element(kind, arg);
        self.forged(kind, arg, honest)
    }
}

/// A segment with calls of every sort.
fn segment() -> Segment {
    let mut history = History::new(8, FeeMode::Sponsored(Player::new(1).id));
    for _ in 0..12 {
        let record = history.record();
        history.chain.apply(&record);
    }
    let mut segment = Segment::start(&mut history.chain, History::engine());
    for _ in 0..10 {
        let record = history.record();
        segment.push(&mut history.chain, record);
    }
    segment.end(&mut history.chain);
    segment
}

/// Forges each question of a kind in turn, up to `most`; how many lies were told.
fn forge(segment: &Segment, kind: u32, most: u64, forge: Forge) -> u64 {
    let tell = |left: u64| {
        let asked = Rc::new(Cell::new((0, false)));
        let forger = Forger {
            honest: segment.oracle(),
            kind,
            left,
            forge,
            about: None,
            asked: asked.clone(),
        };
        let (end, _) = run(segment.public(), segment.linked(), Box::new(forger));
        (end, asked.get())
    };
    let (end, (questions, _)) = tell(u64::MAX);
    assert_eq!(end, End::Finished, "{:?}", native::stuck_at());
    let (step, mut lies) = (1 + questions / most, 0);
    for left in (0..questions).step_by(step as usize) {
        let (end, (_, lied)) = tell(left);
        if lied {
            lies += 1;
            assert_eq!(end, End::Stuck, "question {left} of kind {kind}");
        }
    }
    println!("kind {kind}: {questions} questions, {lies} lies");
    lies
}

/// The words of the element's integer plus r, which fit four words.
fn plus_modulus(kind: u32, arg: &Fr, _: Fr) -> Fr {
    let mut integer = arg.into_bigint();
    integer.add_with_carry(&Fr::MODULUS);
    Fr::from(integer.0[(kind - hint::WORD0) as usize])
}

#[test]
fn other_words_of_the_same_element() {
    assert!(forge(&segment(), hint::WORD0, 50, plus_modulus) > 25);
}

#[test]
fn the_same_record_twice_in_a_table() {
    let segment = segment();
    // A number that no table has: "it is not there yet".
    let again: Forge = |_, _, honest| {
        if honest == Fr::from(0u64) {
            honest
        } else {
            Fr::from(u64::MAX)
        }
    };
    // New names differ from no honest answer in effect, so only names that are there already are asked again.
    let seen = |kind| {
        let mut names = Vec::new();
        let mut repeated = Vec::new();
        let asked = Rc::new(std::cell::RefCell::new(Vec::new()));
        let spy = Spy {
            honest: segment.oracle(),
            kind,
            asked: asked.clone(),
        };
        let (end, _) = run(segment.public(), segment.linked(), Box::new(spy));
        assert_eq!(end, End::Finished);
        for (place, name) in asked.borrow().iter().enumerate() {
            if names.contains(name) {
                repeated.push(place as u64);
            }
            names.push(*name);
        }
        repeated
    };
    for kind in [hint::SLOT, hint::ENTRY] {
        let mut told = 0;
        for left in seen(kind).into_iter().take(12) {
            let asked = Rc::new(Cell::new((0, false)));
            let forger = Forger {
                honest: segment.oracle(),
                kind,
                left,
                forge: again,
                about: None,
                asked: asked.clone(),
            };
            let (end, _) = run(segment.public(), segment.linked(), Box::new(forger));
            if asked.get().1 {
                told += 1;
                assert_eq!(end, End::Stuck, "question {left} of kind {kind}");
            }
        }
        assert!(told > 0, "kind {kind}");
    }
}

/// Writes down what a kind is asked about.
struct Spy<A> {
    honest: A,
    kind: u32,
    asked: Rc<std::cell::RefCell<Vec<Fr>>>,
}

impl<A: Answers> Answers for Spy<A> {
    fn word(&mut self, kind: u32, arg: &Fr, guest: &dyn Fn(u32) -> u64) -> u64 {
        if kind == self.kind {
            self.asked.borrow_mut().push(*arg);
        }
        self.honest.word(kind, arg, guest)
    }

    fn element(&mut self, kind: u32, arg: &Fr) -> Fr {
        self.honest.element(kind, arg)
    }
}

#[test]
fn another_past() {
    // What was there was not.
    assert!(forge(&segment(), hint::INITIAL, 30, |_, _, _| Fr::from(0u64)) > 5);
}

#[test]
fn roots_and_signs() {
    let segment = segment();
    // The other root and the other sign are other ways to the same point; no root at all is none.
    assert!(forge(&segment, hint::ROOT, 14, |_, _, honest| honest * Fr::from(2u64)) > 5);
    assert!(forge(&segment, hint::HIGH, 14, |_, _, honest| Fr::from(1u64) - honest) > 5);
    assert!(forge(&segment, hint::SMALL, 20, |_, _, honest| Fr::from(1u64) - honest) > 5);
}
