use playfair::prelude::*;

#[playfair::storage]
pub struct Game {
    total: Item<u64>,
}

#[playfair::module]
impl Game {
    #[call(3)]
    pub fn play(&mut self) {}

    #[query(3)]
    pub fn total(&self) -> u64 {
        0
    }

    #[call(3)]
    pub fn resign(&mut self) {}
}

fn main() {}
