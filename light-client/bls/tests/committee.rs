//! Certificates, seeds and handovers: what a committee signed, and everything that it did not.

mod common;

use ark_bls12_381::G2Affine;
use common::{bytes_of, outside_g2};
use playfair_bls::{Error, PointError, SecretKey, Signer, Verifier};
use playfair_types::Fr;
use playfair_types::certificate::{Certificate, Committee, Handover};
use playfair_types::codec::{Decode, Encode};

fn ordering() -> Fr {
    Fr::from(5u64)
}

fn key(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 64])
}

fn signer(epoch: u64) -> Signer {
    Signer::new(key(1 + epoch as u8), epoch, ordering())
}

fn verifier(signer: &Signer) -> Verifier {
    Verifier::new(signer.committee(), ordering()).expect("a good committee")
}

/// A committee of four, whose joint key a test holds whole.
fn of_four(number: u8, epoch: u64) -> (SecretKey, Committee) {
    let committee = Committee {
        epoch,
        public_key: key(number).public(),
        members: 4,
        threshold: 3,
    };
    (key(number), committee)
}

fn flipped(bytes: [u8; 48], bit: usize) -> [u8; 48] {
    let mut bytes = bytes;
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

#[test]
fn a_committee_of_one_certifies_view_after_view() {
    let signer = signer(0);
    let verifier = verifier(&signer);
    assert_eq!((signer.committee().members, signer.committee().threshold), (1, 1));
    assert_eq!(verifier.committee(), signer.committee());
    let mut before: Option<Certificate> = None;
    for block in 0..3u8 {
        let parent_view = before.map_or(0, |certificate| certificate.view);
        let seed = signer.seed(parent_view);
        let certificate = signer.certificate(parent_view, [block; 32]).expect("a view");
        assert_eq!(certificate.view, u64::from(block) + 1);
        assert_eq!(Certificate::decode(&certificate.encode()), Ok(certificate));
        assert_eq!(verifier.certificate(&certificate), Ok(()));
        assert_eq!(verifier.seed(&certificate, &seed), Ok(()));
        assert_eq!(verifier.follows(before.as_ref(), &certificate), Ok(()));
        before = Some(certificate);
    }
}

#[test]
fn the_numbers_do_not_run_out_unnoticed() {
    let signer = signer(0);
    let last = signer.certificate(u64::MAX - 1, [1; 32]).expect("the last view");
    assert_eq!(verifier(&signer).certificate(&last), Ok(()));
    assert_eq!(signer.certificate(u64::MAX, [1; 32]), Err(Error::Exhausted));
    let last = Signer::new(key(1), u64::MAX, ordering());
    let next = *Signer::new(key(2), 0, ordering()).committee();
    assert_eq!(last.handover(1, [1; 32], next), Err(Error::Exhausted));
    let handover = Handover {
        old: *last.committee(),
        last_height: 1,
        last_digest: [1; 32],
        new: next,
        signature: [0; 48],
    };
    assert_eq!(verifier(&last).handover(&handover), Err(Error::Exhausted));
}

#[test]
fn every_part_of_a_certificate_is_signed() {
    let (secret, committee) = of_four(9, 3);
    let verifier = Verifier::new(&committee, ordering()).expect("a good committee");
    let mut good = Certificate {
        epoch: 3,
        view: 300,
        parent_view: 290,
        payload: [7; 32],
        signature: [0; 48],
    };
    good.signature = secret.sign(&good.signed_bytes(ordering()));
    assert_eq!(verifier.certificate(&good), Ok(()));

    for changed in [
        Certificate { view: 301, ..good },
        Certificate {
            parent_view: 291,
            ..good
        },
        Certificate {
            payload: [8; 32],
            ..good
        },
    ] {
        assert_eq!(verifier.certificate(&changed), Err(Error::Refused));
    }
    for epoch in [2, 4] {
        let error = Err(Error::Epoch {
            wanted: 3,
            found: epoch,
        });
        assert_eq!(verifier.certificate(&Certificate { epoch, ..good }), error);
        // Not even by a committee with the same key.
        let other = Verifier::new(&Committee { epoch, ..committee }, ordering()).expect("a good committee");
        let error = Err(Error::Epoch {
            wanted: epoch,
            found: 3,
        });
        assert_eq!(other.certificate(&good), error);
        assert_eq!(
            other.certificate(&Certificate { epoch, ..good }),
            Err(Error::Refused)
        );
    }
    let other = Verifier::new(&committee, Fr::from(6u64)).expect("a good committee");
    assert_eq!(other.certificate(&good), Err(Error::Refused));
    for bit in 0..384 {
        let signature = flipped(good.signature, bit);
        let found = verifier.certificate(&Certificate { signature, ..good });
        assert!(
            matches!(found, Err(Error::Signature(_) | Error::Refused)),
            "{bit}: {found:?}"
        );
    }
}

#[test]
fn a_signature_serves_one_purpose() {
    let (signer, next) = (signer(0), signer(1));
    let verifier = verifier(&signer);
    let certificate = signer.certificate(4, [7; 32]).expect("a view");
    let seed = signer.seed(4);
    let handover = signer
        .handover(5, [7; 32], *next.committee())
        .expect("the next epoch");
    assert_eq!(verifier.seed(&certificate, &seed), Ok(()));
    assert_eq!(
        verifier.handover(&handover).as_ref().map(Verifier::committee),
        Ok(next.committee())
    );
    for signature in [seed, handover.signature] {
        let changed = Certificate {
            signature,
            ..certificate
        };
        assert_eq!(verifier.certificate(&changed), Err(Error::Refused));
    }
    for signature in [certificate.signature, handover.signature] {
        assert_eq!(verifier.seed(&certificate, &signature), Err(Error::Refused));
    }
    for signature in [certificate.signature, seed] {
        let changed = Handover {
            signature,
            ..handover
        };
        assert_eq!(verifier.handover(&changed), Err(Error::Refused));
    }
}

#[test]
fn a_seed_is_of_its_round_and_nothing_else() {
    let signer = signer(2);
    let verifier = verifier(&signer);
    let certificate = signer.certificate(4, [7; 32]).expect("a view");
    let seed = signer.seed(4);
    assert_eq!(verifier.seed(&certificate, &seed), Ok(()));
    // The content does not matter, the round does.
    let other = signer.certificate(4, [8; 32]).expect("a view");
    assert_eq!(verifier.seed(&other, &seed), Ok(()));
    let next = signer.certificate(5, [7; 32]).expect("a view");
    assert_eq!(verifier.seed(&next, &seed), Err(Error::Refused));
    let earlier = Certificate {
        epoch: 1,
        ..certificate
    };
    assert_eq!(
        verifier.seed(&earlier, &seed),
        Err(Error::Epoch { wanted: 2, found: 1 })
    );
    let same_key = Signer::new(key(3), 3, ordering());
    assert_eq!(
        verifier.seed(&certificate, &same_key.seed(4)),
        Err(Error::Refused)
    );
    let elsewhere = Signer::new(key(3), 2, Fr::from(6u64));
    assert_eq!(
        verifier.seed(&certificate, &elsewhere.seed(4)),
        Err(Error::Refused)
    );
    // The zero bytes of the first block after genesis are no signature.
    let form = Err(Error::Signature(PointError::Form));
    assert_eq!(verifier.seed(&certificate, &[0; 48]), form);
}

#[test]
fn rounds_have_an_order_and_one_alone_has_no_gaps() {
    let alone = signer(0);
    let (_, four) = of_four(1, 0);
    for (committee, gap) in [(*alone.committee(), Err(Error::Gap)), (four, Ok(()))] {
        // The same key, so that only the number of members differs.
        let verifier = Verifier::new(&committee, ordering()).expect("a good committee");
        for (parent_view, view, expected) in [
            (4, 5, Ok(())),
            (4, 6, gap),
            (0, u64::MAX, gap),
            (5, 5, Err(Error::Round)),
            (6, 5, Err(Error::Round)),
        ] {
            let mut certificate = Certificate {
                epoch: 0,
                view,
                parent_view,
                payload: [7; 32],
                signature: [0; 48],
            };
            certificate.signature = key(1).sign(&certificate.signed_bytes(ordering()));
            assert_eq!(
                verifier.certificate(&certificate),
                expected,
                "{parent_view} {view}"
            );
            let seed = alone.seed(parent_view);
            assert_eq!(
                verifier.seed(&certificate, &seed),
                expected,
                "{parent_view} {view}"
            );
        }
    }
}

#[test]
fn certificates_stand_on_the_one_before() {
    let signer = signer(1);
    let verifier = verifier(&signer);
    let at = |parent_view| signer.certificate(parent_view, [7; 32]).expect("a view");
    assert_eq!(verifier.follows(None, &at(0)), Ok(()));
    assert_eq!(verifier.follows(Some(&at(4)), &at(5)), Ok(()));
    let wrong = |wanted, found| Err(Error::Parent { wanted, found });
    assert_eq!(verifier.follows(None, &at(1)), wrong(0, 1));
    assert_eq!(verifier.follows(Some(&at(4)), &at(4)), wrong(5, 4));
    assert_eq!(verifier.follows(Some(&at(4)), &at(6)), wrong(5, 6));
    let earlier = Certificate { epoch: 0, ..at(4) };
    let error = Err(Error::Epoch { wanted: 1, found: 0 });
    assert_eq!(verifier.follows(Some(&earlier), &at(5)), error);
    assert_eq!(verifier.follows(None, &Certificate { epoch: 0, ..at(0) }), error);
    assert_eq!(
        verifier.follows(None, &Certificate { view: 9, ..at(0) }),
        Err(Error::Gap)
    );
}

#[test]
fn a_handover_leads_from_one_committee_to_the_next() {
    let (old, new) = (signer(0), signer(1));
    let verifier = verifier(&old);
    let good = old
        .handover(9, [7; 32], *new.committee())
        .expect("the next epoch");
    assert_eq!(Handover::decode(&good.encode()), Ok(good));
    let next = verifier.handover(&good).expect("a good handover");
    let first = new.certificate(0, [8; 32]).expect("a view");
    assert_eq!(next.certificate(&first), Ok(()));
    assert_eq!(next.seed(&first, &new.seed(0)), Ok(()));
    let late = Err(Error::Epoch { wanted: 0, found: 1 });
    assert_eq!(verifier.certificate(&first), late);

    let (_, other) = of_four(9, 1);
    for changed in [
        Handover {
            last_height: 8,
            ..good
        },
        Handover {
            last_digest: [8; 32],
            ..good
        },
        Handover { new: other, ..good },
    ] {
        assert_eq!(verifier.handover(&changed), Err(Error::Refused));
    }
    // Of the same epoch, by another key; and the right key as if it were of four.
    let stranger = Signer::new(key(7), 0, ordering());
    let strange = stranger
        .handover(9, [7; 32], *new.committee())
        .expect("the next epoch");
    let four = Committee {
        members: 4,
        threshold: 3,
        ..*old.committee()
    };
    for changed in [
        strange,
        Handover { old: four, ..good },
        Handover {
            old: *new.committee(),
            ..good
        },
    ] {
        assert_eq!(verifier.handover(&changed), Err(Error::OtherCommittee));
    }
    let elsewhere = Verifier::new(old.committee(), Fr::from(6u64)).expect("a good committee");
    assert_eq!(elsewhere.handover(&good), Err(Error::Refused));
    for bit in 0..384 {
        let signature = flipped(good.signature, bit);
        let found = verifier.handover(&Handover { signature, ..good });
        assert!(
            matches!(found, Err(Error::Signature(_) | Error::Refused)),
            "{bit}: {found:?}"
        );
    }
}

#[test]
fn a_handover_names_a_committee_that_is_one() {
    let old = signer(0);
    let verifier = verifier(&old);
    let good = *signer(1).committee();
    for epoch in [0, 2] {
        let skipped = Committee { epoch, ..good };
        let error = Error::Epoch {
            wanted: 1,
            found: epoch,
        };
        assert_eq!(old.handover(9, [7; 32], skipped), Err(error));
        let mut handover = old.handover(9, [7; 32], good).expect("the next epoch");
        handover.new = skipped;
        handover.signature = key(1).sign(&handover.signed_bytes(ordering()));
        assert_eq!(verifier.handover(&handover), Err(error));
    }
    // Validly signed, which is what the check of the new key is for.
    for (new, error) in [
        (
            Committee {
                public_key: bytes_of(&G2Affine::identity()),
                ..good
            },
            Error::Key(PointError::Infinity),
        ),
        (
            Committee {
                public_key: bytes_of(&outside_g2()),
                ..good
            },
            Error::Key(PointError::Subgroup),
        ),
        (
            Committee {
                members: 4,
                threshold: 2,
                ..good
            },
            Error::Committee,
        ),
        (
            Committee {
                members: 0,
                threshold: 0,
                ..good
            },
            Error::Committee,
        ),
    ] {
        let handover = old.handover(9, [7; 32], new).expect("the next epoch");
        assert_eq!(verifier.handover(&handover), Err(error));
        assert_eq!(Verifier::new(&new, ordering()), Err(error));
    }
}
