//! The bodies of the native tests, one at a time.

use playfair_light_client_tests::lies::{self, Told};
use playfair_light_client_tests::scenario::{Verified, truth};
use playfair_light_client_tests::table::Recorded;
use playfair_light_client_tests::{judge, now, truths};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn error(text: &str);
}

/// A panic ends the module, and says why before.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| error(&panic.to_string())));
}

/// The names of what an honest node shows and the client believes.
#[wasm_bindgen]
#[must_use]
pub fn truths() -> Vec<String> {
    let names = truths::ALL.iter().map(|(name, _)| (*name).to_owned());
    names.collect()
}

/// Runs the body of that place; one that fails panics.
#[wasm_bindgen]
pub fn truth_at(place: usize) {
    truths::ALL[place].1();
}

/// All lies, each to everybody who can know better.
#[wasm_bindgen]
pub struct Lies {
    recorded: Recorded,
    honest: Verified,
    all: Vec<Told>,
    cases: Vec<(usize, bool)>,
}

#[wasm_bindgen]
impl Lies {
    /// From the recorded chain.
    #[wasm_bindgen(constructor)]
    #[must_use]
    #[allow(
        clippy::new_without_default,
        reason = "JavaScript constructs it, and it takes a while"
    )]
    pub fn new() -> Self {
        let recorded = Recorded::committed();
        let all = lies::all(&recorded);
        Self {
            honest: now(truth(&recorded)),
            cases: judge::cases(&all),
            all,
            recorded,
        }
    }

    /// How many there are to tell.
    #[must_use]
    pub fn count(&self) -> usize {
        self.cases.len()
    }

    /// Tells the one of that place, and says what the client made of it that it should not have.
    #[must_use]
    pub fn tell(&self, place: usize) -> Option<String> {
        let (lie, follows) = self.cases[place];
        judge::wrong(&self.recorded, &self.honest, &self.all[lie], follows)
    }
}
