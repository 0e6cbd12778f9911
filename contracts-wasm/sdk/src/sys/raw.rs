//! The one file with `unsafe`: memory that is not cleared, the host's imports, the heap.
//!
//! Why it is sound:
//! - [`Writer`] reads only `room[..length]`. `length` grows after bytes were written there, or by the length that a host
//!   function returned after writing that many bytes, or in `edit`, which first initialises the whole room.
//! - A host function reads and writes exactly what docs/HOST.md says: whole words that lie inside the references or
//!   slices it is given here. Room for it is a multiple of 8 long and starts at a multiple of 8, so whole words stay
//!   inside. It keeps no pointer.
//! - The heap hands out each address at most once, between `__heap_base` and the end of memory, and there is one thread.
#![allow(unsafe_code)]

use core::mem::MaybeUninit;

/// Room on the stack that starts at a multiple of 8 and is not cleared.
#[repr(C, align(8))]
pub(crate) struct Buffer<const N: usize>([MaybeUninit<u8>; N]);

impl<const N: usize> Buffer<N> {
    const WHOLE_WORDS: () = assert!(N.is_multiple_of(8));

    #[inline(always)]
    pub(crate) fn new() -> Self {
        const { Self::WHOLE_WORDS };
        Self([MaybeUninit::uninit(); N])
    }

    #[inline(always)]
    pub(crate) fn writer(&mut self) -> Writer<'_> {
        Writer {
            room: &mut self.0,
            length: 0,
        }
    }
}

/// Bytes that start at a multiple of 8, as the host wants them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Aligned<'a>(&'a [u8]);

impl<'a> Aligned<'a> {
    /// For bytes whose alignment the type around them gives.
    pub(super) const fn of_static(bytes: &'static [u8]) -> Aligned<'static> {
        Aligned(bytes)
    }

    #[inline(always)]
    pub(crate) fn bytes(self) -> &'a [u8] {
        self.0
    }
}

/// Where values are encoded to: room of a fixed size, filled from its start.
#[derive(Debug)]
pub struct Writer<'a> {
    room: &'a mut [MaybeUninit<u8>],
    length: usize,
}

impl Writer<'_> {
    /// Appends bytes.
    ///
    /// # Panics
    /// When they do not fit: the type's `Codec::MAX` is wrong.
    #[inline(always)]
    pub fn put(&mut self, bytes: &[u8]) {
        let Some(room) = self
            .room
            .get_mut(self.length..)
            .and_then(|room| room.get_mut(..bytes.len()))
        else {
            too_long()
        };
        room.write_copy_of_slice(bytes);
        self.length += bytes.len();
    }

    /// Appends as many of the bytes as fit.
    pub(crate) fn put_what_fits(&mut self, bytes: &[u8]) {
        let fits = bytes.len().min(self.room.len() - self.length);
        self.put(bytes.get(..fits).unwrap_or(bytes));
    }

    /// What was written so far.
    #[inline(always)]
    pub(crate) fn written(&self) -> Aligned<'_> {
        // `length` is never above the room; a panic with numbers in it would cost every module kilobytes.
        let written = self.room.get(..self.length).unwrap_or(&[]);
        // SAFETY: the first `length` bytes are initialised, see the top of the file.
        Aligned(unsafe { written.assume_init_ref() })
    }

    /// Lets `change` work on all `N` bytes of the room, of which those after the written ones are set to zero first, and on
    /// the length. A length above `N` panics.
    #[inline(always)]
    pub(crate) fn edit<const N: usize, R>(
        &mut self,
        change: impl FnOnce(&mut [u8; N], &mut usize) -> R,
    ) -> R {
        let Some((whole, [])) = self.room.split_first_chunk_mut::<N>() else {
            too_long()
        };
        if let Some(rest) = whole.get_mut(self.length..) {
            rest.fill(MaybeUninit::new(0));
        }
        // SAFETY: the first `length` bytes were initialised, see the top of the file, and the others just now.
        let bytes = unsafe { whole.assume_init_mut() };
        let Some(bytes) = bytes.first_chunk_mut::<N>() else {
            too_long()
        };
        let result = change(bytes, &mut self.length);
        if self.length > N {
            too_long();
        }
        result
    }

    /// Replaces what was written by the bytes that the host's answer copied to the start of the room.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn replace(&mut self, bytes: &[u8]) {
        self.length = 0;
        self.put(bytes);
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn capacity(&self) -> usize {
        self.room.len()
    }
}

#[cold]
#[inline(never)]
fn too_long() -> ! {
    panic!("a value is longer than its type's MAX")
}

/// The imports, each behind a safe function.
#[cfg(target_arch = "wasm32")]
pub(crate) mod host {
    use super::{Aligned, MaybeUninit, Writer};

