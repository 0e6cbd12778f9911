//! A file of snarkjs, taken apart and put together with changes.
//!
//! tests/fixtures/beacon-5.ptau is what tests/peers/setup.mjs makes of one public beacon; the test that runs it compares.

use halo2_proofs::halo2curves::bn256::{G1Affine, G2Affine};
use halo2_proofs::halo2curves::serde::SerdeObject;

const FIXTURE: &[u8] = include_bytes!("../../../../tests/fixtures/beacon-5.ptau");

/// Sections by type and content.
#[derive(Clone)]
pub(super) struct File {
    pub(super) magic: [u8; 4],
    pub(super) version: u32,
    pub(super) sections: Vec<(u32, Vec<u8>)>,
}

impl File {
    /// snarkjs' file, of power 5.
    pub(super) fn of_snarkjs() -> Self {
        let mut rest = &FIXTURE[12..];
        let mut sections = Vec::new();
        while !rest.is_empty() {
            let section = u32::from_le_bytes(rest[..4].try_into().unwrap());
            let length = u64::from_le_bytes(rest[4..12].try_into().unwrap()) as usize;
            sections.push((section, rest[12..12 + length].to_vec()));
            rest = &rest[12 + length..];
        }
        let file = Self {
            magic: *b"ptau",
            version: 1,
            sections,
        };
        assert!(file.bytes() == FIXTURE);
        file
    }

    /// The same without what is not read, and of power 3.
    pub(super) fn small() -> Self {
        let mut file = Self::of_snarkjs();
        file.sections.retain(|(section, _)| *section <= 3);
        file.section(1)[36] = 3;
        file.section(2).truncate(15 * 64);
        file.section(3).truncate(8 * 128);
        file
    }

    pub(super) fn section(&mut self, wanted: u32) -> &mut Vec<u8> {
        let found = self.sections.iter_mut().find(|(section, _)| *section == wanted);
        &mut found.unwrap().1
    }

    pub(super) fn g1(&mut self, number: usize) -> &mut [u8] {
        &mut self.section(2)[64 * number..][..64]
    }

    pub(super) fn g2(&mut self, number: usize) -> &mut [u8] {
        &mut self.section(3)[128 * number..][..128]
    }

    pub(super) fn set_g1(&mut self, number: usize, point: G1Affine) {
        self.g1(number).copy_from_slice(&point.to_raw_bytes());
    }

    pub(super) fn set_g2(&mut self, number: usize, point: G2Affine) {
        self.g2(number).copy_from_slice(&point.to_raw_bytes());
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = [
            &self.magic[..],
            &self.version.to_le_bytes(),
            &(self.sections.len() as u32).to_le_bytes(),
        ]
        .concat();
        for (section, content) in &self.sections {
            bytes.extend(section.to_le_bytes());
            bytes.extend((content.len() as u64).to_le_bytes());
            bytes.extend(content);
        }
        bytes
    }
}
