//! Loads and stores against an array of bytes; images; runs.

use crate::common::*;
use playfair_proofs_isa::asm::{self, Dest, Extend, Half, Space, Width};
use playfair_proofs_isa::code::{AuxRow, Instr, Tag, address};
use playfair_proofs_isa::interp::{Executable, NoOracle, Oracle, View};
use playfair_types::crypto::field::Fr;

const WIDTHS: [Width; 4] = [Width::W1, Width::W2, Width::W4, Width::W8];

/// Where the tests' bytes lie.
const BASE: u32 = 4096;
const BYTES: usize = 96;

/// What a load gives.
fn loaded(bytes: &[u8], width: Width, extend: Extend) -> u64 {
    let mut word = [0; 8];
    word[..width as usize].copy_from_slice(&bytes[..width as usize]);
    let raw = u64::from_le_bytes(word);
    let signed = match width {
        Width::W1 => raw as i8 as i64,
        Width::W2 => raw as i16 as i64,
        Width::W4 => raw as i32 as i64,
        Width::W8 => raw as i64,
    };
    match extend {
        Extend::Zero => raw,
        Extend::Sign32 => u64::from(signed as i32 as u32),
        Extend::Sign64 => signed as u64,
    }
}

/// Collects results.
struct Collect(Vec<Fr>);

impl Oracle for Collect {
    fn hint(&mut self, _hint: u32, argument: Fr, _machine: &View<'_>) -> Fr {
        self.0.push(argument);
        Fr::from(0u64)
    }
}

fn random_accesses(space: Space, seed: u64) {
    println!("seed {seed:#x}");
    let mut random = Random(seed);
    let mut model = [0u8; BYTES];
    let mut expected = Vec::new();
    let mut body = vec![set(Reg(0), 1u64 << 20), asm::setmem(0, true)];
    for _ in 0..3000 {
        let width = WIDTHS[random.next() as usize % 4];
        let w = width as usize;
        let at = random.next() as usize % (BYTES / 8) * 8 + random.next() as usize % (9 - w);
        // The address is split between register and offset.
        let offset = random.next() as u32 % (BASE + at as u32 + 1);
        body.push(set(Reg(0), u64::from(BASE + at as u32 - offset)));
        if random.next().is_multiple_of(2) {
            let value = random.next() >> (64 - 8 * w);
            model[at..at + w].copy_from_slice(&value.to_le_bytes()[..w]);
            let from = [Reg(1), Abs(G)][random.next() as usize % 2];
            body.push(set(from, value));
            body.push(asm::store(from, 0, offset, width, space).unwrap());
        } else {
            let extend = [Extend::Zero, Extend::Sign32, Extend::Sign64][random.next() as usize % 3];
            let dest = [Reg(0), Reg(3)][random.next() as usize % 2];
            let Ok(row) = asm::load(dest, 0, offset, width, extend, space) else {
                assert_eq!(width, Width::W8);
                continue;
            };
            body.push(row);
            body.push(asm::mov(Reg(4), dest).unwrap());
            body.push(asm::hint(Dest::Drop, 1, Some(4)).unwrap());
            expected.push(loaded(&model[at..], width, extend));
        }
    }
    let executable = Executable::new(&program(body, vec![])).unwrap();
    let mut collect = Collect(vec![]);
    let end = finish(&executable, &[], &mut collect);
    assert!(expected.len() > 1000);
    assert_eq!(collect.0, expected.into_iter().map(Fr::from).collect::<Vec<_>>());
    assert_eq!(end.view().bytes(space, BASE, BYTES as u32), Some(model.to_vec()));
    assert_eq!(end.view().bytes(space, BASE + 3, 10), Some(model[3..13].to_vec()));
}

#[test]
fn accesses_follow_an_array_of_bytes() {
    random_accesses(Space::Kernel, 0x61);
    random_accesses(Space::Module, 0x62);
}

