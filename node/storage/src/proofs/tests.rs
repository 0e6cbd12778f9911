use super::*;
use crate::{Folder, Medium};
use playfair_types::Encode;
use playfair_types::account::L1Address;
use playfair_types::bounded::Bytes;
use playfair_types::module::ModuleHash;
use playfair_types::segment::SegmentInputs;

const CACHE: usize = 1 << 20;

fn chain() -> Fr {
    Fr::from(7u64)
}

/// The boundary after so many frames of a history.
fn boundary(frames: u64, history: u64) -> Boundary {
    let mut boundary = Boundary::before_genesis(chain(), ModuleHash([1; 31]));
    if frames > 0 {
        boundary.tape.length += frames;
        boundary.tape.value = Fr::from(1_000 * history + frames);
        boundary.height = frames / 10;
    }
    boundary
}

fn proof(from: u64, to: u64, history: u64) -> ProofEnvelope {
    ProofEnvelope {
        vk: Fr::from(3u64),
        inputs: SegmentInputs {
            chain_id: chain(),
            payout: L1Address::default(),
            work: to.saturating_sub(from),
            before: boundary(from, history),
            after: boundary(to, history),
        },
        proof: Bytes::new(vec![to as u8; 40]).unwrap(),
    }
}

struct Scene(Folder);

impl Scene {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("playfair-proofs-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(Folder::new(path).unwrap())
    }

    fn open(&self) -> Result<Proofs, ProofsError> {
        Proofs::open(Medium::open(&self.0, "proofs.redb").unwrap(), CACHE, chain())
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        std::fs::remove_dir_all(self.0.path()).unwrap();
    }
}

#[test]
fn proofs_come_in_any_order_and_the_tip_waits_for_gaps() {
    let scene = Scene::new("order");
    let proofs = scene.open().unwrap();
    assert_eq!(proofs.tip().frames(), 0);
    assert_eq!(proofs.put(&proof(20, 30, 0)).unwrap().frames(), 0);
    assert_eq!(proofs.put(&proof(10, 20, 0)).unwrap().frames(), 0);
    assert_eq!(proofs.list(0, 9).unwrap(), [], "nothing is proven yet");
    assert!(proofs.bytes(10).unwrap().is_none() && proofs.at(10).unwrap().is_some());
    let tip = proofs.put(&proof(0, 10, 0)).unwrap();
    assert_eq!((tip.frames(), tip.proofs, tip.work), (30, 3, 30));
    drop(proofs);
    // And it is so after the next start.
    let proofs = scene.open().unwrap();
    assert_eq!(proofs.tip(), tip);
    assert_eq!(proofs.bytes(10).unwrap().unwrap(), proof(10, 20, 0).encode());
    let listed = proofs.list(5, 9).unwrap();
    assert_eq!(
        listed.iter().map(|listed| listed.first_frame).collect::<Vec<_>>(),
        [10, 20]
    );
    assert_eq!((listed[0].first_height, listed[0].last_height), (1, 2));
    for (frame, first) in [
        (0, Some(0)),
        (9, Some(0)),
        (10, Some(10)),
        (29, Some(20)),
        (30, None),
    ] {
        let about = proofs.about(frame).unwrap().map(|listed| listed.first_frame);
        assert_eq!(about, first, "frame {frame}");
    }
    // A second proof of the same records changes nothing.
    assert_eq!(proofs.put(&proof(10, 15, 0)).unwrap(), tip);
    assert_eq!(proofs.bytes(10).unwrap().unwrap(), proof(10, 20, 0).encode());
}

#[test]
fn what_was_cut_elsewhere_is_overtaken() {
    let scene = Scene::new("overtaken");
    let proofs = scene.open().unwrap();
    // Cut at 10 and 15 once; now at 20.
    proofs.put(&proof(10, 15, 0)).unwrap();
    proofs.put(&proof(15, 40, 0)).unwrap();
    assert_eq!(proofs.put(&proof(0, 20, 0)).unwrap().frames(), 20);
    assert!(proofs.at(10).unwrap().is_none() && proofs.at(15).unwrap().is_none());
    assert_eq!(proofs.about(12).unwrap().unwrap().first_frame, 0);
    // One that begins at the right frame, of another history, goes too.
    proofs.put(&proof(20, 30, 1)).unwrap();
    assert!(proofs.at(20).unwrap().is_none());
    assert_eq!(proofs.tip().frames(), 20);
    assert_eq!(proofs.put(&proof(20, 30, 0)).unwrap().frames(), 30);
}

#[test]
fn another_chains_proofs_and_proofs_of_nothing_are_refused() {
    let scene = Scene::new("refused");
    let proofs = scene.open().unwrap();
    let mut other = proof(0, 10, 0);
    other.inputs.chain_id = Fr::from(8u64);
    assert!(matches!(proofs.put(&other), Err(ProofsError::Order(_))));
    assert!(matches!(
        proofs.put(&proof(10, 10, 0)),
        Err(ProofsError::Order(_))
    ));
    assert!(matches!(proofs.put(&proof(10, 5, 0)), Err(ProofsError::Order(_))));
    drop(proofs);
    let medium = Medium::open(&scene.0, "proofs.redb").unwrap();
    let error = Proofs::open(medium, CACHE, Fr::from(8u64)).unwrap_err();
    assert!(matches!(error, ProofsError::Other(_)) && error.is_damage());
}

#[test]
fn keys_are_kept_by_their_digests() {
    let scene = Scene::new("keys");
    let proofs = scene.open().unwrap();
    proofs.put_key(Fr::from(5u64), b"a key").unwrap();
    assert_eq!(proofs.key(Fr::from(5u64)).unwrap().unwrap(), b"a key");
    assert!(proofs.key(Fr::from(6u64)).unwrap().is_none());
}

#[test]
fn a_file_of_something_else_is_damage() {
    let scene = Scene::new("damage");
    std::fs::write(scene.0.path().join("proofs.redb"), vec![7; 3 * 4_104]).unwrap();
    assert!(scene.open().unwrap_err().is_damage());
}
