use playfair::prelude::*;

mod white {
    #[derive(playfair::Codec)]
    pub struct Move(u8);
}

mod black {
    #[derive(playfair::Codec)]
    pub struct Move(u8);
}

#[playfair::storage]
pub struct Game {
    total: Item<u64>,
}

#[playfair::module]
impl Game {
    #[call(0)]
    pub fn play(&mut self, _white: white::Move, _black: black::Move) {}
}

fn main() {}
