use playfair::prelude::*;

#[playfair::event]
pub struct Won {
    pub by: AccountId,
}

#[playfair::storage]
pub struct Game {
    total: Item<u64>,
}

#[playfair::module]
impl Game {
    #[call(0)]
    pub fn win(&mut self, ctx: &mut Context) {
        ctx.emit(Won { by: ctx.caller() });
    }
}

fn main() {}
