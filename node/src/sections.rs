//! A module without the custom sections that nobody runs: names and producers stay on the studio's machine, the ABI
//! travels along.

use playfair_abi::ABI_SECTION;

const HEADER_BYTES: usize = 8;
const CUSTOM: u8 = 0;

/// The module with its ABI section and no other custom section. A file that is no module comes back as it is: admission
/// says what is wrong with it.
pub(crate) fn published(module: &[u8]) -> Vec<u8> {
    strip(module).unwrap_or_else(|| module.to_vec())
}

fn strip(module: &[u8]) -> Option<Vec<u8>> {
    let (header, mut rest) = module.split_at_checked(HEADER_BYTES)?;
    let mut kept = header.to_vec();
    while let Some((id, after_id)) = rest.split_first() {
        let (length, content) = leb(after_id)?;
        let (content, next) = content.split_at_checked(length)?;
        let section = rest.get(..rest.len() - next.len())?;
        if *id != CUSTOM || is_abi(content) {
            kept.extend_from_slice(section);
        }
        rest = next;
    }
    Some(kept)
}

fn is_abi(content: &[u8]) -> bool {
    leb(content).is_some_and(|(length, name)| name.get(..length) == Some(ABI_SECTION.as_bytes()))
}

/// An unsigned LEB128 number of at most 32 bits, and what follows.
fn leb(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0u64;
    for (place, byte) in bytes.iter().enumerate().take(5) {
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, bytes.get(place + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(name: &str, data: &[u8]) -> Vec<u8> {
        let mut content = vec![name.len() as u8];
        content.extend(name.as_bytes());
        content.extend(data);
        let mut section = vec![CUSTOM, content.len() as u8];
        section.extend(content);
        section
    }

    #[test]
    fn only_the_abi_stays() {
        let header = *b"\0asm\x01\0\0\0";
        let types = [1u8, 1, 0];
        let abi = custom(ABI_SECTION, b"{}");
        let module = [
            &header[..],
            &custom("name", b"x"),
            &types,
            &abi,
            &custom("producers", b""),
        ]
        .concat();
        assert_eq!(published(&module), [&header[..], &types, &abi].concat());
    }

    #[test]
    fn what_is_no_module_comes_back_whole() {
        for bad in [
            &b""[..],
            b"\0asm",
            b"\0asm\x01\0\0\0\x01\x7f",
            b"\0asm\x01\0\0\0\x00\xff\xff\xff\xff\xff",
        ] {
            assert_eq!(published(bad), bad);
        }
    }
}