#[test]
fn eight_bytes_lie_anywhere() {
    for (space, seed) in [(Space::Kernel, 0x64), (Space::Module, 0x65)] {
        let mut random = Random(seed);
        for offset in 0..8u32 {
            let [low, high, value] = [0; 3].map(|_| random.next());
            let mut body = vec![set(Reg(0), 64u64), set(Reg(8), 4_096u64), asm::setmem(8, true)];
            for (at, word) in [(0, low), (8, high)] {
                body.push(set(Reg(1), word));
                body.push(asm::store(Reg(1), 0, at, Width::W8, space).unwrap());
            }
            let (first, last) = (offset, offset + 7);
            body.push(set(Reg(2), value));
            body.push(asm::load_part(Reg(3), 0, last, Half::Last, false, space).unwrap());
            body.push(asm::load_part(Reg(3), 0, first, Half::First, true, space).unwrap());
            body.push(asm::load_part(Reg(4), 0, last, Half::Scale, false, space).unwrap());
            body.push(asm::mulhi(Reg(5), Reg(2), Reg(4)).unwrap());
            body.push(asm::mul64(Reg(6), Reg(2), Reg(4)).unwrap());
            body.push(asm::store_part(Reg(5), 0, last, Half::Last, space).unwrap());
            body.push(asm::store_part(Reg(6), 0, first, Half::First, space).unwrap());
            body.push(asm::load(Reg(9), 0, 0, Width::W8, Extend::Zero, space).unwrap());
            body.push(asm::load(Reg(10), 0, 8, Width::W8, Extend::Zero, space).unwrap());
            let mut model = [low.to_le_bytes(), high.to_le_bytes()].concat();
            let place = offset as usize..offset as usize + 8;
            let found = u64::from_le_bytes(model[place.clone()].try_into().unwrap());
            model[place].copy_from_slice(&value.to_le_bytes());
            let word = |at: usize| u64::from_le_bytes(model[at..at + 8].try_into().unwrap());
            let expected = [found, 1 << (8 * offset), word(0), word(8)];
            assert_eq!(
                cells(body, &[3, 4, 9, 10]),
                expected.map(Fr::from),
                "offset {offset}"
            );
        }
    }
}

#[test]
fn a_word_of_kernel_memory_holds_any_field_element() {
    let element = Random(0x63).fr();
    let body = vec![
        set(Reg(0), 64u64),
        set(Reg(1), element),
        asm::store(Reg(1), 0, 8, Width::W8, Space::Kernel).unwrap(),
        asm::load(Reg(2), 0, 8, Width::W8, Extend::Zero, Space::Kernel).unwrap(),
    ];
    assert_eq!(cells(body, &[2, address::KERNEL + 9]), [element, element]);
}

/// An image of the module at words 2 and 3, and of the kernel at its word 5.
fn images() -> Vec<AuxRow> {
    let word = |key, word: u64| AuxRow {
        tag: Tag::Image,
        key,
        v1: Fr::from(word),
        v2: Fr::from(0u64),
    };
    vec![word(2, 0x22), word(3, 0), word(address::KERNEL + 5, 0x55)]
}

#[test]
fn memory_starts_with_the_images_and_every_run_has_its_own() {
    let load = |to, from: u32, space| asm::load(Reg(to), 0, from, Width::W8, Extend::Zero, space).unwrap();
    let store = |value, to, space| asm::store(Reg(value), 0, to, Width::W8, space).unwrap();
    let body: Vec<Instr> = vec![
        set(Reg(1), 64u64),
        asm::setmem(1, true),
        load(2, 16, Space::Module),
        load(3, 32, Space::Module),
        load(4, 40, Space::Kernel),
        store(1, 16, Space::Module),
        store(1, 40, Space::Kernel),
        asm::setmem(1, true),
        load(5, 16, Space::Module),
        load(6, 40, Space::Kernel),
    ];
    let mut program = program(body, images());
    program.code[0] = asm::mem([2, 4], [address::KERNEL + 5, address::KERNEL + 6]);
    let executable = Executable::new(&program).unwrap();
    let (trace, end) = executable.trace(&[], &mut NoOracle, STEPS).unwrap();
    replay(&trace);
    let registers = [2, 3, 4, 5, 6].map(|i| end.view().register(i).word());
    assert_eq!(registers, [0x22, 0, 0x55, 0x22, 64].map(Some));
    let images: Vec<(u64, Option<u64>)> = trace
        .touched
        .iter()
        .filter(|cell| cell.image)
        .map(|cell| (cell.address, cell.initial.word()))
        .collect();
    let run = address::RUN;
    assert_eq!(
        images,
        [
            (address::KERNEL + 5, Some(0x55)),
            (run + 2, Some(0x22)),
            (2 * run + 2, Some(0x22))
        ]
    );
    assert_eq!(end.view().ctx(), 2 * run);
    assert_eq!(end.view().lim(), 64);
}

#[test]
fn grown_memory_is_zero_and_the_same_run() {
    let body = vec![
        set(Reg(0), 8u64),
        set(Reg(1), 16u64),
        asm::setmem(0, true),
        asm::store(Reg(1), 3, 0, Width::W8, Space::Module).unwrap(),
        asm::setmem(1, false),
        asm::load(Reg(4), 3, 0, Width::W8, Extend::Zero, Space::Module).unwrap(),
        asm::load(Reg(5), 3, 8, Width::W8, Extend::Zero, Space::Module).unwrap(),
        // RAW reads the same cell by its address.
        set(Reg(6), address::RUN + 5),
        asm::raw(Reg(7), 6, -5).unwrap(),
        asm::raw(Reg(6), 6, -5).unwrap(),
    ];
    assert_eq!(cells(body, &[4, 5, 6, 7]), [16u64, 0, 16, 16].map(Fr::from));
}
