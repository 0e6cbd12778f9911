//! The machine's intrinsics. Two backends with the same functions: on wasm32 the imports themselves ([`raw`]), elsewhere a
//! test machine of the thread ([`native`]).

#[cfg(target_arch = "wasm32")]
mod raw;
#[cfg(target_arch = "wasm32")]
pub(crate) use raw::*;

#[cfg(not(target_arch = "wasm32"))]
pub mod native;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use native::intrinsics::*;

/// A constant of the field from four words, least significant first.
macro_rules! konst {
    ($words:expr) => {
        $crate::sys::f_const::<{ $words[0] }, { $words[1] }, { $words[2] }, { $words[3] }>()
    };
}
pub(crate) use konst;

/// Tag of the table of indirect calls: v1 code index (0 for an empty element), v2 type number (0 for an empty element).
pub(crate) const TABLE: i32 = 14;
/// Tag of the table of ends.
pub(crate) const TRAP: i32 = 15;
/// Tag of public inputs.
pub(crate) const PUBLIC: i32 = 16;

/// Nothing goes on unless `condition` holds.
#[inline(always)]
#[cfg_attr(not(target_arch = "wasm32"), track_caller)]
pub(crate) fn require(condition: bool) {
    if !condition {
        fail();
    }
}

/// Nothing goes on unless the elements are equal.
#[inline(always)]
#[cfg_attr(not(target_arch = "wasm32"), track_caller)]
pub(crate) fn require_eq(a: F, b: F) {
    if !f_eq(a, b) {
        fail();
    }
}

/// `a + b 2^SB + c 2^SC`.
#[inline(always)]
pub(crate) fn add_lin<const SB: i32, const SC: i32>(a: F, b: F, c: F) -> F {
    f_add(a, f_lin::<SB, SC>(b, c))
}
