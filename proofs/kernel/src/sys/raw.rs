//! The one file with `unsafe`: imports, exports and statics of the program.
//!
//! Why it is sound: imports take and return integers only; there is one thread, and statics consist of cells, of which
//! no reference to the inside is ever made.
#![allow(unsafe_code)]

use crate::memory::Memory;

/// A static of the only thread.
struct Single(Memory);

// SAFETY: the program has one thread.
unsafe impl Sync for Single {}

static MEMORY: Single = Single(Memory::new());

/// The kernel's memory.
#[inline(always)]
pub(crate) fn memory() -> &'static Memory {
    &MEMORY.0
}

/// A field element that travels in a 64-bit integer; in the machine a register holds the element itself.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct F(i64);

impl F {
    /// The word as an element.
    #[inline(always)]
    pub(crate) const fn word(word: u64) -> Self {
        Self(word as i64)
    }

    /// The element as the word that it is by what is known about it.
    #[inline(always)]
    pub(crate) const fn known_word(self) -> u64 {
        self.0 as u64
    }
}

mod zk {
    use super::F;
    #[link(wasm_import_module = "zk")]
    unsafe extern "C" {
        pub(crate) safe fn f_add(a: F, b: F) -> F;
        pub(crate) safe fn f_sub(a: F, b: F) -> F;
        pub(crate) safe fn f_mul(a: F, b: F) -> F;
        pub(crate) safe fn f_lin(a: F, sa: i32, b: F, sb: i32) -> F;
        pub(crate) safe fn f_const(w0: i64, w1: i64, w2: i64, w3: i64) -> F;
        pub(crate) safe fn f_eq(a: F, b: F) -> i32;
        pub(crate) safe fn hint(kind: i32, arg: F) -> i64;
        pub(crate) safe fn hint_f(kind: i32, arg: F) -> F;
        pub(crate) safe fn poseidon5(a: F, b: F, c: F, d: F, e: F) -> F;
        pub(crate) safe fn poseidon2(a: F, b: F) -> F;
        pub(crate) safe fn curve64(px: F, py: F, tx: F, ty: F, ux: F, uy: F, s: i64, h: i64);
        pub(crate) safe fn curve_x() -> F;
        pub(crate) safe fn curve_y() -> F;
        pub(crate) safe fn guest_load(address: i32, offset: i32) -> i64;
        pub(crate) safe fn guest_store(address: i32, offset: i32, word: i64);
        pub(crate) safe fn gas() -> F;
        pub(crate) safe fn gas_sub(gas: i64);
        pub(crate) safe fn set_gas(gas: i64);
        pub(crate) safe fn set_memory(limit: i64, new_run: i32);
        pub(crate) safe fn aux(tag: i32, key: i64) -> F;
        pub(crate) safe fn aux2(tag: i32, key: i64) -> F;
        pub(crate) safe fn raw(address: i64) -> F;
        pub(crate) safe fn xpc() -> F;
        pub(crate) safe fn slots() -> i64;
        pub(crate) safe fn exit() -> !;
        pub(crate) safe fn fail() -> !;
        pub(crate) safe fn finish() -> !;
    }
}

mod import {
    use super::F;
    #[link(wasm_import_module = "module")]
    unsafe extern "C" {
        pub(crate) safe fn call(entry: u32, length: u32);
        pub(crate) safe fn init(length: u32);
        pub(crate) safe fn tick();
        pub(crate) safe fn reset();
        pub(crate) safe fn memory_bytes() -> i64;
        pub(crate) safe fn memory_max() -> i64;
        pub(crate) safe fn table_size() -> i64;
        pub(crate) safe fn has_init() -> i32;
        pub(crate) safe fn has_tick() -> i32;
        pub(crate) safe fn module_hash() -> F;
        pub(crate) safe fn gas_schedule() -> i64;
    }
}

pub(crate) use zk::{curve_x, curve_y, exit, f_add, f_mul, f_sub, fail, finish, poseidon2, poseidon5, xpc};

#[inline(always)]
pub(crate) fn f_lin<const SA: i32, const SB: i32>(a: F, b: F) -> F {
    zk::f_lin(a, SA, b, SB)
}

#[inline(always)]
pub(crate) fn f_const<const W0: u64, const W1: u64, const W2: u64, const W3: u64>() -> F {
    zk::f_const(W0 as i64, W1 as i64, W2 as i64, W3 as i64)
}

#[inline(always)]
pub(crate) fn f_eq(a: F, b: F) -> bool {
    zk::f_eq(a, b) != 0
}

#[inline(always)]
pub(crate) fn hint<const KIND: u32>(arg: F) -> u64 {
    zk::hint(KIND as i32, arg) as u64
}

#[inline(always)]
pub(crate) fn hint_f<const KIND: u32>(arg: F) -> F {
    zk::hint_f(KIND as i32, arg)
}

