//! The wallet in Chromium. What each scenario does is told in `tests/peers/wallet-pages.mjs`; what it signs is verified here.

use playfair_light_client_page::chromium::{built, recording, run};
use playfair_types::account::AccountId;
use playfair_types::crypto::babyjubjub::PublicKey;
use playfair_types::crypto::eddsa::{Signature, verify};
use playfair_types::crypto::field::{fr_from_bytes, fr_to_bytes};
use playfair_types::tape::call::SignedCall;
use playfair_types::{Decode, Encode};
use serde_json::Value;
use std::path::Path;

fn scenario(name: &str) -> String {
    run(
        "wallet-pages.mjs",
        &[Path::new(name), &built("light-client"), &recording()],
    )
}

fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

#[test]
fn what_it_signs_is_a_call_of_its_key() {
    let told: Value = serde_json::from_str(&scenario("signs")).unwrap();
    let chain = fr_from_bytes(&bytes(&told["chain"]).try_into().unwrap()).unwrap();
    let key = PublicKey::from_bytes(&bytes(&told["publicKey"]).try_into().unwrap()).unwrap();
    let account = AccountId::from_key(&key);
    assert_eq!(account.0.to_vec(), bytes(&told["account"]));
    let read = |name: &str| {
        let record = bytes(&told[name]["record"]);
        let signed = SignedCall::decode(&record).unwrap();
        assert_eq!(signed.encode(), record);
        let message = signed.call.message(chain);
        assert_eq!(fr_to_bytes(&message).to_vec(), bytes(&told[name]["id"]));
        let signature = Signature::from_bytes(&signed.signature.0).unwrap();
        assert!(verify(&key, message, &signature).is_ok(), "{name}");
        signed.call
    };
    let (first, second) = (read("first"), read("second"));
    assert_eq!(first.new_key, Some(key.to_bytes()));
    assert_eq!(
        (first.account, first.nonce.get(), first.payload.as_slice()),
        (account, 0, &[1, 2, 3][..])
    );
    assert_eq!(
        (second.account, second.key_index, second.lane),
        (AccountId([0; 20]), 4, 3)
    );
    assert_eq!(
        (second.nonce.get(), second.gas_price, second.new_key),
        (5, 17, None)
    );
}

#[test]
fn what_lets_a_key_act_is_as_the_format_has_it() {
    let _ = scenario("sessions");
}

#[test]
fn two_tabs_make_one_key() {
    let _ = scenario("tabs");
}

#[test]
fn what_is_kept_is_no_secret() {
    let _ = scenario("sealed");
}

#[test]
fn a_backup_brings_keys_back_and_replaces_none() {
    let _ = scenario("backup");
}

#[test]
fn a_strangers_keys_crowd_out_nothing() {
    let _ = scenario("crowds");
}

#[test]
fn a_name_looks_like_what_it_is() {
    let _ = scenario("names");
}

#[test]
fn what_opens_no_more_is_restored() {
    let _ = scenario("mends");
}

#[test]
fn secrets_are_overwritten_whatever_fails() {
    let _ = scenario("overwrites");
}
