use playfair::prelude::*;

#[playfair::error]
pub enum Silent {
    NoText,
}

#[playfair::error]
pub enum WithFields {
    #[error("too far")]
    TooFar(u8),
}

#[playfair::error]
pub enum Codes {
    #[error("one")]
    One = 1,
    #[error("another")]
    Another = 1,
    #[error("the SDK's own")]
    Large = 65535,
}

fn main() {}
