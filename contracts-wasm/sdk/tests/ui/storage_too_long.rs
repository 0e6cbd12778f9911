use playfair::prelude::*;

#[playfair::storage]
pub struct Game {
    notes: Item<Text<4096>>,
    by_name: Map<[u8; 64], u64>,
}

fn main() {}