/// P = (px, py) becomes 2P + {O, B8, T, U} for each bit of (s, h), most significant first; U must be T + B8.
#[inline(always)]
pub(crate) fn curve64(p: [F; 2], t: [F; 2], u: [F; 2], s: u64, h: u64) {
    let ([px, py], [tx, ty], [ux, uy]) = (p, t, u);
    zk::curve64(px, py, tx, ty, ux, uy, s as i64, h as i64);
}

/// The word of the run's memory at `address + OFFSET`.
#[inline(always)]
pub(crate) fn guest_load<const OFFSET: u32>(address: u32) -> u64 {
    zk::guest_load(address as i32, OFFSET as i32) as u64
}

/// Writes it.
#[inline(always)]
pub(crate) fn guest_store<const OFFSET: u32>(address: u32, word: u64) {
    zk::guest_store(address as i32, OFFSET as i32, word as i64);
}

/// The gas that is left, negative after a charge that did not fit.
#[inline(always)]
pub(crate) fn gas() -> F {
    zk::gas()
}

/// Whether less gas is left than `price`. A negative rest, as an integer far above 2^64 in the field, compares as below.
#[inline(always)]
pub(crate) fn gas_below(price: u32) -> bool {
    (zk::gas().0 as u64) < u64::from(price)
}

#[inline(always)]
pub(crate) fn gas_sub(price: u32) {
    zk::gas_sub(i64::from(price));
}

#[inline(always)]
pub(crate) fn set_gas(gas: u32) {
    zk::set_gas(i64::from(gas));
}

#[inline(always)]
pub(crate) fn set_memory<const NEW_RUN: i32>(bytes: u32) {
    zk::set_memory(i64::from(bytes), NEW_RUN);
}

#[inline(always)]
pub(crate) fn aux<const TAG: i32>(key: u64) -> F {
    zk::aux(TAG, key as i64)
}

#[inline(always)]
pub(crate) fn aux2<const TAG: i32>(key: u64) -> F {
    zk::aux2(TAG, key as i64)
}

#[inline(always)]
pub(crate) fn slots() -> u64 {
    zk::slots() as u64
}

#[inline(always)]
pub(crate) fn raw(address: u64) -> F {
    zk::raw(address as i64)
}

/// The module that the program is linked with.
pub(crate) mod module {
    use super::import;

    pub(crate) use import::{call, init, module_hash, reset, tick};

    /// Initial size of its memory, bytes.
    #[inline(always)]
    pub(crate) fn memory_bytes() -> u32 {
        import::memory_bytes() as u32
    }

    /// Most bytes that its memory may have.
    #[inline(always)]
    pub(crate) fn memory_max() -> u32 {
        import::memory_max() as u32
    }

    #[inline(always)]
    pub(crate) fn table_size() -> u64 {
        import::table_size() as u64
    }

    #[inline(always)]
    pub(crate) fn has_init() -> bool {
        import::has_init() != 0
    }

    #[inline(always)]
    pub(crate) fn has_tick() -> bool {
        import::has_tick() != 0
    }

    #[inline(always)]
    pub(crate) fn gas_schedule() -> u64 {
        import::gas_schedule() as u64
    }
}

mod export {
    #[unsafe(no_mangle)]
    extern "C" fn boot() {
        crate::segment::boot()
    }

    #[unsafe(no_mangle)]
    extern "C" fn resume() {
        crate::ending::resume()
    }

    #[unsafe(no_mangle)]
    extern "C" fn trapped() {
        crate::ending::trapped()
    }

    #[unsafe(no_mangle)]
    extern "C" fn memory_size() -> u32 {
        crate::host::memory_size()
    }

    #[unsafe(no_mangle)]
    extern "C" fn memory_grow(pages: u32) -> u32 {
        crate::host::memory_grow(pages)
    }

    #[unsafe(no_mangle)]
    extern "C" fn bulk_charge(length: u32) -> u32 {
        crate::host::bulk_charge(length)
    }

    macro_rules! host {
        ($($export:ident = $name:ident($($param:ident),*) $(-> $result:ty)?;)+) => {
            $(#[unsafe(no_mangle)]
            extern "C" fn $export($($param: u32),*) $(-> $result)? {
                crate::host::$name($($param),*)
            })+
        };
    }

    host! {
        host_input = input(to);
        host_output = output(from, length);
        host_revert = revert(from, length);
        host_get = get(key, key_length, to, capacity) -> u32;
        host_set = set(key, key_length, from, length);
        host_remove = remove(key, key_length) -> u32;
        host_exists = exists(key, key_length) -> u32;
        host_emit = emit(topic, from, length);
        host_send = send(address, from, length) -> u32;
        host_caller = caller(to);
        host_value = value(to);
        host_chain_id = chain_id(to);
        host_height = height() -> u64;
        host_time = time() -> u64;
        host_randomness = randomness(to);
        host_balance = balance(account, to);
        host_transfer = transfer(account, amount) -> u32;
        host_withdraw = withdraw(address, amount) -> u32;
        host_poseidon2 = poseidon2(from, to);
        host_poseidon5 = poseidon5(from, to);
        host_log = log(from, length);
    }
}

/// A panic is a run that has no proof. No message: what leads here is a bug, and text would be part of the program.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    fail()
}
