//! Imports, their folders, and what is done to them.

use super::super::sample::File;
use super::super::{insecure_development, kind};
use super::*;
use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine, G2};
use halo2_proofs::halo2curves::group::Curve;
use playfair_types::vk::Setup;
use std::path::PathBuf;

/// A folder of one test, with a file to import and a place for the setup.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("playfair-ceremony-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn setup(&self) -> PathBuf {
        self.0.join("setup")
    }

    fn import(&self, file: &File, sizes: &[u32]) -> Result<Ceremony, SetupError> {
        let path = self.0.join("file.ptau");
        fs::write(&path, file.bytes()).unwrap();
        import(&path, sizes, &self.setup(), &mut |_| {})
    }

    /// Imports snarkjs' file.
    fn imported(&self, sizes: &[u32]) -> [u8; 32] {
        self.import(&File::of_snarkjs(), sizes).unwrap().digest()
    }

    fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.setup())
            .map(|entries| {
                let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
                names.collect()
            })
            .unwrap_or_default();
        names.sort();
        names
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Powers of one secret in the place of those of snarkjs.
fn of_secret(secret: Fr) -> File {
    let mut file = File::small();
    let mut power = Fr::ONE;
    for number in 0..15 {
        file.set_g1(number, (G1::generator() * power).to_affine());
        if number < 8 {
            file.set_g2(number, (G2::generator() * power).to_affine());
        }
        power *= secret;
    }
    file
}

#[test]
fn an_import_is_loaded_for_the_sizes_that_it_was_prepared_for() {
    let place = Place::new("import");
    let mut seen = Vec::new();
    let path = place.0.join("file.ptau");
    fs::write(&path, File::of_snarkjs().bytes()).unwrap();
    let ceremony = import(&path, &[5, 3], &place.setup(), &mut |progress| {
        seen.push(progress)
    })
    .unwrap();
    let digest = ceremony.digest();
    assert_eq!(
        seen,
        [
            Progress::Read { power: 5, k: 5 },
            Progress::Checked,
            Progress::Prepared { k: 5, computed: true },
            Progress::Prepared { k: 3, computed: true }
        ]
    );
    for k in [3, 5] {
        let params = load(&place.setup(), &digest, k).unwrap();
        assert_eq!(kind(&params), Setup::PowersOfTau);
        assert_eq!(to_bytes(&params.s_g2()), ceremony.to_bytes());
    }
    let missing = load(&place.setup(), &digest, 4).unwrap_err();
    assert!(
        missing.to_string().contains("not prepared for k = 4"),
        "{missing}"
    );
    assert!(matches!(
        load(&place.setup(), &digest, 25),
        Err(SetupError::Unprepared(_, 25) | SetupError::Size(25))
    ));
    // Another size of the same ceremony, from a shorter file: the digest is one for all.
    assert_eq!(place.import(&File::small(), &[3]).unwrap().digest(), digest);
    assert_eq!(place.imported(&[4]), digest);
    for k in [3, 4, 5] {
        load(&place.setup(), &digest, k).unwrap();
    }
}

/// A basis in the file saves computing it, and nothing else about the setup depends on it.
#[test]
fn a_lagrange_basis_is_taken_only_if_it_is_right() {
    let place = Place::new("offered");
    let plain = place.imported(&[3]);
    let name = place.setup().join("powers-of-tau-lagrange-3.srs");
    let wanted = fs::read(&name).unwrap();
    let points = wanted[wanted.len() - 64 * 8..].to_vec();
    let offer = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut section = vec![0; 64 * ((4 << 5) - 1)];
        section[64 * 7..64 * 15].copy_from_slice(&points);
        change(&mut section);
        let mut file = File::of_snarkjs();
        file.sections.push((12, section));
        let path = place.0.join("offered.ptau");
        fs::write(&path, file.bytes()).unwrap();
        fs::remove_file(&name).unwrap();
        let mut taken = None;
        let see = &mut |progress| {
            if let Progress::Prepared { computed, .. } = progress {
                taken = Some(!computed);
            }
        };
        assert_eq!(import(&path, &[3], &place.setup(), see).unwrap().digest(), plain);
        assert!(fs::read(&name).unwrap() == wanted);
        taken.unwrap()
    };
    assert!(offer(&|_| {}));
    let exchange = |section: &mut Vec<u8>| section[64 * 7..64 * 9].rotate_left(64);
    assert!(!offer(&exchange), "another order");
    assert!(!offer(&|section| section[64 * 9] ^= 1), "off the curve");
    assert!(
        !offer(&|section| section[64 * 14..64 * 15].fill(0)),
        "at infinity"
    );
    assert!(!offer(&|section| section.truncate(64 * 15)), "another length");
}

