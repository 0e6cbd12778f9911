//! Chess by the FIDE Laws, as a Playfair module.
