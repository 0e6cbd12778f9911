use super::*;
use crate::crypto::eddsa::SecretKey;

fn key() -> PublicKey {
    *SecretKey::from_seed(&[5; 32]).public_key()
}

fn session(limits: SessionLimits) -> KeyRecord {
    KeyRecord {
        role: Role::Session(key(), limits),
        expires_ms: 1000u32.into(),
    }
}

const LIMITS: SessionLimits = SessionLimits {
    scope: 0b101,
    gas_price_max: 7,
    lanes: 0b10,
};

#[test]
fn sessions_are_held_to_scope_lane_price_and_expiry() {
    let record = session(LIMITS);
    let now = U48::from(1000u32);
    assert!(record.allows(2, 1, Some(7), now));
    assert!(!record.allows(1, 1, Some(7), now), "entry outside the scope");
    assert!(!record.allows(2, 0, Some(7), now), "the owner's lane");
    assert!(
        !record.allows(2, 8, None, now) && !record.allows(2, 255, None, now),
        "no such lane"
    );
    assert!(!record.allows(2, 1, Some(8), now), "too high a price");
    assert!(record.allows(2, 1, None, now), "somebody else pays");
    assert!(!record.allows(2, 1, Some(7), 1001u32.into()), "expired");
    let all = session(SessionLimits {
        scope: u64::MAX,
        ..LIMITS
    });
    assert!(all.allows(63, 1, None, now) && !all.allows(64, 1, None, now) && !all.allows(255, 1, None, now));
    assert!(KeyRecord::owner(key()).allows(255, 0, Some(u64::MAX), U48::MAX));
}

#[test]
fn roles_have_one_form() {
    let good = KeyRecord::owner(key());
    assert_eq!(KeyRecord::decode(&good.encode()), Ok(good));
    for bad in [
        KeyRecord {
            expires_ms: 9u32.into(),
            ..good
        },
        session(SessionLimits { lanes: 0, ..LIMITS }),
        KeyRecord {
            role: Role::L1Owner(L1Address::default()),
            ..good
        },
    ] {
        assert!(KeyRecord::decode(&bad.encode()).is_err(), "{bad:?}");
    }
    // A limit beside an owner; a role that does not exist; bits above the lanes; a point that is none.
    for (at, value) in [
        (64, 1),
        (88, 1),
        (78, 1),
        (81, 0),
        (81, 4),
        (79, 1),
        (82, 1),
        (0, 0xff),
    ] {
        let mut bytes = good.encode();
        bytes[at] = value;
        assert!(KeyRecord::decode(&bytes).is_err(), "byte {at} = {value}");
    }
}

#[test]
fn ids_are_apart_and_not_reserved() {
    let ids = [
        AccountId::from_key(&key()),
        AccountId::from_l1(L1Address([1; 20])),
        AccountId::NONE,
        AccountId::MODULE,
    ];
    for (at, id) in ids.iter().enumerate() {
        assert!(ids.iter().skip(at + 1).all(|other| other != id));
    }
}

#[test]
fn account_records_are_canonical() {
    let record = AccountRecord {
        balance: u128::MAX,
        next_nonces: [U48::MAX; NONCE_LANES],
        created: true,
    };
    assert_eq!(AccountRecord::decode(&record.encode()), Ok(record));
    for at in [22, 23, 80, 82, 88] {
        let mut bytes = record.encode();
        bytes[at] ^= 2;
        assert!(AccountRecord::decode(&bytes).is_err(), "byte {at}");
    }
}
