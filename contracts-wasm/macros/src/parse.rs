//! What all macros read the same way: documentation, numbers, types that modules cannot use.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ExprLit, Generics, Lit, LitInt, Meta, Result, Type};

/// Collects mistakes, so that one build shows all of them.
#[derive(Default)]
pub(crate) struct Mistakes(Option<Error>);

impl Mistakes {
    pub(crate) fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    pub(crate) fn at(&mut self, place: &impl Spanned, message: impl core::fmt::Display) {
        self.add(Error::new(place.span(), message));
    }

    /// The value, or the mistake of reading it.
    pub(crate) fn note<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    pub(crate) fn finish(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}

/// Demands that an attribute stands alone.
pub(crate) fn no_arguments(arguments: &TokenStream, name: &str) -> Result<()> {
    match arguments.is_empty() {
        true => Ok(()),
        false => Err(Error::new(
            arguments.span(),
            format!("`#[playfair::{name}]` takes no arguments"),
        )),
    }
}

/// The documentation, its lines joined.
pub(crate) fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text), ..
            }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The number in `#[name(n)]`, below `end`.
pub(crate) fn number(attribute: &Attribute, name: &str, end: u32, why: &str) -> Result<u8> {
    let Meta::List(list) = &attribute.meta else {
        return Err(Error::new(
            attribute.span(),
            format!("which number? write `#[{name}(0)]`: clients call by it, so it must never change"),
        ));
    };
    let number: LitInt = list
        .parse_args()
        .map_err(|_| Error::new(list.tokens.span(), format!("`#[{name}(n)]` takes one number")))?;
    match number.base10_parse::<u32>() {
        Ok(value) if value < end => Ok(value as u8),
        _ => Err(Error::new(
            number.span(),
            format!("this number is too large: {why}"),
        )),
    }
}

/// Demands that an item has no generic parameters.
pub(crate) fn no_generics(generics: &Generics, what: &str) -> Result<()> {
    match generics.params.is_empty() {
        true => Ok(()),
        false => Err(Error::new(
            generics.span(),
            format!("{what} cannot be generic: its encoding and its place in the ABI must be one"),
        )),
    }
}

/// Finds what no module type can contain, at its place.
pub(crate) fn check_type(ty: &Type) -> Result<()> {
    let mut mistakes = Mistakes::default();
    if let Type::Reference(reference) = ty {
        mistakes.at(
            reference,
            "references have no encoding: take the value itself, text as `Text<N>`, bytes as `Bytes<N>`",
        );
        return mistakes.finish();
    }
    if let Type::ImplTrait(_) | Type::TraitObject(_) | Type::BareFn(_) | Type::Ptr(_) | Type::Never(_) = ty {
        mistakes.at(
            ty,
            "this type has no encoding: name a type that derives `playfair::Codec`",
        );
        return mistakes.finish();
    }
    words(ty.to_token_stream(), &mut mistakes);
    mistakes.finish()
}

fn words(tokens: TokenStream, mistakes: &mut Mistakes) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => {
                if let Some(advice) = advice(&word.to_string()) {
                    mistakes.add(Error::new(word.span(), advice));
                }
            }
            TokenTree::Group(group) => words(group.stream(), mistakes),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn advice(word: &str) -> Option<&'static str> {
    Some(match word {
        "f32" | "f64" => NO_FLOATS,
        "usize" | "isize" => "the size of `usize` depends on the machine: use `u32` or `u64`",
        "String" => "a `String` has no longest length: use `Text<N>`, at most N bytes",
        "Vec" => "a `Vec` has no longest length: use `List<T, N>` or `Bytes<N>`",
        "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet" => {
            "this collection has no longest length: keep its entries in a `Map` or `Table` of the storage"
        }
        "char" => "a `char` has no encoding: use `Text<4>` or `u32`",
        _ => return None,
    })
}

/// What to do instead of floats.
const NO_FLOATS: &str =
    "modules have no floats, their results differ between machines: use `Fixed` or integers";

/// Finds floats in code: `f32`, `f64`, and literals such as `1.5`.
pub(crate) fn find_floats(tokens: TokenStream, mistakes: &mut Mistakes) {
    let mut after_dot = false;
    for token in tokens {
        let mut dot = false;
        match &token {
            TokenTree::Ident(word) if word == "f32" || word == "f64" => {
                mistakes.add(Error::new(word.span(), NO_FLOATS));
            }
            // The `0.1` of `pair.0.1` is no number.
            TokenTree::Literal(literal) if !after_dot && is_float(&literal.to_string()) => {
                mistakes.add(Error::new(literal.span(), NO_FLOATS));
            }
            TokenTree::Group(group) => find_floats(group.stream(), mistakes),
            TokenTree::Punct(punct) => dot = punct.as_char() == '.',
            TokenTree::Ident(_) | TokenTree::Literal(_) => {}
        }
        after_dot = dot;
    }
}

fn is_float(literal: &str) -> bool {
    matches!(syn::parse_str::<Lit>(literal), Ok(Lit::Float(_)))
}

/// Adds `#[derive(...)]` of those traits that the item does not derive already.
pub(crate) fn missing_derives(attributes: &[Attribute], wanted: &[(&str, &str)]) -> TokenStream {
    let derived: String = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"))
        .map(|attribute| attribute.to_token_stream().to_string())
        .collect();
    let has = |name: &str| {
        derived
            .split(|letter: char| !letter.is_alphanumeric())
            .any(|word| word == name)
    };
    let missing = wanted.iter().filter(|(name, _)| !has(name));
    let paths = missing.filter_map(|(_, path)| syn::parse_str::<syn::Path>(path).ok());
    quote::quote!(#[derive(#(#paths),*)])
}
