//! Files that are not exactly of the format, each refused for its own reason.

use super::super::sample::File;
use super::*;
use halo2_proofs::halo2curves::group::cofactor::CofactorGroup;
use std::io::Cursor;

fn reading(bytes: Vec<u8>, k: u32) -> Result<Powers, PtauError> {
    read(&mut Cursor::new(bytes), k)
}

/// Why the file with a change is refused.
fn refused(change: impl FnOnce(&mut File)) -> String {
    let mut file = File::small();
    change(&mut file);
    refused_bytes(file.bytes())
}

fn refused_bytes(bytes: Vec<u8>) -> String {
    match reading(bytes, 3) {
        Err(error) => {
            assert!(error.to_string().len() > 20, "{error}");
            format!("{error:?}")
        }
        Ok(_) => panic!("accepted"),
    }
}

#[test]
fn a_file_of_snarkjs_is_read() {
    let powers = reading(File::of_snarkjs().bytes(), 4).unwrap();
    assert_eq!((powers.power, powers.in_g1.len()), (5, 16));
    assert_eq!(powers.in_g1[0], G1Affine::generator());
    assert_eq!(powers.in_g2[0], G2Affine::generator());
    let small = reading(File::small().bytes(), 3).unwrap();
    assert_eq!(small.power, 3);
    assert_eq!(small.in_g1[..], powers.in_g1[..8]);
    assert_eq!(small.in_g2, powers.in_g2);
}

#[test]
fn sections_may_come_in_any_order_and_unknown_ones_are_skipped() {
    let wanted = reading(File::small().bytes(), 3).unwrap();
    let mut file = File::small();
    file.sections.reverse();
    file.sections.push((12, vec![0xff; 1000]));
    file.sections.insert(0, (77, vec![]));
    let found = reading(file.bytes(), 3).unwrap();
    assert_eq!((found.in_g1, found.in_g2), (wanted.in_g1, wanted.in_g2));
}

#[test]
fn every_cut_is_refused() {
    let whole = File::small().bytes();
    for length in 0..whole.len() {
        let why = refused_bytes(whole[..length].to_vec());
        assert!(
            ["Magic", "Io", "Cut"].iter().any(|start| why.starts_with(start)),
            "{length}: {why}"
        );
    }
    let mut longer = whole;
    longer.push(0);
    assert_eq!(refused_bytes(longer), "Trailing(1)");
}

#[test]
fn headers_that_are_none_are_refused() {
    assert_eq!(refused(|file| file.magic = *b"zkey"), "Magic");
    assert_eq!(refused(|file| file.version = 2), "Version(2)");
    assert_eq!(refused(|file| file.sections.clear()), "Sections(0)");
    let many = |file: &mut File| file.sections.extend((100..200).map(|section| (section, vec![])));
    assert_eq!(refused(many), "Sections(103)");
    for section in [1, 2, 3] {
        let without = |file: &mut File| file.sections.retain(|(other, _)| *other != section);
        assert_eq!(refused(without), format!("Missing({section})"));
        let twice = |file: &mut File| {
            let content = file.section(section).clone();
            file.sections.push((section, content));
        };
        assert_eq!(refused(twice), format!("Repeated({section})"));
    }
    // One that is not read may not occur twice either.
    let twice = |file: &mut File| file.sections.extend([(7, vec![]), (7, vec![])]);
    assert_eq!(refused(twice), "Repeated(7)");
    assert_eq!(refused(|file| file.section(1)[0] = 48), "Field");
    assert_eq!(refused(|file| file.section(1)[4] ^= 1), "Field");
    assert_eq!(refused(|file| file.section(1)[35] ^= 1), "Field");
    let longer = "Length { section: 1, wanted: 44, found: 45 }";
    assert_eq!(refused(|file| file.section(1).push(0)), longer);
}

