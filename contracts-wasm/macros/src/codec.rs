//! `#[derive(playfair::Codec)]`.

use crate::parse::{Mistakes, check_type, docs, no_generics};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Expr, ExprLit, Fields, Ident, Lit, Member, Result};

pub(crate) fn expand(item: &DeriveInput) -> Result<TokenStream> {
    no_generics(&item.generics, "a type with an encoding")?;
    let body = match &item.data {
        Data::Struct(data) => of_struct(&data.fields)?,
        Data::Enum(data) => of_enum(item, data)?,
        Data::Union(_) => return Err(Error::new(item.ident.span(), "a union has no encoding")),
    };
    let Body {
        longest,
        shape,
        encode,
        decode,
    } = body;
    let name = &item.ident;
    let text = name.to_string();
    if !text.starts_with(char::is_uppercase) {
        return Err(Error::new(
            name.span(),
            "names of types begin with a capital letter: in the ABI that tells them from built-in types",
        ));
    }
    let docs = docs(&item.attrs);
    Ok(quote! {
        #[automatically_derived]
        impl ::playfair::Codec for #name {
            const MAX: usize = #longest;
            const TYPE: &'static ::playfair::abi::Type =
                &::playfair::abi::Type::Named(&::playfair::abi::Named {
                    name: #text,
                    path: ::core::concat!(::core::module_path!(), "::", #text),
                    docs: #docs,
                    shape: #shape,
                });

            #[inline(always)]
            fn encode(&self, to: &mut ::playfair::codec::Writer<'_>) {
                #encode
            }

            #[inline(always)]
            fn decode(
                from: &mut ::playfair::codec::Reader<'_>,
            ) -> ::core::result::Result<Self, ::playfair::codec::DecodeError> {
                #decode
            }
        }
    })
}

/// The parts of the implementation.
struct Body {
    longest: TokenStream,
    shape: TokenStream,
    encode: TokenStream,
    decode: TokenStream,
}

/// One list of fields, of a struct or of a variant.
struct Parts {
    longest: TokenStream,
    described: TokenStream,
    /// `name: binding` of each field, for patterns and for building a value.
    bound: TokenStream,
    encode: TokenStream,
    decode: TokenStream,
}

fn parts(fields: &Fields) -> Result<Parts> {
    let mut mistakes = Mistakes::default();
    let mut parts = Parts {
        longest: quote!(0usize),
        described: TokenStream::new(),
        bound: TokenStream::new(),
        encode: TokenStream::new(),
        decode: TokenStream::new(),
    };
    for (index, field) in fields.iter().enumerate() {
        mistakes.note(check_type(&field.ty));
        let ty = &field.ty;
        let member = match &field.ident {
            Some(name) => Member::Named(name.clone()),
            None => Member::Unnamed(index.into()),
        };
        let text = match &member {
            Member::Named(name) => unraw(name),
            Member::Unnamed(index) => index.index.to_string(),
        };
        let binding = format_ident!("field_{index}");
        // The type's span, so that "has no encoding" points at the field.
        let codec = quote_spanned!(ty.span()=> <#ty as ::playfair::Codec>);
        parts.longest.extend(quote!(+ #codec::MAX));
        parts
            .described
            .extend(quote!(::playfair::abi::Field { name: #text, ty: #codec::TYPE },));
        parts.bound.extend(quote!(#member: #binding,));
        parts.encode.extend(quote!(#codec::encode(#binding, to);));
        parts.decode.extend(quote!(let #binding = #codec::decode(from)?;));
    }
    mistakes.finish()?;
    Ok(parts)
}

fn of_struct(fields: &Fields) -> Result<Body> {
    let Parts {
        longest,
        described,
        bound,
        encode,
        decode,
    } = parts(fields)?;
    Ok(Body {
        longest,
        shape: quote!(::playfair::abi::Shape::Struct(&[#described])),
        encode: quote!(let Self { #bound } = self; #encode),
        decode: quote!(#decode ::core::result::Result::Ok(Self { #bound })),
    })
}

fn of_enum(item: &DeriveInput, data: &syn::DataEnum) -> Result<Body> {
    if data.variants.is_empty() {
        return Err(Error::new(
            item.ident.span(),
            "an enum without variants has no values to encode",
        ));
    }
    let mut mistakes = Mistakes::default();
    let mut next = 0;
    let (mut lengths, mut described) = (TokenStream::new(), TokenStream::new());
    let (mut encode, mut decode) = (TokenStream::new(), TokenStream::new());
    let mut tags = Vec::new();
    for variant in &data.variants {
        let tag = match &variant.discriminant {
            Some((_, value)) => mistakes.note(discriminant(value, 255)).unwrap_or(next),
            None => next,
        };
        let Ok(byte) = u8::try_from(tag) else {
            mistakes.at(variant, "an enum's tag is one byte: it has at most 256 variants");
            break;
        };
        if tags.contains(&byte) {
            mistakes.at(variant, format!("another variant has the tag {byte}"));
        }
        tags.push(byte);
        next = tag + 1;
        let Some(parts) = mistakes.note(parts(&variant.fields)) else {
            continue;
        };
        let name = &variant.ident;
        let text = unraw(name);
        let Parts {
            longest,
            described: fields,
            bound,
            encode: put,
            decode: take,
        } = parts;
        lengths.extend(quote!(#longest,));
        described.extend(quote!(::playfair::abi::Variant { tag: #byte, name: #text, fields: &[#fields] },));
        encode.extend(quote!(Self::#name { #bound } => { to.put(&[#byte]); #put }));
        decode.extend(quote!(#byte => { #take ::core::result::Result::Ok(Self::#name { #bound }) }));
    }
    mistakes.finish()?;
    Ok(Body {
        longest: quote!(1 + ::playfair::__private::longest(&[#lengths])),
        shape: quote!(::playfair::abi::Shape::Enum(&[#described])),
        encode: quote!(match self { #encode }),
        decode: quote! {
            match from.array::<1>()?[0] {
                #decode
                _ => ::core::result::Result::Err(::playfair::codec::DecodeError::Value),
            }
        },
    })
}

/// The number after `=`, at most `max`.
pub(crate) fn discriminant(value: &Expr, max: u32) -> Result<u32> {
    let number = match value {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => number.base10_parse::<u32>().ok(),
        _ => None,
    };
    number.filter(|number| *number <= max).ok_or_else(|| {
        Error::new(
            value.span(),
            format!("a plain number from 0 to {max} is needed here"),
        )
    })
}

/// A name without `r#`.
pub(crate) fn unraw(name: &Ident) -> String {
    name.to_string().trim_start_matches("r#").to_owned()
}
