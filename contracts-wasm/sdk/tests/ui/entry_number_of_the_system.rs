use playfair::prelude::*;

#[playfair::storage]
pub struct Game {
    total: Item<u64>,
}

#[playfair::module]
impl Game {
    #[call(240)]
    pub fn play(&mut self) {}
}

fn main() {}
