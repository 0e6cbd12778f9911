use playfair::prelude::*;

#[playfair::storage]
pub struct Game {
    total: Item<u64>,
}

#[playfair::module]
impl Game {
    #[call(0)]
    pub fn float(&mut self, speed: f32) {}

    #[call(1)]
    pub fn unbounded(&mut self, name: String, moves: Vec<u8>) {}

    #[call(2)]
    pub fn borrowed(&mut self, name: &str) {}

    #[query(0)]
    pub fn size(&self) -> usize {
        0
    }

    fn helper(&self) -> u64 {
        let pair = ((1, 2), 3);
        let half = 0.5;
        pair.0.1
    }
}

fn main() {}
