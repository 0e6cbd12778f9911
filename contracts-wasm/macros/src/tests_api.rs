//! The types by which tests call a module: a method for each entry, with the arguments' names and types.

use crate::module::{Entry, Kind};
use crate::parse::docs;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// The names of the three types.
fn names(module: &Ident) -> [Ident; 3] {
    [
        format_ident!("{module}Calls"),
        format_ident!("{module}Queries"),
        format_ident!("{module}Genesis"),
    ]
}

/// The associated types of the module.
pub(crate) fn associated(module: &Ident) -> TokenStream {
    let [calls, queries, genesis] = names(module);
    quote! {
        #[cfg(not(target_arch = "wasm32"))]
        type Calls<'chain> = #calls<'chain>;
        #[cfg(not(target_arch = "wasm32"))]
        type Queries<'chain> = #queries<'chain>;
        #[cfg(not(target_arch = "wasm32"))]
        type Genesis<'chain> = #genesis<'chain>;
    }
}

/// The types themselves.
pub(crate) fn types(module: &Ident, entries: &[Entry]) -> TokenStream {
    let [calls, queries, genesis] = names(module);
    let one = |name: &Ident, inner: TokenStream, docs: &str, methods: TokenStream| {
        quote! {
            #[cfg(not(target_arch = "wasm32"))]
            #[doc = #docs]
            #[derive(Debug)]
            #[must_use]
            pub struct #name<'chain>(::playfair::testing::#inner<'chain, #module>);

            #[cfg(not(target_arch = "wasm32"))]
            impl<'chain> ::core::convert::From<::playfair::testing::#inner<'chain, #module>> for #name<'chain> {
                fn from(inner: ::playfair::testing::#inner<'chain, #module>) -> Self {
                    Self(inner)
                }
            }

            #[cfg(not(target_arch = "wasm32"))]
            #[allow(dead_code)]
            impl #name<'_> {
                #methods
            }
        }
    };
    let methods = |wanted: fn(Kind) -> bool| -> TokenStream {
        entries
            .iter()
            .filter(|entry| wanted(entry.kind))
            .map(method)
            .collect()
    };
    let mut all = one(
        &calls,
        quote!(Caller),
        "Calls of the module by one account; see `playfair::testing`.",
        methods(|kind| matches!(kind, Kind::Call(_))),
    );
    all.extend(one(
        &queries,
        quote!(Reader),
        "Queries of the module; see `playfair::testing`.",
        methods(|kind| matches!(kind, Kind::Query(_))),
    ));
    all.extend(one(
        &genesis,
        quote!(Starter),
        "The module's init; see `playfair::testing`.",
        methods(|kind| kind == Kind::Init),
    ));
    all
}

fn method(entry: &Entry) -> TokenStream {
    let signature = &entry.method.sig;
    let (visibility, name) = (&entry.method.vis, &signature.ident);
    let docs = match docs(&entry.method.attrs) {
        docs if docs.is_empty() => format!("Runs the entry `{name}`."),
        docs => docs,
    };
    let (names, types, returns) = (&entry.names, &entry.types, &entry.returns);
    let (result, run) = match entry.kind {
        Kind::Query(number) => (quote!(#returns), quote!(query::<#returns, _>(#number, arguments))),
        Kind::Call(number) => (outcome(returns), quote!(call::<#returns, _>(#number, arguments))),
        Kind::Init | Kind::Tick => (outcome(returns), quote!(init::<#returns, _>(arguments))),
    };
    quote! {
        #[doc = #docs]
        #visibility fn #name(self, #(#names: #types),*) -> #result {
            let arguments = (#(#names,)*);
            self.0.#run
        }
    }
}

fn outcome(returns: &syn::Type) -> TokenStream {
    quote! {
        ::core::result::Result<
            <#returns as ::playfair::module::Reply>::Value,
            ::playfair::testing::Failure<<#returns as ::playfair::module::Reply>::Error>,
        >
    }
}
