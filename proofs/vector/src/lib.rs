//! Prime fields of four words, eight elements at a time.
//!
//! A prover's time goes into multiplications of the same kind over long columns. A processor with AVX-512 IFMA does
//! eight of them in the time that two or three take one by one; others fall back to arkworks. Which of the two runs is
//! found out once per process ([`backend`]); algorithms are written once, over [`Lanes`], and started through [`dispatch`].
//!
//! Elements at rest are [`Block`]s, [`Point`]s and [`Scalar`]s. Their bits belong to the backend (its Montgomery factor,
//! and whether the modulus is still to be subtracted): they are made and read by this crate alone, never stored or compared.
//!
//! **Rule for users.** Only what is inlined into [`Task::run`] gets the vector instructions. So `run` and everything that it calls
//! with lanes is `#[inline(always)]`, and threads are started around `dispatch`, not inside.

// Only vector instructions need them.
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
mod constants;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod portable;

use ark_ff::{Fp, MontBackend, MontConfig};
use std::marker::PhantomData;
use std::sync::OnceLock;

/// An element of the field with parameters `T`.
pub type Element<T> = Fp<MontBackend<T, 4>, 4>;

/// How many elements are handled at once.
pub const WIDTH: usize = 8;

/// Eight elements at rest.
#[repr(C, align(64))]
pub struct Block<T> {
    words: [[u64; WIDTH]; 4],
    field: PhantomData<T>,
}

impl<T> Block<T> {
    /// Eight zeros.
    pub const ZERO: Self = Self {
        words: [[0; WIDTH]; 4],
        field: PhantomData,
    };
}

impl<T> Clone for Block<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Block<T> {}

impl<T> std::fmt::Debug for Block<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Block")
    }
}

/// Two elements at rest: the coordinates of a point.
#[repr(C, align(64))]
pub struct Point<T> {
    words: [u64; WIDTH],
    field: PhantomData<T>,
}

impl<T> Point<T> {
    /// Two zeros.
    pub const ZERO: Self = Self {
        words: [0; WIDTH],
        field: PhantomData,
    };
}

impl<T> Clone for Point<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Point<T> {}

impl<T> std::fmt::Debug for Point<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Point")
    }
}

/// One element at rest, to be used in all lanes.
pub struct Scalar<T> {
    limbs: [u64; 5],
    field: PhantomData<T>,
}

impl<T> Clone for Scalar<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Scalar<T> {}

impl<T> std::fmt::Debug for Scalar<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scalar")
    }
}

/// A sum of multiples with an addend, at rest: the factors are the same in all lanes.
pub struct Form<T, const N: usize> {
    factors: [[u64; 5]; N],
    /// As the backend wants to meet it before it reduces the products.
    addend: [u64; 5],
    field: PhantomData<T>,
}

impl<T, const N: usize> Clone for Form<T, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, const N: usize> Copy for Form<T, N> {}

impl<T, const N: usize> std::fmt::Debug for Form<T, N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Form")
    }
}

/// Eight elements in registers.
pub trait Lanes<T: MontConfig<4>>: Copy {
    /// The elements of a block.
    fn read(block: &Block<T>) -> Self;
    /// All but the first element of a block, then the first of the block behind it.
    fn read_shifted(block: &Block<T>, next: &Block<T>) -> Self;
    /// Puts the elements to rest.
    fn write(self, block: &mut Block<T>);
    /// One element in all lanes.
    fn splat(scalar: &Scalar<T>) -> Self;
    /// Elements from the outside.
    fn from_elements(elements: &[Element<T>; WIDTH]) -> Self;
    /// Elements for the outside.
    fn to_elements(self) -> [Element<T>; WIDTH];
    /// The sums.
    fn add(self, other: Self) -> Self;
    /// The differences.
    fn sub(self, other: Self) -> Self;
    /// The products.
    fn mul(self, other: Self) -> Self;
    /// The squares.
    #[inline(always)]
    fn square(self) -> Self {
        self.mul(self)
    }
    /// The values times the factors of the form, summed up, and its addend.
    fn form<const N: usize>(form: &Form<T, N>, values: &[Self; N]) -> Self;
    /// Exchanges between two vectors, so that elements at a distance of `HALF` lanes (1, 2 or 4) in either come to the same
    /// lanes of both results. Doing it twice changes nothing.
    fn trade<const HALF: usize>(self, other: Self) -> (Self, Self);
    /// Which lanes are zero: bit `i` for lane `i`.
    fn zeros(self) -> u8;
    /// The first operand where the mask has a one, the second elsewhere.
    fn select(mask: u8, yes: Self, no: Self) -> Self;
    /// First and second coordinates of eight points.
    fn gather(points: [&Point<T>; WIDTH]) -> (Self, Self);
    /// Says that a point will be gathered soon.
    fn prefetch(point: &Point<T>);
    /// The inverse of [`Lanes::gather`].
    fn scatter(first: Self, second: Self) -> [Point<T>; WIDTH];
}

/// An algorithm over lanes.
pub trait Task<T: MontConfig<4>> {
    /// What it computes.
    type Output;
    /// Computes it. Implementations are `#[inline(always)]`, see the crate's rule.
    fn run<L: Lanes<T>>(self) -> Self::Output;
}

/// What does the arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// AVX-512 with the IFMA extension.
    Ifma,
    /// Any processor.
    Portable,
}

/// The variable that switches to [`Backend::Portable`] if it has the value `portable`: for comparisons, and for doubts.
pub const BACKEND_VARIABLE: &str = "PLAYFAIR_VECTOR";

