use playfair::prelude::*;

pub struct Move {
    pub from: u8,
}

#[playfair::storage]
pub struct Game {
    total: Item<u64>,
}

#[playfair::module]
impl Game {
    #[call(0)]
    pub fn play(&mut self, _what: Move) {}
}

fn main() {}