    /// The raw imports. Those that take references only are safe for every value of them.
    mod import {
        #[link(wasm_import_module = "playfair")]
        unsafe extern "C" {
            pub(super) fn input(to: *mut MaybeUninit<u8>);
            pub(super) fn output(from: *const u8, length: usize);
            pub(super) fn revert(from: *const u8, length: usize);
            pub(super) fn get(
                key: *const u8,
                key_length: usize,
                to: *mut MaybeUninit<u8>,
                capacity: usize,
            ) -> i32;
            pub(super) fn set(key: *const u8, key_length: usize, from: *const u8, length: usize);
            pub(super) fn remove(key: *const u8, key_length: usize) -> i32;
            pub(super) fn exists(key: *const u8, key_length: usize) -> i32;
            pub(super) fn emit(topic: u32, from: *const u8, length: usize);
            pub(super) fn send(address: &[u64; 3], from: *const u8, length: usize) -> u32;
            pub(super) fn log(from: *const u8, length: usize);
            pub(super) safe fn caller(to: &mut MaybeUninit<[u64; 3]>);
            pub(super) safe fn value(to: &mut MaybeUninit<[u64; 2]>);
            pub(super) safe fn chain_id(to: &mut MaybeUninit<[u64; 4]>);
            pub(super) safe fn height() -> u64;
            pub(super) safe fn time() -> u64;
            pub(super) safe fn randomness(to: &mut MaybeUninit<[u64; 4]>);
            pub(super) safe fn balance(account: &[u64; 3], to: &mut MaybeUninit<[u64; 2]>);
            pub(super) safe fn transfer(account: &[u64; 3], amount: &[u64; 2]) -> u32;
            pub(super) safe fn withdraw(address: &[u64; 3], amount: &[u64; 2]) -> u32;
            pub(super) safe fn poseidon2(from: &[[u64; 4]; 2], to: &mut MaybeUninit<[u64; 4]>);
            pub(super) safe fn poseidon5(from: &[[u64; 4]; 5], to: &mut MaybeUninit<[u64; 4]>);
        }
        use super::MaybeUninit;
    }

    /// What a host function that writes all of its result has written.
    #[inline(always)]
    fn filled<T: Copy>(fill: impl FnOnce(&mut MaybeUninit<T>)) -> T {
        let mut words = MaybeUninit::uninit();
        fill(&mut words);
        // SAFETY: private to this module, and used only with imports that write every word of `T`, an array of words.
        unsafe { words.assume_init() }
    }

    /// `length` is the entry point's argument; it must not be above the room.
    #[inline(always)]
    pub(crate) fn input(to: &mut Writer<'_>, length: usize) {
        assert!(length <= to.room.len());
        // SAFETY: the host writes the payload, `length` bytes in whole words, and the room holds whole words.
        unsafe { import::input(to.room.as_mut_ptr()) };
        to.length = length;
    }

    #[inline(always)]
    pub(crate) fn output(from: Aligned<'_>) {
        // SAFETY: the host reads the slice.
        unsafe { import::output(from.0.as_ptr(), from.0.len()) }
    }

    #[inline(always)]
    pub(crate) fn revert(from: Aligned<'_>) -> ! {
        // SAFETY: the host reads the slice, and ends the call.
        unsafe { import::revert(from.0.as_ptr(), from.0.len()) };
        core::arch::wasm32::unreachable()
    }

    /// Whether there is a value; then `to` holds it.
    #[inline(always)]
    pub(crate) fn get(key: Aligned<'_>, to: &mut Writer<'_>) -> bool {
        // SAFETY: the host reads the key and writes the value if it fits the room.
        let length = unsafe { import::get(key.0.as_ptr(), key.0.len(), to.room.as_mut_ptr(), to.room.len()) };
        if length < 0 {
            return false;
        }
        if length as usize > to.room.len() {
            super::too_long();
        }
        to.length = length as usize;
        true
    }

    #[inline(always)]
    pub(crate) fn set(key: Aligned<'_>, value: Aligned<'_>) {
        // SAFETY: the host reads both slices.
        unsafe { import::set(key.0.as_ptr(), key.0.len(), value.0.as_ptr(), value.0.len()) }
    }

    #[inline(always)]
    pub(crate) fn remove(key: Aligned<'_>) -> bool {
        // SAFETY: the host reads the slice.
        unsafe { import::remove(key.0.as_ptr(), key.0.len()) != 0 }
    }

    #[inline(always)]
    pub(crate) fn exists(key: Aligned<'_>) -> bool {
        // SAFETY: the host reads the slice.
        unsafe { import::exists(key.0.as_ptr(), key.0.len()) != 0 }
    }

