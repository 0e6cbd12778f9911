//! `#[playfair::storage]`.

use crate::codec::unraw;
use crate::parse::{Mistakes, no_generics, number};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Fields, ItemStruct, Result};

pub(crate) fn expand(mut item: ItemStruct) -> Result<TokenStream> {
    no_generics(&item.generics, "a storage struct")?;
    if let Fields::Unnamed(fields) = &item.fields {
        return Err(Error::new(
            fields.span(),
            "storage fields need names: clients find values by them",
        ));
    }
    let mut mistakes = Mistakes::default();
    let mut next = 0u32;
    let mut used = Vec::new();
    let (mut described, mut opened, mut proven) =
        (TokenStream::new(), TokenStream::new(), TokenStream::new());
    for field in &mut item.fields {
        let explicit = field
            .attrs
            .iter()
            .position(|attribute| attribute.path().is_ident("prefix"));
        let prefix = match explicit.map(|at| field.attrs.remove(at)) {
            Some(attribute) => mistakes
                .note(number(&attribute, "prefix", 256, "a prefix is one byte"))
                .map_or(next, u32::from),
            None => next,
        };
        next = prefix + 1;
        let Ok(prefix) = u8::try_from(prefix) else {
            mistakes.at(field, "a prefix is one byte: a storage has at most 256 fields");
            break;
        };
        if used.contains(&prefix) {
            mistakes.at(
                field,
                format!("another field has the prefix {prefix}: their keys would be the same"),
            );
        }
        used.push(prefix);
        let (Some(name), ty) = (&field.ident, &field.ty) else {
            continue;
        };
        let text = unraw(name);
        // The type's span, so that a wrong or too long type is shown there.
        let collection = quote_spanned!(ty.span()=> <#ty as ::playfair::store::Collection>);
        described.extend(quote! {
            ::playfair::abi::Stored { prefix: #prefix, name: #text, ..#collection::STORED },
        });
        opened.extend(quote!(#name: #collection::at(#prefix),));
        proven.extend(quote_spanned!(ty.span()=> const _: () = #collection::PROVEN;));
    }
    mistakes.finish()?;
    let name = &item.ident;
    Ok(quote! {
        #item

        impl ::playfair::module::Storage for #name {
            const FIELDS: &'static [::playfair::abi::Stored] = &[#described];

            #[inline(always)]
            fn open() -> Self {
                Self { #opened }
            }
        }

        #proven
    })
}
