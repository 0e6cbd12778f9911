use playfair::prelude::*;

#[playfair::storage]
pub struct Game {
    total: Item<u64>,
}

#[playfair::module]
impl Game {
    #[init]
    fn init(&mut self) {}

    #[init]
    fn another(&mut self) {}

    #[tick]
    fn tick(&mut self, step: u8) {}

    #[call(0)]
    pub async fn later(&mut self) {}

    #[call(1)]
    pub fn any<T>(&mut self, what: T) {}

    #[call(2)]
    pub unsafe fn careless(&mut self) {}

    #[call(4)]
    #[query(4)]
    pub fn both(&mut self) {}
}

fn main() {}
