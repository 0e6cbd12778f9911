//! `#[playfair::error]`.

use crate::codec::{discriminant, unraw};
use crate::parse::{Mistakes, docs, missing_derives, no_generics};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Fields, ItemEnum, LitStr, Result};

/// Longest text: a revert's message has 256 bytes, two of them the code.
const TEXT_BYTES_MAX: usize = 254;
/// The SDK's own codes start here.
const CODES_END: u32 = 65_280;

pub(crate) fn expand(mut item: ItemEnum) -> Result<TokenStream> {
    no_generics(&item.generics, "an error")?;
    let mut mistakes = Mistakes::default();
    if item.variants.is_empty() {
        mistakes.at(&item.ident, "an error needs variants");
    }
    let mut next = 0;
    let mut used = Vec::new();
    let (mut described, mut messages) = (TokenStream::new(), TokenStream::new());
    let (mut codes, mut texts) = (TokenStream::new(), TokenStream::new());
    for variant in &mut item.variants {
        let code = match &variant.discriminant {
            Some((_, value)) => mistakes.note(discriminant(value, CODES_END - 1)).unwrap_or(next),
            None => next,
        };
        next = code + 1;
        if used.contains(&code) {
            mistakes.at(&variant.ident, format!("another variant has the code {code}"));
        }
        used.push(code);
        if !matches!(variant.fields, Fields::Unit) {
            mistakes.at(
                &variant.fields,
                "an error has no fields: its message is fixed, so that no instruction is spent on making it",
            );
        }
        let is_text = |attribute: &Attribute| attribute.path().is_ident("error");
        let Some(at) = variant.attrs.iter().position(is_text) else {
            mistakes.at(
                &variant.ident,
                "what does it say to the player? write `#[error(\"...\")]` above it",
            );
            continue;
        };
        let text = variant.attrs.remove(at);
        let Some(text) = mistakes.note(text.parse_args::<LitStr>()) else {
            continue;
        };
        let (bytes, value) = (text.value().len(), text.value());
        if bytes == 0 || bytes > TEXT_BYTES_MAX {
            mistakes.at(&text, format!("an error's text has 1 to {TEXT_BYTES_MAX} bytes"));
            continue;
        }
        if docs(&variant.attrs).is_empty() {
            // Its text is its documentation.
            variant.attrs.push(syn::parse_quote!(#[doc = #value]));
        }
        let (name, label, length, code) = (&variant.ident, unraw(&variant.ident), bytes + 2, code as u16);
        described.extend(quote! {
            ::playfair::abi::ErrorVariant { code: #code, name: #label, text: #value },
        });
        messages.extend(quote! {
            Self::#name => {
                static MESSAGE: ::playfair::__private::Static<#length> =
                    ::playfair::__private::Static::revert_message(#code, #value);
                MESSAGE.get()
            }
        });
        codes.extend(quote!(#code => ::core::option::Option::Some(Self::#name),));
        texts.extend(quote!(Self::#name => #value,));
    }
    mistakes.finish()?;
    let derives = missing_derives(
        &item.attrs,
        &[
            ("Clone", "::core::clone::Clone"),
            ("Copy", "::core::marker::Copy"),
            ("Debug", "::core::fmt::Debug"),
            ("PartialEq", "::core::cmp::PartialEq"),
            ("Eq", "::core::cmp::Eq"),
        ],
    );
    let (name, text) = (&item.ident, unraw(&item.ident));
    Ok(quote! {
        #derives
        #item

        impl ::playfair::errors::ModuleError for #name {
            const TYPE: &'static ::playfair::abi::ErrorType = &::playfair::abi::ErrorType {
                name: #text,
                path: ::core::concat!(::core::module_path!(), "::", #text),
                variants: &[#described],
            };

            #[inline(always)]
            fn message(&self) -> ::playfair::__private::StaticBytes {
                match self { #messages }
            }

            fn from_code(code: u16) -> ::core::option::Option<Self> {
                match code {
                    #codes
                    _ => ::core::option::Option::None,
                }
            }
        }

        impl ::core::fmt::Display for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(match self { #texts })
            }
        }

        impl ::core::error::Error for #name {}
    })
}