#[test]
fn powers_that_are_none_or_too_few_are_refused() {
    let power = |power: u8, ceremony: u8| {
        refused(|file| {
            file.section(1)[36] = power;
            file.section(1)[40] = ceremony;
        })
    };
    assert_eq!(power(0, 5), "Power(0, 5)");
    assert_eq!(power(4, 3), "Power(4, 3)");
    assert_eq!(power(3, 29), "Power(3, 29)");
    assert_eq!(power(255, 255), "Power(255, 255)");
    assert_eq!(
        power(28, 28),
        "Length { section: 2, wanted: 34359738304, found: 960 }"
    );
    let small = reading(File::small().bytes(), 4).unwrap_err();
    assert_eq!(format!("{small:?}"), "Small { power: 3, k: 4 }");
    for k in [0, 2, 25, u32::MAX] {
        assert!(matches!(reading(File::small().bytes(), k), Err(PtauError::Size(found)) if found == k));
    }
}

#[test]
fn lengths_that_lie_are_refused() {
    for (section, unit) in [(2, 64), (3, 128)] {
        let wanted = File::small().section(section).len();
        for found in [0, 1, wanted - unit, wanted - 1, wanted + 1, wanted + unit] {
            let why = refused(|file| file.section(section).resize(found, 0));
            assert_eq!(
                why,
                format!("Length {{ section: {section}, wanted: {wanted}, found: {found} }}")
            );
        }
    }
    // The length field itself, of the first section: beyond the file, and beyond what any sum holds.
    for length in [1u64 << 40, u64::MAX, u64::MAX - 23, i64::MAX as u64] {
        let mut bytes = File::small().bytes();
        bytes[16..24].copy_from_slice(&length.to_le_bytes());
        assert_eq!(refused_bytes(bytes), "Cut(1)");
    }
    // Into the next section: what follows is read as a section, and is none.
    for length in [40u64, 43, 45, 56, 100] {
        let mut bytes = File::small().bytes();
        bytes[16..24].copy_from_slice(&length.to_le_bytes());
        refused_bytes(bytes);
    }
}

#[test]
fn points_that_are_none_are_refused() {
    let point = |section: u32, number: usize, fault: PointFault| {
        format!("Point {{ section: {section}, number: {number}, fault: {fault:?} }}")
    };
    let modulus_minus = |less: u8| {
        // Montgomery form has the same bound.
        let mut bytes = modulus();
        bytes[0] -= less;
        bytes
    };
    for number in [0, 1, 7] {
        for at in [0, 32] {
            for (bytes, fault) in [
                (modulus_minus(0), PointFault::Coordinate),
                ([0xff; 32], PointFault::Coordinate),
                (modulus_minus(1), PointFault::OffCurve),
                ([0; 32], PointFault::OffCurve),
            ] {
                let why = refused(|file| file.g1(number)[at..at + 32].copy_from_slice(&bytes));
                assert_eq!(why, point(2, number, fault));
            }
        }
        let why = refused(|file| file.g1(number)[0] ^= 1);
        assert_eq!(why, point(2, number, PointFault::OffCurve));
        let why = refused(|file| file.g1(number).fill(0));
        assert_eq!(why, point(2, number, PointFault::Infinity));
    }
    for number in [0, 1] {
        for at in [0, 32, 64, 96] {
            let why = refused(|file| file.g2(number)[at..at + 32].fill(0xff));
            assert_eq!(why, point(3, number, PointFault::Coordinate));
            let why = refused(|file| file.g2(number)[at] ^= 1);
            assert_eq!(why, point(3, number, PointFault::OffCurve));
        }
        let why = refused(|file| file.g2(number).fill(0));
        assert_eq!(why, point(3, number, PointFault::Infinity));
        let why = refused(|file| file.set_g2(number, outside()));
        assert_eq!(why, point(3, number, PointFault::OutsideSubgroup));
    }
}

/// A point of the curve in G2 outside the subgroup, which is a tiny part of it.
fn outside() -> G2Affine {
    let points = (0u64..).find_map(|x| {
        let x = Fq2::new(Fq::from(x), Fq::ZERO);
        let generator = G2Affine::generator();
        let b = generator.y.square() - generator.x.square() * generator.x;
        let y = Option::<Fq2>::from((x.square() * x + b).sqrt())?;
        Option::<G2Affine>::from(G2Affine::from_xy(x, y))
    });
    let point = points.unwrap();
    assert!(!bool::from(point.to_curve().is_torsion_free()));
    point
}

#[test]
fn points_that_nobody_uses_are_not_looked_at() {
    let mut file = File::small();
    file.g1(8).fill(0xff);
    file.g2(2).fill(0xff);
    reading(file.bytes(), 3).unwrap();
}
