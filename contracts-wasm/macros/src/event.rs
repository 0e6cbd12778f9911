//! `#[playfair::event]`.

use crate::parse::{missing_derives, no_generics};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Result};

pub(crate) fn expand(item: DeriveInput) -> Result<TokenStream> {
    no_generics(&item.generics, "an event")?;
    let derives = missing_derives(
        &item.attrs,
        &[
            ("Codec", "::playfair::Codec"),
            ("Clone", "::core::clone::Clone"),
            ("Debug", "::core::fmt::Debug"),
            ("PartialEq", "::core::cmp::PartialEq"),
        ],
    );
    let name = &item.ident;
    Ok(quote! {
        #derives
        #item

        impl ::playfair::module::EventData for #name {}
    })
}