/// What does the arithmetic in this process: always the same.
#[must_use]
pub fn backend() -> Backend {
    static CHOICE: OnceLock<Backend> = OnceLock::new();
    *CHOICE.get_or_init(|| {
        let portable = std::env::var_os(BACKEND_VARIABLE).is_some_and(|value| value == "portable");
        if !portable && ifma_available() {
            Backend::Ifma
        } else {
            Backend::Portable
        }
    })
}

#[cfg(target_arch = "x86_64")]
fn ifma_available() -> bool {
    ifma::available()
}

#[cfg(not(target_arch = "x86_64"))]
fn ifma_available() -> bool {
    false
}

/// Runs a task on this process's backend.
#[inline]
pub fn dispatch<T: MontConfig<4>, K: Task<T>>(task: K) -> K::Output {
    match backend() {
        #[cfg(target_arch = "x86_64")]
        Backend::Ifma => ifma::run(task),
        _ => portable::run(task),
    }
}

struct FromElements<'a, T: MontConfig<4>>(&'a [Element<T>], &'a mut [Block<T>]);

impl<T: MontConfig<4>> Task<T> for FromElements<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self) {
        let (full, rest) = self.0.as_chunks::<WIDTH>();
        for (elements, block) in full.iter().zip(&mut *self.1) {
            L::from_elements(elements).write(block);
        }
        if let Some(block) = self.1.get_mut(full.len())
            && !rest.is_empty()
        {
            let mut last = [Element::<T>::new_unchecked(ark_ff::BigInt::zero()); WIDTH];
            last[..rest.len()].copy_from_slice(rest);
            L::from_elements(&last).write(block);
        }
    }
}

/// Elements to blocks; `blocks` must have room for all. Lanes behind the last element become zero, further blocks stay.
pub fn pack<T: MontConfig<4>>(elements: &[Element<T>], blocks: &mut [Block<T>]) {
    debug_assert!(blocks.len() * WIDTH >= elements.len());
    dispatch(FromElements(elements, blocks));
}

struct ToElements<'a, T: MontConfig<4>>(&'a [Block<T>], &'a mut [Element<T>]);

impl<T: MontConfig<4>> Task<T> for ToElements<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<T>>(self) {
        for (block, out) in self.0.iter().zip(self.1.chunks_mut(WIDTH)) {
            let elements = L::read(block).to_elements();
            out.copy_from_slice(&elements[..out.len()]);
        }
    }
}

/// Blocks to elements, as many as there is room for.
pub fn unpack<T: MontConfig<4>>(blocks: &[Block<T>], elements: &mut [Element<T>]) {
    dispatch(ToElements(blocks, elements));
}

impl<T: MontConfig<4>> Scalar<T> {
    /// An element for all lanes.
    #[must_use]
    pub fn new(element: &Element<T>) -> Self {
        let limbs = match backend() {
            #[cfg(target_arch = "x86_64")]
            Backend::Ifma => constants::split(&constants::to_radix_52(element)),
            _ => portable::limbs(element),
        };
        Self {
            limbs,
            field: PhantomData,
        }
    }
}

impl<T: MontConfig<4>, const N: usize> Form<T, N> {
    /// There is one reduction for all products, and room for so many.
    const CHECK: () = assert!(N <= 16);

    /// The form with these factors and this addend.
    #[must_use]
    pub fn new(factors: &[Element<T>; N], addend: &Element<T>) -> Self {
        let () = Self::CHECK;
        let addend = match backend() {
            #[cfg(target_arch = "x86_64")]
            Backend::Ifma => constants::split(&constants::to_radix_52_twice(addend)),
            _ => portable::limbs(addend),
        };
        Self {
            factors: factors.each_ref().map(|factor| Scalar::new(factor).limbs),
            addend,
            field: PhantomData,
        }
    }
}

impl<T: MontConfig<4>> Point<T> {
    /// Two elements.
    #[must_use]
    pub fn new(first: &Element<T>, second: &Element<T>) -> Self {
        let mut words = [0; WIDTH];
        for (half, element) in words.as_chunks_mut::<4>().0.iter_mut().zip([first, second]) {
            *half = match backend() {
                #[cfg(target_arch = "x86_64")]
                Backend::Ifma => constants::to_radix_52(element),
                _ => element.0.0,
            };
        }
        Self {
            words,
            field: PhantomData,
        }
    }

    /// Whether both are zero; for pairs that were made as zeros ([`Point::ZERO`]) or are far from it.
    #[must_use]
    #[inline]
    pub fn is_zero(&self) -> bool {
        self.words == [0; WIDTH]
    }

    /// The second element's negative, the first as it is.
    #[must_use]
    #[inline]
    pub fn opposite(&self) -> Self {
        let mut result = *self;
        let (_, y) = result.words.split_at_mut(4);
        if *y == [0; 4] {
            return result;
        }
        let modulus = match backend() {
            #[cfg(target_arch = "x86_64")]
            Backend::Ifma => constants::Limbs::<T>::TWICE,
            _ => T::MODULUS.0,
        };
        let mut borrow = false;
        for (word, m) in y.iter_mut().zip(modulus) {
            let (low, first) = m.overflowing_sub(*word);
            let (low, second) = low.overflowing_sub(u64::from(borrow));
            *word = low;
            borrow = first || second;
        }
        result
    }

    /// The two elements.
    #[must_use]
    pub fn elements(&self) -> [Element<T>; 2] {
        let halves = self.words.as_chunks::<4>().0;
        [halves[0], halves[1]].map(|words| match backend() {
            #[cfg(target_arch = "x86_64")]
            Backend::Ifma => constants::from_radix_52(&words),
            _ => Element::<T>::new_unchecked(ark_ff::BigInt::new(words)),
        })
    }
}

#[cfg(test)]
mod tests;
