//! The backend for any processor: arkworks, lane by lane. A block holds its elements one behind the other.

use crate::{Block, Element, Form, Lanes, Point, Scalar, Task, WIDTH};
use ark_ff::{AdditiveGroup, BigInt, Field, MontConfig};
use std::array::from_fn;
use std::marker::PhantomData;

struct Portable<T: MontConfig<4>>([Element<T>; WIDTH]);

impl<T: MontConfig<4>> Clone for Portable<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: MontConfig<4>> Copy for Portable<T> {}

/// Runs a task lane by lane.
#[inline(never)]
pub(crate) fn run<T: MontConfig<4>, K: Task<T>>(task: K) -> K::Output {
    task.run::<Portable<T>>()
}

/// An element as a [`Scalar`].
pub(crate) fn limbs<T: MontConfig<4>>(element: &Element<T>) -> [u64; 5] {
    let [a, b, c, d] = element.0.0;
    [a, b, c, d, 0]
}

#[inline(always)]
fn element<T: MontConfig<4>>(words: [u64; 4]) -> Element<T> {
    Element::<T>::new_unchecked(BigInt::new(words))
}

impl<T: MontConfig<4>> Portable<T> {
    #[inline(always)]
    fn each(self, other: Self, f: impl Fn(&Element<T>, &Element<T>) -> Element<T>) -> Self {
        Self(from_fn(|i| f(&self.0[i], &other.0[i])))
    }
}

impl<T: MontConfig<4>> Lanes<T> for Portable<T> {
    #[inline(always)]
    fn read(block: &Block<T>) -> Self {
        let words = block.words.as_flattened().as_chunks::<4>().0;
        Self(from_fn(|i| element(words[i])))
    }

    #[inline(always)]
    fn read_shifted(block: &Block<T>, next: &Block<T>) -> Self {
        let [_, a, b, c, d, e, f, g] = Self::read(block).0;
        Self([a, b, c, d, e, f, g, Self::read(next).0[0]])
    }

    #[inline(always)]
    fn write(self, block: &mut Block<T>) {
        let words = block.words.as_flattened_mut().as_chunks_mut::<4>().0;
        for (to, element) in words.iter_mut().zip(&self.0) {
            *to = element.0.0;
        }
    }

    #[inline(always)]
    fn splat(scalar: &Scalar<T>) -> Self {
        let [a, b, c, d, _] = scalar.limbs;
        Self([element([a, b, c, d]); WIDTH])
    }

    #[inline(always)]
    fn from_elements(elements: &[Element<T>; WIDTH]) -> Self {
        Self(*elements)
    }

    #[inline(always)]
    fn to_elements(self) -> [Element<T>; WIDTH] {
        self.0
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.each(other, |a, b| *a + b)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.each(other, |a, b| *a - b)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.each(other, |a, b| *a * b)
    }

    #[inline(always)]
    fn square(self) -> Self {
        Self(self.0.map(|x| x.square()))
    }

    #[inline(always)]
    fn form<const N: usize>(form: &Form<T, N>, values: &[Self; N]) -> Self {
        let [a, b, c, d, _] = form.addend;
        let mut sum = Self([element([a, b, c, d]); WIDTH]);
        for ([a, b, c, d, _], value) in form.factors.iter().zip(values) {
            let factor = element::<T>([*a, *b, *c, *d]);
            sum = sum.each(*value, |sum, value| *sum + factor * value);
        }
        sum
    }

    #[inline(always)]
    fn trade<const HALF: usize>(self, other: Self) -> (Self, Self) {
        let pick = |i: usize, high: usize| {
            let from = (i & !HALF) | high;
            if i & HALF == 0 {
                self.0[from]
            } else {
                other.0[from]
            }
        };
        (Self(from_fn(|i| pick(i, 0))), Self(from_fn(|i| pick(i, HALF))))
    }

    #[inline(always)]
    fn zeros(self) -> u8 {
        (0..WIDTH).fold(0, |mask, i| mask | u8::from(self.0[i] == Element::<T>::ZERO) << i)
    }

    #[inline(always)]
    fn select(mask: u8, yes: Self, no: Self) -> Self {
        Self(from_fn(|i| if mask >> i & 1 == 1 { yes.0[i] } else { no.0[i] }))
    }

    #[inline(always)]
    fn gather(points: [&Point<T>; WIDTH]) -> (Self, Self) {
        let half = |h: usize| Self(from_fn(|i| element(points[i].words.as_chunks::<4>().0[h])));
        (half(0), half(1))
    }

    #[inline(always)]
    fn prefetch(_: &Point<T>) {}

    #[inline(always)]
    fn scatter(first: Self, second: Self) -> [Point<T>; WIDTH] {
        from_fn(|i| {
            let mut words = [0; WIDTH];
            words[..4].copy_from_slice(&first.0[i].0.0);
            words[4..].copy_from_slice(&second.0[i].0.0);
            Point {
                words,
                field: PhantomData,
            }
        })
    }
}
