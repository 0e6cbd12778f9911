//! A sealed block as the node keeps it: what was ordered, who says so, and what came of it.

use playfair_types::account::AccountId;
use playfair_types::certificate::Certificate;
use playfair_types::codec::{DecodeError, Reader};
use playfair_types::header::Header;
use playfair_types::outbox::Message;
use playfair_types::receipt::{Receipt, ReceiptBody};
use playfair_types::tape::frame::FRAME_BYTES;
use playfair_types::tape::record_frames;
use playfair_types::{Decode, Encode};

/// A sealed block.
///
/// ```text
/// version u8 = 1 | header | certificate length u8 | certificate | work u64
/// | records u32, each: record | named u8, id 32 if so | receipt | receipt body | messages u8, each: message
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its header.
    pub header: Header,
    /// What says that it is the chain's; genesis has none.
    pub certificate: Option<Certificate>,
    /// Its part of the work that proofs state.
    pub work: u64,
    /// Its records, in order, with what they did.
    pub records: Vec<Done>,
}

/// A record and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Its bytes.
    pub record: Vec<u8>,
    /// Of a signed call, its message: the name that its signer knows it by.
    pub id: Option<[u8; 32]>,
    /// Its receipt.
    pub receipt: Receipt,
    /// What the receipt commits to.
    pub body: ReceiptBody,
    /// The messages that it sent.
    pub messages: Vec<Message>,
}

/// A call by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedCall {
    /// The signed message: what its signer knows it by.
    pub id: [u8; 32],
    /// Who called.
    pub account: AccountId,
    /// Its place among the block's records.
    pub index: u32,
}

const VERSION: u8 = 1;

impl Sealed {
    /// Its height; genesis is 0.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.header.after.height
    }

    /// Its records' bytes, one after the other.
    #[must_use]
    pub fn tape(&self) -> Vec<u8> {
        self.records
            .iter()
            .flat_map(|done| &done.record)
            .copied()
            .collect()
    }

    /// The signed calls in it, in order, forced ones too.
    pub fn calls(&self) -> impl Iterator<Item = SealedCall> + '_ {
        (0..).zip(&self.records).filter_map(|(index, done)| {
            Some(SealedCall {
                id: done.id?,
                // FORMATS.md section 5: kind, two bytes of the signature, then the account.
                account: AccountId(*done.record.get(3..)?.first_chunk()?),
                index,
            })
        })
    }
}

impl Encode for Sealed {
    fn encode_to(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        self.header.encode_to(out);
        let certificate = self.certificate.as_ref().map(Encode::encode).unwrap_or_default();
        // A certificate is at most 110 bytes.
        out.push(u8::try_from(certificate.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(&certificate);
        out.extend_from_slice(&self.work.to_be_bytes());
        // The header counts records in 32 bits.
        out.extend_from_slice(
            &u32::try_from(self.records.len())
                .unwrap_or(u32::MAX)
                .to_be_bytes(),
        );
        for done in &self.records {
            out.extend_from_slice(&done.record);
            out.push(u8::from(done.id.is_some()));
            out.extend_from_slice(done.id.as_ref().map_or(&[], |id| &id[..]));
            done.receipt.encode_to(out);
            done.body.encode_to(out);
            out.push(u8::try_from(done.messages.len()).unwrap_or(u8::MAX));
            for message in &done.messages {
                message.encode_to(out);
            }
        }
    }
}

impl Decode for Sealed {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.expect_u8("sealed block", VERSION)?;
        let header = Header::read(reader)?;
        let length = usize::from(reader.u8("certificate length")?);
        let certificate = match reader.bytes("certificate", length)? {
            [] => None,
            bytes => Some(Certificate::decode(bytes)?),
        };
        let work = reader.u64("work")?;
        let count = reader.u32("records")?;
        // A record is a frame at least, so the input bounds what is reserved.
        let mut records = Vec::with_capacity((count as usize).min(reader.remaining() / FRAME_BYTES));
        for _ in 0..count {
            records.push(Done::read(reader)?);
        }
        Ok(Self {
            header,
            certificate,
            work,
            records,
        })
    }
}

impl Done {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let first: [u8; FRAME_BYTES] = reader.clone().array("record")?;
        let frames = record_frames(&first)?;
        let record = reader.bytes("record", frames * FRAME_BYTES)?.to_vec();
        let id = match reader.u8("named")? {
            0 => None,
            1 => Some(reader.array("id")?),
            _ => return Err(DecodeError::NonCanonical("named")),
        };
        let receipt = Receipt::read(reader)?;
        let body = ReceiptBody::read(reader)?;
        let messages = (0..reader.u8("messages")?)
            .map(|_| Message::read(reader))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            record,
            id,
            receipt,
            body,
            messages,
        })
    }
}
