use playfair::prelude::*;

#[playfair::storage]
pub struct Game {
    total: Item<u64>,
}

#[playfair::module]
impl Game {
    #[query(0)]
    pub fn total(&self) -> u64 {
        self.total.set(&1);
        1
    }
}

fn main() {}