#[test]
fn the_digest_is_pinned() {
    let place = Place::new("digest");
    let digest = place.imported(&[3]);
    assert_eq!(pinned(&place.setup(), &digest).unwrap().digest(), digest);
    let mut other = digest;
    other[0] ^= 1;
    for error in [
        pinned(&place.setup(), &other).map(|_| ()).unwrap_err(),
        load(&place.setup(), &other, 3).map(|_| ()).unwrap_err(),
    ] {
        assert!(
            error.to_string().contains("another ceremony than the pinned one"),
            "{error}"
        );
    }
    // The fixture's own: a change of the definition would break chains.
    let hexadecimal: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        hexadecimal,
        "8a0e7992e0a56e77cef6767c419b5ec4ce6fdde1092f3e26e49bcbdf919d8ce2"
    );
}

#[test]
fn other_ceremonies_are_not_mixed() {
    let place = Place::new("mixed");
    let digest = place.imported(&[3]);
    let other = of_secret(Fr::from(1 << 40));
    let refused = place.import(&other, &[3]).unwrap_err();
    assert!(matches!(refused, SetupError::OtherCeremony(_)), "{refused}");
    load(&place.setup(), &digest, 3).unwrap();
    // What is damaged is not called another ceremony's, and what the message says helps.
    let point = place.setup().join(POINT_FILE);
    let intact = fs::read(&point).unwrap();
    fs::write(&point, &intact[1..]).unwrap();
    let damaged = place.import(&File::small(), &[3]).unwrap_err();
    assert!(damaged.to_string().contains("remove it and import"), "{damaged}");
    fs::remove_file(&point).unwrap();
    assert_eq!(place.import(&File::small(), &[3]).unwrap().digest(), digest);
    // Files carried over from another folder.
    let elsewhere = Place::new("elsewhere");
    elsewhere.import(&other, &[3]).unwrap();
    for name in ["powers-of-tau-powers-3.srs", "powers-of-tau-lagrange-3.srs"] {
        let own = fs::read(place.setup().join(name)).unwrap();
        fs::copy(elsewhere.setup().join(name), place.setup().join(name)).unwrap();
        assert!(
            matches!(load(&place.setup(), &digest, 3), Err(SetupError::Damaged(_))),
            "{name}"
        );
        fs::write(place.setup().join(name), own).unwrap();
    }
    fs::copy(elsewhere.setup().join(POINT_FILE), place.setup().join(POINT_FILE)).unwrap();
    assert!(matches!(
        load(&place.setup(), &digest, 3),
        Err(SetupError::Point(_, playfair_proofs_verifier::Error::SetupDigest))
    ));
}

#[test]
fn the_insecure_secret_and_other_known_ones_are_no_ceremony() {
    let place = Place::new("known");
    let refused = |secret: Fr| {
        let error = place.import(&of_secret(secret), &[3]).unwrap_err();
        assert!(place.files().is_empty(), "nothing is kept");
        error.to_string()
    };
    let insecure = super::super::insecure::insecure_secret();
    for secret in [insecure, -insecure, Fr::ONE, -Fr::ONE] {
        let words = refused(secret);
        assert!(words.contains("a secret that anybody knows"), "{words}");
    }
    for secret in [Fr::from(2), Fr::from(1000).invert().unwrap()] {
        let words = refused(secret);
        assert!(words.contains("to which nobody contributed"), "{words}");
    }
    // A root of unity of order 8 is found by its Lagrange basis, before the folder holds a setup.
    let root = super::super::root(8);
    let error = place.import(&of_secret(root), &[3]).unwrap_err();
    assert!(
        matches!(error, SetupError::Structure(_, StructureError::KnownSecret)),
        "{error}"
    );
    assert!(!place.files().contains(&POINT_FILE.to_owned()));
    let insecure = insecure_development(3, None).unwrap();
    assert_eq!(kind(&insecure), Setup::InsecureDevelopment);
}

#[test]
fn points_that_are_no_powers_are_not_imported() {
    let place = Place::new("structure");
    let refused = |change: &dyn Fn(&mut File), wanted: StructureError| {
        let mut file = File::small();
        change(&mut file);
        let error = place.import(&file, &[3]).unwrap_err();
        assert!(
            matches!(error, SetupError::Structure(_, found) if found == wanted),
            "{error}"
        );
        assert!(place.files().is_empty());
    };
    let other = (G1::generator() * Fr::from(5)).to_affine();
    let others = (G2::generator() * Fr::from(5)).to_affine();
    refused(&|file| file.set_g1(0, other), StructureError::FirstInG1);
    refused(&|file| file.set_g1(1, other), StructureError::KnownSecret);
    refused(&|file| file.set_g2(0, others), StructureError::FirstInG2);
    refused(&|file| file.set_g2(1, others), StructureError::Groups);
    for number in 2..8 {
        refused(&|file| file.set_g1(number, other), StructureError::Powers);
    }
}

