use playfair::prelude::*;

#[playfair::storage]
pub struct Prefixes {
    total: Item<u64>,
    #[prefix(0)]
    again: Item<u64>,
}

#[playfair::storage]
pub struct Plain {
    total: u64,
}

fn main() {}
