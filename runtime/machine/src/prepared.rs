//! The part of a record's work that needs no state: decoding, the signed message, and the signature against the key
//! that it will most likely be judged by. It can run on other threads and ahead of time.
//!
//! A prepared signature is a hint that is compared with the truth: if the key that the state names when the record's
//! turn comes is another one, the signature is verified again.

use crate::error::Broken;
use playfair_lanes::messages;
use playfair_types::codec::Reader;
use playfair_types::crypto::babyjubjub::{Point, PublicKey};
use playfair_types::crypto::eddsa::{Signature, SignatureError, verify, verify_each};
use playfair_types::crypto::field::Fr;
use playfair_types::tape::call::SignedCall;
use playfair_types::tape::{Record, Step, step};

/// A record that has been read.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The chain that it was read for.
    pub(crate) chain_id: Fr,
    pub(crate) bytes: Vec<u8>,
    pub(crate) step: Step,
    signed: Option<Signed>,
}

/// What a signed call's signature is judged by.
#[derive(Clone, Debug)]
struct Signed {
    message: Fr,
    /// `None` when the signature or the new key breaks C1.
    parts: Option<Parts>,
    checked: Option<(PublicKey, Result<(), SignatureError>)>,
}

#[derive(Clone, Copy, Debug)]
struct Parts {
    signature: Signature,
    new_key: Option<PublicKey>,
}

impl Prepared {
    /// Reads the one record that `bytes` is.
    ///
    /// # Errors
    /// [`Broken::Format`] when it breaks the tape.
    pub fn read(chain_id: Fr, bytes: &[u8]) -> Result<Self, Broken> {
        let mut record = Self::whole(chain_id, bytes)?;
        name([&mut record])?;
        Ok(record)
    }

    /// Reads many, each as [`Self::read`] does. Their messages are hashed together.
    #[must_use]
    pub fn read_each<'b>(
        chain_id: Fr,
        records: impl IntoIterator<Item = &'b [u8]>,
    ) -> Vec<Result<Self, Broken>> {
        let read = |bytes| Self::whole(chain_id, bytes);
        let mut read: Vec<_> = records.into_iter().map(read).collect();
        match name(read.iter_mut().flatten()) {
            Ok(()) => read,
            Err(broken) => read
                .into_iter()
                .map(|record| record.and(Err(broken.clone())))
                .collect(),
        }
    }

    /// Reads every record of a tape.
    ///
    /// # Errors
    /// [`Broken::Format`] at the first record that breaks it.
    pub fn read_all(chain_id: Fr, tape: &[u8]) -> Result<Vec<Self>, Broken> {
        let mut reader = Reader::new(tape);
        let mut records = Vec::new();
        while reader.remaining() > 0 {
            records.push(Self::next(chain_id, &mut reader)?);
        }
        name(&mut records)?;
        Ok(records)
    }

    /// The one record that `bytes` is, without a message.
    fn whole(chain_id: Fr, bytes: &[u8]) -> Result<Self, Broken> {
        let mut reader = Reader::new(bytes);
        let record = Self::next(chain_id, &mut reader)?;
        reader.finish().map_err(Broken::Format)?;
        Ok(record)
    }

    /// The next record, without a message.
    fn next(chain_id: Fr, reader: &mut Reader<'_>) -> Result<Self, Broken> {
        let (step, bytes) = step(reader).map_err(Broken::Format)?;
        Ok(Self {
            chain_id,
            bytes: bytes.to_vec(),
            step,
            signed: None,
        })
    }

    /// The record's bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The record's bytes, for who needs nothing else.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// What the bytes say.
    #[must_use]
    pub fn step(&self) -> &Step {
        &self.step
    }

    /// The signed message of a signed call: the name that its signer knows it by.
    #[must_use]
    pub fn message(&self) -> Option<Fr> {
        self.signed.as_ref().map(|signed| signed.message)
    }

    /// Verifies signatures together: each record's against its key, where [`crate::Machine::expected_keys`] named one.
    pub fn verify_batch(records: &mut [Self], keys: &[Option<PublicKey>]) {
        let mut items = Vec::new();
        let mut slots = Vec::new();
        for (record, key) in records.iter_mut().zip(keys) {
            let Some(signed) = &mut record.signed else {
                continue;
            };
            if let (Some(parts), Some(key)) = (&signed.parts, key) {
                items.push((*key, signed.message, parts.signature));
                slots.push(&mut signed.checked);
            }
        }
        let results = verify_each(&items);
        for ((slot, result), (key, ..)) in slots.into_iter().zip(results).zip(&items) {
            *slot = Some((*key, result));
        }
    }

    /// The new key of a new-key call, if it and the signature obey C1 as far as bytes show.
    pub(crate) fn new_key(&self) -> Option<PublicKey> {
        self.signed.as_ref()?.parts?.new_key
    }

    /// C1 for what a signature and a new key must be.
    pub(crate) fn is_encoded(&self) -> bool {
        let Some(signed) = &self.signed else { return true };
        let Some(parts) = &signed.parts else { return false };
        match &signed.checked {
            Some((_, result)) => !matches!(
                result,
                Err(SignatureError::InvalidR(_) | SignatureError::NonCanonicalS)
            ),
            None => Point::from_bytes(&parts.signature.r).is_ok(),
        }
    }

    /// C4: whether the signature is `key`'s.
    pub(crate) fn is_signed_by(&self, key: &PublicKey) -> bool {
        let Some(signed) = &self.signed else { return false };
        let Some(parts) = &signed.parts else { return false };
        match &signed.checked {
            Some((checked, result)) if checked == key => result.is_ok(),
            _ => verify(key, signed.message, &parts.signature).is_ok(),
        }
    }
}

/// Finds what is signed of all that are signed calls of one chain. It cannot fail: records that have been read are whole frames.
fn name<'a>(records: impl IntoIterator<Item = &'a mut Prepared>) -> Result<(), Broken> {
    let mut calls = Vec::new();
    for record in records {
        if let Step::Record(Record::Call(call)) = &record.step {
            let parts = Parts::of(call);
            calls.push((record, parts));
        }
    }
    let Some((first, _)) = calls.first() else {
        return Ok(());
    };
    let messages = messages(first.chain_id, calls.iter().map(|(record, _)| record.bytes()));
    for ((record, parts), message) in calls.into_iter().zip(messages) {
        record.signed = Some(Signed {
            message: message.map_err(Broken::Format)?,
            parts,
            checked: None,
        });
    }
    Ok(())
}

impl Parts {
    fn of(call: &SignedCall) -> Option<Self> {
        let signature = Signature::from_bytes(&call.signature.0).ok()?;
        let new_key = match &call.call.new_key {
            Some(bytes) => Some(PublicKey::from_bytes(bytes).ok()?),
            None => None,
        };
        Some(Self { signature, new_key })
    }
}