    #[inline(always)]
    pub(crate) fn emit(topic: u16, data: Aligned<'_>) {
        // SAFETY: the host reads the slice.
        unsafe { import::emit(u32::from(topic), data.0.as_ptr(), data.0.len()) }
    }

    #[inline(always)]
    pub(crate) fn send(address: &[u64; 3], data: Aligned<'_>) -> u32 {
        // SAFETY: the host reads the address and the slice.
        unsafe { import::send(address, data.0.as_ptr(), data.0.len()) }
    }

    #[inline(always)]
    pub(crate) fn log(text: Aligned<'_>) {
        // SAFETY: the host reads the slice.
        unsafe { import::log(text.0.as_ptr(), text.0.len()) }
    }

    #[inline(always)]
    pub(crate) fn caller() -> [u64; 3] {
        filled(|to| import::caller(to))
    }

    #[inline(always)]
    pub(crate) fn value() -> [u64; 2] {
        filled(|to| import::value(to))
    }

    #[inline(always)]
    pub(crate) fn chain_id() -> [u64; 4] {
        filled(|to| import::chain_id(to))
    }

    #[inline(always)]
    pub(crate) fn height() -> u64 {
        import::height()
    }

    #[inline(always)]
    pub(crate) fn time() -> u64 {
        import::time()
    }

    #[inline(always)]
    pub(crate) fn randomness() -> [u64; 4] {
        filled(|to| import::randomness(to))
    }

    #[inline(always)]
    pub(crate) fn balance(account: &[u64; 3]) -> [u64; 2] {
        filled(|to| import::balance(account, to))
    }

    #[inline(always)]
    pub(crate) fn transfer(account: &[u64; 3], amount: &[u64; 2]) -> u32 {
        import::transfer(account, amount)
    }

    #[inline(always)]
    pub(crate) fn withdraw(address: &[u64; 3], amount: &[u64; 2]) -> u32 {
        import::withdraw(address, amount)
    }

    #[inline(always)]
    pub(crate) fn poseidon2(from: &[[u64; 4]; 2]) -> [u64; 4] {
        filled(|to| import::poseidon2(from, to))
    }

    #[inline(always)]
    pub(crate) fn poseidon5(from: &[[u64; 4]; 5]) -> [u64; 4] {
        filled(|to| import::poseidon5(from, to))
    }
}

/// The guest's heap: a bump allocator. Every call is a fresh instance, so nothing is ever freed.
#[cfg(target_arch = "wasm32")]
pub(crate) mod heap {
    use core::alloc::{GlobalAlloc, Layout};
    use core::ptr;
    use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    unsafe extern "C" {
        /// The linker's symbol for the first address past stack and data.
        static __heap_base: u8;
    }

    /// The next free address; 0 before the first allocation.
    static NEXT: AtomicUsize = AtomicUsize::new(0);

    const PAGE: usize = 1 << 16;

    /// The allocator that `#[playfair::module]` installs.
    #[derive(Debug)]
    pub struct Heap;

    // SAFETY: see the top of the file; sizes that do not fit give null, which the contract of `GlobalAlloc` allows.
    unsafe impl GlobalAlloc for Heap {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            let mut next = NEXT.load(Relaxed);
            if next == 0 {
                next = (&raw const __heap_base).addr();
            }
            // Alignments are powers of two; an address that would wrap does not fit memory either.
            let start = next.wrapping_add(layout.align() - 1) & !(layout.align() - 1);
            let Some(end) = start.checked_add(layout.size()) else {
                return ptr::null_mut();
            };
            let memory = core::arch::wasm32::memory_size::<0>() * PAGE;
            if end > memory {
                let pages = (end - memory).div_ceil(PAGE);
                if core::arch::wasm32::memory_grow::<0>(pages) == usize::MAX {
                    return ptr::null_mut();
                }
            }
            NEXT.store(end, Relaxed);
            ptr::with_exposed_provenance_mut(start)
        }

        unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

        unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            // The last block grows where it is: give it back first. What is written stays.
            let before = NEXT.load(Relaxed);
            if old.addr() + layout.size() == before {
                NEXT.store(old.addr(), Relaxed);
            }
            // SAFETY: the caller promises that `size` is a valid size for this alignment.
            let new = unsafe { self.alloc(Layout::from_size_align_unchecked(size, layout.align())) };
            if new.is_null() {
                NEXT.store(before, Relaxed);
            } else if new != old {
                // SAFETY: both blocks have at least this many bytes; distinct blocks do not overlap.
                unsafe { ptr::copy_nonoverlapping(old, new, layout.size().min(size)) };
            }
            new
        }
    }
}
