use playfair::prelude::*;

#[playfair::storage]
pub struct Game {
    total: Item<u64>,
}

#[playfair::module]
impl Game {
    #[call(0)]
    pub fn none(step: u8) {}

    #[call(1)]
    pub fn by_value(self) {}

    #[query(0)]
    pub fn changes(&mut self) {}

    #[query(1)]
    pub fn changes_the_chain(&self, ctx: &mut Context) {}

    #[call(2)]
    pub fn context_late(&mut self, step: u8, ctx: &Context) {}

    #[call(3)]
    pub fn context_by_value(&mut self, ctx: Context) {}
}

fn main() {}
