//! Macros of the guest SDK: `playfair::module`, `storage`, `event`, `error` and the derive `Codec`.
//!
//! Each reads one item, says every mistake that it can see at the place where it is, and writes the implementation of one
//! trait of the SDK. What types mean, and whether lengths are small enough, the SDK's traits and constants decide.
//!
//! The generated exports carry `#[unsafe(no_mangle)]`, as every WebAssembly export of Rust does; no other unsafe code is
//! generated. Lints do not look into a macro's output, so a module may forbid unsafe code.

mod codec;
mod error;
mod event;
mod module;
mod parse;
mod storage;
mod tests_api;

use proc_macro::TokenStream;
use syn::parse_macro_input;

/// Makes an `impl` block of a storage struct the module: `#[playfair::module(events(A, B))]`.
///
/// Methods become entries by `#[init]`, `#[tick]`, `#[call(n)]` and `#[query(n)]`; others stay plain methods. With
/// `std` among the arguments the module brings no panic handler, for modules that link the standard library.
#[proc_macro_attribute]
pub fn module(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let arguments = parse_macro_input!(arguments as module::Arguments);
    let item = parse_macro_input!(item as syn::ItemImpl);
    finish(module::expand(&arguments, item))
}

/// Makes a struct of collections the module's storage. Each field's keys begin with a byte: its place, from 0, or what
/// `#[prefix(n)]` says.
#[proc_macro_attribute]
pub fn storage(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::ItemStruct);
    finish(parse::no_arguments(&arguments.into(), "storage").and_then(|()| storage::expand(item)))
}

/// Makes a struct or an enum the data of an event; it derives `Codec`, `Clone`, `Debug` and `PartialEq`.
#[proc_macro_attribute]
pub fn event(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::DeriveInput);
    finish(parse::no_arguments(&arguments.into(), "event").and_then(|()| event::expand(item)))
}

/// Makes an enum the module's errors: each variant says its text by `#[error("...")]`; its code is its place, from 0, or
/// its `= n`. It derives `Clone`, `Copy`, `Debug`, `PartialEq` and `Eq`.
#[proc_macro_attribute]
pub fn error(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::ItemEnum);
    finish(parse::no_arguments(&arguments.into(), "error").and_then(|()| error::expand(item)))
}

/// Gives a struct or an enum an encoding: its fields in order, an enum's after a tag.
#[proc_macro_derive(Codec)]
pub fn derive_codec(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::DeriveInput);
    finish(codec::expand(&item))
}

fn finish(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(syn::Error::into_compile_error).into()
}
