use super::*;
use alloc::vec;

fn one(bytes: &[u8]) -> Result<Item<'_>, Malformed> {
    let mut items = Items::new(bytes);
    let item = items.item()?;
    items.end()?;
    Ok(item)
}

#[test]
fn items_are_those_of_the_yellow_paper() {
    assert_eq!(one(&[0]), Ok(Item::String(&[0])));
    assert_eq!(one(&[0x7f]), Ok(Item::String(&[0x7f])));
    assert_eq!(one(&[0x80]), Ok(Item::String(&[])));
    assert_eq!(one(&[0x81, 0x80]), Ok(Item::String(&[0x80])));
    assert_eq!(one(b"\x83dog"), Ok(Item::String(b"dog")));
    assert_eq!(one(&[0xc0]), Ok(Item::List(&[])));
    assert_eq!(one(b"\xc8\x83cat\x83dog"), Ok(Item::List(b"\x83cat\x83dog")));
    let mut long = vec![0xb8, 56];
    long.extend([7; 56]);
    assert_eq!(one(&long), Ok(Item::String(&[7; 56])));
    let mut longer = vec![0xb9, 1, 0];
    longer.extend([7; 256]);
    assert_eq!(one(&longer), Ok(Item::String(&[7; 256])));
}

#[test]
fn other_forms_are_refused() {
    for (bytes, why) in [
        (&[][..], Malformed::Short),
        (&[0x81], Malformed::Short),
        (&[0x81, 0x7f], Malformed::Form),
        (&[0x80, 0x80], Malformed::Long),
        (&[0xb8, 1, 7], Malformed::Form),
        (&[0xb9, 0, 56], Malformed::Form),
        (&[0xb8, 200, 7], Malformed::Short),
        (&[0xff; 12], Malformed::Short),
        (
            &[0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            Malformed::Short,
        ),
        (&[0xc1], Malformed::Short),
        (&[0xf8, 0], Malformed::Form),
    ] {
        assert_eq!(one(bytes), Err(why), "{bytes:02x?}");
    }
}

#[test]
fn numbers_have_no_zeros_in_front() {
    let number = |bytes: &'static [u8]| Items::new(bytes).u64();
    assert_eq!(number(&[0x80]), Ok(0));
    assert_eq!(number(&[5]), Ok(5));
    assert_eq!(number(&[0x88, 1, 0, 0, 0, 0, 0, 0, 0]), Ok(1 << 56));
    assert_eq!(number(&[0]), Err(Malformed::Form));
    assert_eq!(number(&[0x82, 0, 1]), Err(Malformed::Form));
    assert_eq!(number(&[0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0]), Err(Malformed::Limit));
    assert_eq!(number(&[0xc0]), Err(Malformed::Form));
}
