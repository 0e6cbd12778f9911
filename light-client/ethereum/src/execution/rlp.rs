//! Recursive Length Prefix (Yellow Paper, appendix B), read strictly: the shortest form of every length, single bytes
//! below 128 as themselves.

use crate::error::Malformed;

/// One item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item<'a> {
    /// A string of bytes.
    String(&'a [u8]),
    /// A list, by what is in it.
    List(&'a [u8]),
}

/// Items one after another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Items<'a> {
    rest: &'a [u8],
}

impl<'a> Items<'a> {
    /// The items of these bytes.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The items of a list that takes all of these bytes.
    pub(super) fn of_list(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut items = Self::new(bytes);
        let list = items.list()?;
        items.end()?;
        Ok(list)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn end(self) -> Result<(), Malformed> {
        match self.is_empty() {
            true => Ok(()),
            false => Err(Malformed::Long),
        }
    }

    /// The next item, and the bytes that it is encoded in.
    pub(super) fn encoded(&mut self) -> Result<(Item<'a>, &'a [u8]), Malformed> {
        let whole = self.rest;
        let item = self.item()?;
        let length = whole.len().saturating_sub(self.rest.len());
        Ok((item, whole.get(..length).ok_or(Malformed::Short)?))
    }

    pub(super) fn item(&mut self) -> Result<Item<'a>, Malformed> {
        let (first, after) = self.rest.split_first().ok_or(Malformed::Short)?;
        let first = *first;
        if first < 0x80 {
            let (string, rest) = self.rest.split_at_checked(1).ok_or(Malformed::Short)?;
            self.rest = rest;
            return Ok(Item::String(string));
        }
        let (is_list, short) = match first {
            0xc0.. => (true, first.saturating_sub(0xc0)),
            _ => (false, first.saturating_sub(0x80)),
        };
        let (length, after) = match short.checked_sub(55) {
            None | Some(0) => (usize::from(short), after),
            Some(size) => long_length(after, usize::from(size))?,
        };
        let (payload, rest) = after.split_at_checked(length).ok_or(Malformed::Short)?;
        self.rest = rest;
        match (is_list, payload) {
            (true, _) => Ok(Item::List(payload)),
            // Would be written as itself.
            (false, [..=0x7f]) => Err(Malformed::Form),
            (false, _) => Ok(Item::String(payload)),
        }
    }

    pub(super) fn list(&mut self) -> Result<Self, Malformed> {
        match self.item()? {
            Item::List(rest) => Ok(Self { rest }),
            Item::String(_) => Err(Malformed::Form),
        }
    }

    pub(super) fn string(&mut self) -> Result<&'a [u8], Malformed> {
        match self.item()? {
            Item::String(string) => Ok(string),
            Item::List(_) => Err(Malformed::Form),
        }
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.string()?.try_into().map_err(|_| Malformed::Form)
    }

    /// A number below 2^256 without zeros in front, as 32 bytes.
    pub(super) fn u256(&mut self) -> Result<[u8; 32], Malformed> {
        number(self.string()?)
    }

    /// A number below 2^64.
    pub(super) fn u64(&mut self) -> Result<u64, Malformed> {
        let number = self.u256()?;
        let (high, low) = number
            .split_last_chunk::<8>()
            .map_or((&[][..], [0; 8]), |(high, low)| (high, *low));
        match high.iter().all(|byte| *byte == 0) {
            true => Ok(u64::from_be_bytes(low)),
            false => Err(Malformed::Limit),
        }
    }
}

/// The length behind a first byte that says how many bytes it takes.
fn long_length(after: &[u8], size: usize) -> Result<(usize, &[u8]), Malformed> {
    let (bytes, after) = after.split_at_checked(size).ok_or(Malformed::Short)?;
    if bytes.first() == Some(&0) {
        return Err(Malformed::Form);
    }
    let mut length = 0usize;
    for byte in bytes {
        length = length.checked_mul(256).ok_or(Malformed::Short)?;
        length = length.checked_add(usize::from(*byte)).ok_or(Malformed::Short)?;
    }
    match length > 55 {
        true => Ok((length, after)),
        false => Err(Malformed::Form),
    }
}

/// A big-endian number without zeros in front, as 32 bytes.
pub(super) fn number(bytes: &[u8]) -> Result<[u8; 32], Malformed> {
    if bytes.first() == Some(&0) {
        return Err(Malformed::Form);
    }
    if bytes.len() > 32 {
        return Err(Malformed::Limit);
    }
    let mut number = [0; 32];
    for (to, from) in number.iter_mut().rev().zip(bytes.iter().rev()) {
        *to = *from;
    }
    Ok(number)
}

#[cfg(test)]
mod tests;
