//! Memory: address to cell. Registers lie in one vector, the other spaces in pages that appear when touched.

use super::image::Range;
use crate::code::address;
use crate::trace::{Touched, Value};

/// Step of a cell that no row has touched.
pub(super) const NEVER: u32 = u32::MAX;
/// Registers, frames and absolute ones.
const REGISTERS: u64 = 2 * address::ABSOLUTE;
/// Words of a page.
const PAGE: usize = 64;
/// Words of kernel memory (64 MiB) and of a run's (32 MiB) at most: MEM's distances from the image have 24 bits.
const KERNEL_WORDS: u64 = 1 << 23;
const RUN_WORDS: u64 = 1 << 22;
/// Runs in a segment at most.
const RUNS: u64 = 1 << 20;

/// A cell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) value: Value,
    /// Step of the last access.
    pub(super) last: u32,
}

const FRESH: Cell = Cell {
    value: Value::ZERO,
    last: NEVER,
};

type Page = Option<Box<[Cell; PAGE]>>;

/// Words by number.
#[derive(Debug, Default)]
struct Pages(Vec<Page>);

impl Pages {
    fn peek(&self, word: u64) -> Option<&Cell> {
        let page = self.0.get(word as usize / PAGE)?.as_ref()?;
        page.get(word as usize % PAGE)
    }

    /// The cell of a word below the space's limit. `key` is the first word's key in the image.
    fn cell(&mut self, word: u64, image: &Range, key: u64) -> Option<&mut Cell> {
        let (page, place) = (word as usize / PAGE, word as usize % PAGE);
        if self.0.len() <= page {
            self.0.resize_with(page + 1, || None);
        }
        let page = self.0.get_mut(page)?.get_or_insert_with(|| {
            let first = key + word - place as u64;
            let mut cells = [FRESH; PAGE];
            for (cell, key) in cells.iter_mut().zip(first..) {
                cell.value = image.at(key);
            }
            Box::new(cells)
        });
        page.get_mut(place)
    }

    /// Touched cells as (word, cell).
    fn touched(&self) -> impl Iterator<Item = (u64, &Cell)> {
        let pages = self.0.iter().enumerate();
        let cells =
            pages.flat_map(|(i, page)| (i as u64 * PAGE as u64..).zip(page.iter().flat_map(|p| p.iter())));
        cells.filter(|(_, cell)| cell.last != NEVER)
    }
}

/// Memory of a machine.
#[derive(Debug)]
pub(super) struct Memory<'p> {
    registers: Vec<Cell>,
    kernel: Pages,
    runs: Vec<Pages>,
    module_image: &'p Range,
    kernel_image: &'p Range,
}

/// Where an address lies.
enum Space {
    Register(usize),
    Kernel(u64),
    Run(usize, u64),
}

fn locate(address: u64) -> Option<Space> {
    if address < address::KERNEL {
        return (address < REGISTERS).then_some(Space::Register(address as usize));
    }
    let (run, word) = (address / address::RUN, address % address::RUN);
    if run == 0 {
        let word = word - address::KERNEL;
        return (word < KERNEL_WORDS).then_some(Space::Kernel(word));
    }
    (run <= RUNS && word < RUN_WORDS).then(|| Space::Run(run as usize - 1, word))
}

impl<'p> Memory<'p> {
    pub(super) fn new(module_image: &'p Range, kernel_image: &'p Range) -> Self {
        let registers = vec![FRESH; REGISTERS as usize];
        Self {
            registers,
            kernel: Pages::default(),
            runs: Vec::new(),
            module_image,
            kernel_image,
        }
    }

    /// The cell of an address; `None` if there is none.
    #[inline]
    pub(super) fn cell(&mut self, address: u64) -> Option<&mut Cell> {
        match locate(address)? {
            Space::Register(register) => self.registers.get_mut(register),
            Space::Kernel(word) => self.kernel.cell(word, self.kernel_image, address::KERNEL),
            Space::Run(run, word) => {
                if self.runs.len() <= run {
                    self.runs.resize_with(run + 1, Pages::default);
                }
                self.runs.get_mut(run)?.cell(word, self.module_image, 0)
            }
        }
    }

    /// The value of a cell without touching it.
    pub(super) fn peek(&self, address: u64) -> Option<Value> {
        let found = match locate(address)? {
            Space::Register(register) => self.registers.get(register),
            Space::Kernel(word) => self.kernel.peek(word),
            Space::Run(run, word) => self.runs.get(run).and_then(|pages| pages.peek(word)),
        };
        Some(found.map_or_else(|| self.initial(address).0, |cell| cell.value))
    }

    /// The initial value of a cell, and whether it is a word of an image.
    fn initial(&self, address: u64) -> (Value, bool) {
        let (image, key) = match locate(address) {
            Some(Space::Kernel(_)) => (self.kernel_image, address),
            Some(Space::Run(_, word)) => (self.module_image, word),
            _ => return (Value::ZERO, false),
        };
        (image.at(key), image.holds(key))
    }

    /// Touched cells, by address.
    pub(super) fn touched(&self) -> Vec<Touched> {
        let registers = (0u64..)
            .zip(&self.registers)
            .filter(|(_, cell)| cell.last != NEVER);
        let kernel = self
            .kernel
            .touched()
            .map(|(word, cell)| (address::KERNEL + word, cell));
        let runs = (1u64..).zip(&self.runs).flat_map(|(run, pages)| {
            pages
                .touched()
                .map(move |(word, cell)| (run * address::RUN + word, cell))
        });
        registers
            .chain(kernel)
            .chain(runs)
            .map(|(address, cell)| {
                let (initial, image) = self.initial(address);
                Touched {
                    address,
                    initial,
                    last_value: cell.value,
                    last: cell.last,
                    image,
                }
            })
            .collect()
    }
}
