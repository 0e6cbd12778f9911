//! What is kept between two starts.
//!
//! ```text
//! "PFLC" | version u8 = 1 | chain id 32 | flags u8 (1 head, 2 proven block, 4 frozen)
//! | head: header, certificate | proven block: boundary
//! | tip: boundary | proofs u64 | marks u16, each: frames u64, tape 32, digest 32
//! | frozen: kind u8 | height u64 | asked u16, text | exhibits u8, each: kind u8, length u32, bytes
//! ```
//!
//! It is read as strictly as an answer; the head's certificate is verified again, unless this client has verified the same one. What does not read whole is not there, and
//! the client begins from its anchors. Its name says which anchors it rests on, so that other ones never meet it.

use crate::anchors::Anchors;
use crate::certified::{Certified, Shown};
use crate::hex::digits;
use crate::lie::{Caught, Exhibit, Lie};
use crate::marks::{MARKS_MAX, Mark, Marks};
use crate::view::View;
use playfair_proofs_verifier::Trust;
use playfair_types::codec::{Decode, DecodeError, Encode, Reader};
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::header::Header;
use playfair_types::segment::Boundary;
use sha2::{Digest, Sha256};

const MAGIC: [u8; 4] = *b"PFLC";
const VERSION: u8 = 1;
const HEAD: u8 = 1;
const PROVEN: u8 = 2;
const FROZEN: u8 = 4;
/// Longest path that was asked when the committee was caught, and longest exhibit.
const ASKED_MAX: usize = 512;
const EXHIBIT_MAX: usize = 8 << 20;

/// The name under which the view of these anchors is kept.
pub(crate) fn name(anchors: &Anchors) -> String {
    let mut sha = Sha256::new()
        .chain_update(b"playfair/1/view")
        .chain_update(fr_to_bytes(&anchors.chain_id))
        .chain_update(anchors.module.0)
        .chain_update(fr_to_bytes(&anchors.vk_set_root))
        .chain_update(anchors.committee.committee().encode());
    match anchors.trust {
        Trust::PublicSetup => sha.update([0]),
        Trust::InsecureDevelopmentToo => sha.update([1]),
        Trust::Ceremony(ceremony) => {
            sha.update([2]);
            sha.update(ceremony.digest());
        }
    }
    let digest: [u8; 32] = sha.finalize().into();
    format!("view/{}", digits(digest.get(..16).unwrap_or_default()))
}

/// A number within its bound.
fn limit(what: &'static str, found: usize, most: usize) -> Result<(), DecodeError> {
    match found <= most {
        true => Ok(()),
        false => Err(DecodeError::NonCanonical(what)),
    }
}

/// The view's bytes.
pub(crate) fn write(view: &View) -> Vec<u8> {
    let flag = |is: bool, flag: u8| if is { flag } else { 0 };
    let flags = flag(view.head.is_some(), HEAD)
        | flag(view.proven_block.is_some(), PROVEN)
        | flag(view.frozen.is_some(), FROZEN);
    let mut out = Vec::new();
    out.extend(MAGIC);
    out.push(VERSION);
    out.extend(fr_to_bytes(&view.chain_id));
    out.push(flags);
    if let Some(head) = &view.head {
        head.header.encode_to(&mut out);
        head.certificate.encode_to(&mut out);
    }
    if let Some(block) = &view.proven_block {
        block.encode_to(&mut out);
    }
    view.tip.encode_to(&mut out);
    out.extend(view.proofs.to_be_bytes());
    out.extend(
        u16::try_from(view.marks.0.len())
            .unwrap_or(u16::MAX)
            .to_be_bytes(),
    );
    for mark in &view.marks.0 {
        out.extend(mark.frames.to_be_bytes());
        out.extend(mark.tape);
        out.extend(mark.digest);
    }
    if let Some(caught) = &view.frozen {
        write_caught(caught, &mut out);
    }
    out
}

/// The view that these bytes are, if they are one of these anchors. A head that `ours` has met, with the same certificate, is not verified again.
pub(crate) fn read(bytes: &[u8], anchors: &Anchors, ours: &View) -> Option<View> {
    let mut reader = Reader::new(bytes);
    let view = read_view(&mut reader, anchors, ours).ok()?;
    reader.finish().ok()?;
    // The marks end where the tip is.
    let last = view.marks.0.back().copied();
    (last == Some(Mark::of(&view.tip))).then_some(view)
}

