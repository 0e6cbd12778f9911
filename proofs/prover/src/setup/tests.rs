//! The setup against the library's own for the same secret, and the cache against damage.

use super::insecure::{family, insecure_secret};
use super::points::Basis;
use super::*;
use halo2_proofs::SerdeFormat;
use rand_core::RngCore;
use std::io;
use std::path::{Path, PathBuf};

/// Hands the library our secret: it draws 64 bytes and reduces them.
struct SecretBytes(Vec<u8>);

impl RngCore for SecretBytes {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }
    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }
    fn fill_bytes(&mut self, dest: &mut [u8]) {
        let rest = self.0.split_off(dest.len());
        dest.copy_from_slice(&std::mem::replace(&mut self.0, rest));
    }
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(dest);
        Ok(())
    }
}

fn bytes(params: &Params) -> Vec<u8> {
    let mut out = Vec::new();
    params.write_custom(&mut out, SerdeFormat::RawBytes).unwrap();
    out
}

/// A folder of this test alone.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("playfair-setup-{}-{name}", std::process::id()));
    let _ = fs_remove(&folder);
    folder
}

fn fs_remove(folder: &Path) -> io::Result<()> {
    std::fs::remove_dir_all(folder)
}

#[test]
fn equals_the_library_for_the_same_secret() {
    let mut secret = insecure_secret().to_repr().as_ref().to_vec();
    secret.resize(64, 0);
    for k in [3, 6] {
        let library = Params::setup(k, SecretBytes(secret.clone()));
        assert!(
            bytes(&library) == bytes(&insecure_development(k, None).unwrap()),
            "k = {k}"
        );
    }
}

#[test]
fn verifiers_pin_the_same_point() {
    let pinned = playfair_proofs_verifier::setup::secret_in_g2(Setup::InsecureDevelopment).unwrap();
    let ours = insecure_secret_in_g2();
    let ours = [ours.x.c0, ours.x.c1, ours.y.c0, ours.y.c1].map(|coordinate| {
        let mut limbs = [0u64; 4];
        for (limb, word) in limbs
            .iter_mut()
            .zip(coordinate.to_repr().as_ref().as_chunks::<8>().0)
        {
            *limb = u64::from_le_bytes(*word);
        }
        ark_bn254::Fq::from(ark_ff::BigInt::<4>::new(limbs))
    });
    let pinned = [pinned.x.c0, pinned.x.c1, pinned.y.c0, pinned.y.c1];
    assert_eq!(pinned, ours, "pin the right-hand side");
}

#[test]
fn damaged_files_are_made_anew() {
    let folder = folder("damage");
    let wanted = bytes(&insecure_development(5, Some(&folder)).unwrap());
    let files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 2);
    for path in &files {
        let intact = std::fs::read(path).unwrap();
        let mut cases: Vec<Vec<u8>> = [0, 8, 9, 10, 41, 42, 1000, intact.len() - 1]
            .map(|at| {
                let mut bytes = intact.clone();
                bytes[at] ^= 1;
                bytes
            })
            .to_vec();
        cases.extend([
            vec![],
            intact[..intact.len() - 1].to_vec(),
            [&intact[..], &[0]].concat(),
        ]);
        for case in cases {
            std::fs::write(path, case).unwrap();
            assert!(bytes(&insecure_development(5, Some(&folder)).unwrap()) == wanted);
            assert!(std::fs::read(path).unwrap() == intact, "mended");
        }
    }
    fs_remove(&folder).unwrap();
}

#[test]
fn a_point_off_the_curve_is_found_even_under_a_right_hash() {
    let folder = folder("curve");
    let wanted = bytes(&insecure_development(4, Some(&folder)).unwrap());
    let mut points = vec![G1Affine::generator(); 16];
    points[7].y = points[7].y.double();
    family(&folder).store(Basis::Lagrange, 4, &points).unwrap();
    assert!(bytes(&insecure_development(4, Some(&folder)).unwrap()) == wanted);
    fs_remove(&folder).unwrap();
}

#[test]
fn smaller_sizes_come_from_larger_files() {
    let folder = folder("smaller");
    insecure_development(6, Some(&folder)).unwrap();
    let small = bytes(&insecure_development(4, Some(&folder)).unwrap());
    assert!(small == bytes(&insecure_development(4, None).unwrap()));
    assert!(!folder.join("insecure-development-powers-4.srs").exists());
    fs_remove(&folder).unwrap();
}

#[test]
fn sizes_and_folders_are_checked() {
    for k in [0, 2, 25, u32::MAX] {
        assert!(matches!(insecure_development(k, None), Err(SetupError::Size(found)) if found == k));
    }
    let folder = folder("file");
    std::fs::write(&folder, b"a file where a folder should be").unwrap();
    let error = insecure_development(3, Some(&folder)).unwrap_err();
    assert!(error.to_string().contains("give another folder"), "{error}");
    std::fs::remove_file(&folder).unwrap();
}

/// A file is written under a name that nobody knows before, and never through somebody else's link.
#[cfg(unix)]
#[test]
fn links_in_the_folder_are_not_followed() {
    let folder = folder("links");
    std::fs::create_dir_all(&folder).unwrap();
    let precious = folder.join("precious");
    std::fs::write(&precious, b"precious").unwrap();
    let family = family(&folder);
    let path = family.file(Basis::Powers, 3);
    for number in 0..64 {
        let link = path.with_extension(format!("partial-{}-{number}", std::process::id()));
        std::os::unix::fs::symlink(&precious, link).unwrap();
    }
    // The file itself may be a link too: it is replaced, not what it points to.
    std::os::unix::fs::symlink(&precious, &path).unwrap();
    let points = vec![G1Affine::generator(); 8];
    family.store(Basis::Powers, 3, &points).unwrap();
    assert_eq!(std::fs::read(&precious).unwrap(), b"precious");
    assert!(!std::fs::symlink_metadata(&path).unwrap().is_symlink());
    assert!(family.load(Basis::Powers, 3).unwrap().unwrap() == points);
    fs_remove(&folder).unwrap();
}
