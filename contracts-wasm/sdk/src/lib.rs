//! Guest SDK: write a game's rules as a Playfair module.