fn read_view(reader: &mut Reader<'_>, anchors: &Anchors, ours: &View) -> Result<View, DecodeError> {
    reader.expect_magic(MAGIC)?;
    reader.expect_u8("view version", VERSION)?;
    if reader.field("chain id")? != anchors.chain_id {
        return Err(DecodeError::NonCanonical("chain id"));
    }
    let flags = reader.u8("view flags")?;
    limit(
        "view flags",
        usize::from(flags),
        usize::from(HEAD | PROVEN | FROZEN),
    )?;
    let mut view = View::new(anchors);
    if flags & HEAD != 0 {
        let certified = read_certified(reader, anchors, ours)?;
        view.linked = Some(certified.header);
        view.meet(certified);
    }
    if flags & PROVEN != 0 {
        view.proven_block = Some(Boundary::read(reader)?);
    }
    view.tip = Boundary::read(reader)?;
    view.proofs = reader.u64("proofs")?;
    view.marks = read_marks(reader)?;
    let proven = view.proven_block.is_none_or(|block| {
        // A mark that was let go leaves a block that no more can be said of.
        view.marks.knows(&block) != Some(false)
    });
    if !proven {
        return Err(DecodeError::NonCanonical("proven block"));
    }
    if flags & FROZEN != 0 {
        view.frozen = Some(Box::new(read_caught(reader)?));
    }
    Ok(view)
}

fn read_certified(reader: &mut Reader<'_>, anchors: &Anchors, ours: &View) -> Result<Certified, DecodeError> {
    let header = Header::read(reader)?;
    let shown = Shown {
        digest: header.digest(),
        header,
        certificate: Some(Decode::read(reader)?),
    };
    // The digest is all of the header; another certificate for it has to hold by itself.
    let met = ours.known(shown.height(), &shown.digest);
    if let Some(met) = met.filter(|met| Some(&met.certificate) == shown.certificate.as_ref()) {
        return Ok(met.clone());
    }
    let verified = shown.is_of(anchors, None).and_then(|()| shown.verify(anchors));
    verified.map_err(|_| DecodeError::NonCanonical("certificate"))
}

fn read_marks(reader: &mut Reader<'_>) -> Result<Marks, DecodeError> {
    let count = usize::from(reader.u16("marks")?);
    limit("marks", count, MARKS_MAX)?;
    let mut marks = Marks::default();
    for _ in 0..count {
        let mark = Mark {
            frames: reader.u64("mark")?,
            tape: reader.array("mark")?,
            digest: reader.array("mark")?,
        };
        if marks.0.back().is_some_and(|last| last.frames >= mark.frames) {
            return Err(DecodeError::NonCanonical("marks"));
        }
        marks.0.push_back(mark);
    }
    Ok(marks)
}

fn write_caught(caught: &Caught, out: &mut Vec<u8>) {
    let (kind, height) = match caught.lie {
        Lie::Equivocation(height) => (1, height),
        Lie::Fork(height) => (2, height),
        Lie::WrongExecution(height) => (3, height),
        Lie::TornBlock(height) => (4, height),
        // Nothing else freezes a view.
        _ => (0, 0),
    };
    let asked: String = caught
        .asked
        .chars()
        .filter(char::is_ascii)
        .take(ASKED_MAX)
        .collect();
    let kept: Vec<&Exhibit> = caught
        .exhibits
        .iter()
        .filter(|exhibit| exhibit.bytes.len() <= EXHIBIT_MAX)
        .collect();
    out.push(kind);
    out.extend(height.to_be_bytes());
    // Cut to 512 bytes above.
    out.extend(u16::try_from(asked.len()).unwrap_or_default().to_be_bytes());
    out.extend(asked.as_bytes());
    // An answer, a header and its certificate.
    out.push(u8::try_from(kept.len()).unwrap_or_default());
    for exhibit in kept {
        out.push(match exhibit.what {
            Exhibit::CERTIFICATE => 1,
            Exhibit::HEADER => 2,
            _ => 0,
        });
        // Cut to 2^23 above.
        out.extend(
            u32::try_from(exhibit.bytes.len())
                .unwrap_or_default()
                .to_be_bytes(),
        );
        out.extend(&exhibit.bytes);
    }
}

fn read_caught(reader: &mut Reader<'_>) -> Result<Caught, DecodeError> {
    let (kind, height) = (reader.u8("lie")?, reader.u64("height")?);
    let lie = match kind {
        1 => Lie::Equivocation(height),
        2 => Lie::Fork(height),
        3 => Lie::WrongExecution(height),
        4 => Lie::TornBlock(height),
        found => {
            return Err(DecodeError::Unknown {
                what: "lie",
                found: u64::from(found),
            });
        }
    };
    let asked = reader.bytes16("asked", ASKED_MAX)?;
    let asked = std::str::from_utf8(asked).map_err(|_| DecodeError::NonCanonical("asked"))?;
    let mut exhibits = Vec::new();
    for _ in 0..reader.u8("exhibits")? {
        let what = match reader.u8("exhibit")? {
            0 => Exhibit::ANSWER,
            1 => Exhibit::CERTIFICATE,
            2 => Exhibit::HEADER,
            _ => return Err(DecodeError::NonCanonical("exhibit")),
        };
        let length = usize::try_from(reader.u32("exhibit")?).unwrap_or(usize::MAX);
        limit("exhibit", length, EXHIBIT_MAX)?;
        exhibits.push(Exhibit {
            what,
            bytes: reader.bytes("exhibit", length)?.to_vec(),
        });
    }
    Ok(Caught {
        lie,
        asked: asked.to_owned(),
        exhibits,
        micros: 0,
    })
}