#[test]
fn damaged_and_forged_files_are_refused_whenever_they_are_loaded() {
    let place = Place::new("damage");
    let digest = place.imported(&[3]);
    let names = place.files();
    assert_eq!(
        names,
        [
            POINT_FILE,
            "powers-of-tau-lagrange-3.srs",
            "powers-of-tau-powers-3.srs"
        ]
    );
    for name in &names {
        let path = place.setup().join(name);
        let intact = fs::read(&path).unwrap();
        for at in 0..intact.len() {
            let mut bytes = intact.clone();
            bytes[at] ^= 1;
            fs::write(&path, bytes).unwrap();
            assert!(load(&place.setup(), &digest, 3).is_err(), "{name}: byte {at}");
        }
        for bytes in [
            &intact[..0],
            &intact[..intact.len() - 1],
            &[&intact[..], &[0]].concat(),
        ] {
            fs::write(&path, bytes).unwrap();
            let error = load(&place.setup(), &digest, 3).unwrap_err();
            assert!(
                error.to_string().contains("import the setup again"),
                "{name}: {error}"
            );
        }
        fs::remove_file(&path).unwrap();
        let error = load(&place.setup(), &digest, 3).unwrap_err();
        assert!(error.to_string().contains("import"), "{name}: {error}");
        fs::write(&path, intact).unwrap();
    }
    load(&place.setup(), &digest, 3).unwrap();

    // Under right hashes: a point off the curve, a power, and a basis that commits to something else.
    let ceremony = pinned(&place.setup(), &digest).unwrap();
    let folder = place.setup();
    let family = family(&folder, &ceremony);
    let powers = family.load(Basis::Powers, 3).unwrap().unwrap();
    let lagrange = family.load(Basis::Lagrange, 3).unwrap().unwrap();
    let forge = |basis: Basis, points: &[G1Affine], change: &dyn Fn(&mut [G1Affine])| {
        let mut forged = points.to_vec();
        change(&mut forged);
        family.store(basis, 3, &forged).unwrap();
        let error = load(&folder, &digest, 3).map(|_| ()).unwrap_err();
        family.store(basis, 3, points).unwrap();
        format!("{error:?}")
    };
    let off = |points: &mut [G1Affine]| points[4].y = points[4].y.double();
    for (basis, points) in [(Basis::Powers, &powers), (Basis::Lagrange, &lagrange)] {
        assert!(forge(basis, points, &off).starts_with("Damaged"));
    }
    let swap = |points: &mut [G1Affine]| points.swap(4, 5);
    assert!(forge(Basis::Powers, &powers, &swap).contains("Structure"));
    assert!(forge(Basis::Lagrange, &lagrange, &swap).contains("Lagrange"));
    load(&folder, &digest, 3).unwrap();
}

#[test]
fn a_stopped_import_leaves_nothing_that_is_believed() {
    let place = Place::new("stopped");
    let path = place.0.join("file.ptau");
    fs::write(&path, File::of_snarkjs().bytes()).unwrap();
    let whole = place.imported(&[3, 4]);
    let kept = place.files();
    // Stopped after each of its steps: the last file is the one that says that there is a setup.
    fs::remove_file(place.setup().join(POINT_FILE)).unwrap();
    assert!(matches!(
        load(&place.setup(), &whole, 3),
        Err(SetupError::NoSetup(_))
    ));
    // Stopped while writing: such a file is never looked at.
    fs::write(place.setup().join("ceremony.partial-1-0"), b"PFSETUP1").unwrap();
    assert!(matches!(
        load(&place.setup(), &whole, 3),
        Err(SetupError::NoSetup(_))
    ));
    fs::remove_file(place.setup().join("ceremony.partial-1-0")).unwrap();
    // A second try mends it.
    assert_eq!(place.imported(&[3, 4]), whole);
    assert_eq!(place.files(), kept);
    load(&place.setup(), &whole, 4).unwrap();
    // Where nothing can be written, nothing is left.
    let blocked = Place::new("blocked");
    fs::write(blocked.setup(), b"a file where a folder should be").unwrap();
    let error = import(&path, &[3], &blocked.setup(), &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("give another folder"), "{error}");
}

#[test]
fn what_is_no_file_is_refused() {
    let place = Place::new("nofile");
    let missing = place.0.join("missing.ptau");
    for path in [&missing, &place.0] {
        let error = import(path, &[3], &place.setup(), &mut |_| {}).unwrap_err();
        assert!(matches!(error, SetupError::File(..)), "{error}");
    }
    assert!(matches!(
        place.import(&File::small(), &[]),
        Err(SetupError::Size(0))
    ));
    assert!(matches!(
        place.import(&File::small(), &[3, 25]),
        Err(SetupError::Size(25))
    ));
    let small = place.import(&File::small(), &[3, 4]).unwrap_err();
    assert!(small.to_string().contains("give a larger file"), "{small}");
}
