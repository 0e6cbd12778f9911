//! Each mistake is named where it is: the messages are compared with `tests/ui/*.stderr`.
//!
//! `TRYBUILD=overwrite cargo test -p playfair --test ui` writes them anew.

#[test]
fn mistakes_are_named_where_they_are() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
