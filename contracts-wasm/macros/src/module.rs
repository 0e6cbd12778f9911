//! `#[playfair::module]`.

use crate::codec::unraw;
use crate::parse::{Mistakes, check_type, docs, find_floats, no_generics, number};
use crate::tests_api;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, FnArg, ImplItem, ImplItemFn, ItemImpl, Pat, Path, Result, ReturnType, Token, Type,
    parenthesized,
};

/// Entries from here on belong to the system.
const SYSTEM_ENTRIES: u32 = 240;

/// What stands in `#[playfair::module(...)]`.
pub(crate) struct Arguments {
    events: Vec<Path>,
    std: bool,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut arguments = Self {
            events: Vec::new(),
            std: false,
        };
        while !input.is_empty() {
            let word: Ident = input.parse()?;
            if word == "events" {
                let list;
                parenthesized!(list in input);
                arguments.events = Punctuated::<Path, Token![,]>::parse_terminated(&list)?
                    .into_iter()
                    .collect();
            } else if word == "std" {
                arguments.std = true;
            } else {
                return Err(Error::new(
                    word.span(),
                    "`#[playfair::module]` knows `events(Type, ...)` and `std`",
                ));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(arguments)
    }
}

/// Which entry point leads to a method.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Init,
    Tick,
    Call(u8),
    Query(u8),
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::Tick => "tick",
            Self::Call(_) => "call",
            Self::Query(_) => "query",
        }
    }
}

/// A method that is an entry.
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) method: ImplItemFn,
    /// Whether it takes the context, and how.
    context: Option<TokenStream>,
    pub(crate) names: Vec<Ident>,
    pub(crate) types: Vec<Type>,
    pub(crate) returns: Type,
}

pub(crate) fn expand(arguments: &Arguments, mut item: ItemImpl) -> Result<TokenStream> {
    if let Some((_, path, _)) = &item.trait_ {
        return Err(Error::new(
            path.span(),
            "a module is an `impl` block of its own, not of a trait",
        ));
    }
    no_generics(&item.generics, "a module")?;
    let name = match &*item.self_ty {
        Type::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    };
    let Some(name) = name else {
        return Err(Error::new(
            item.self_ty.span(),
            "a module is an `impl` block of a storage struct",
        ));
    };
    let mut mistakes = Mistakes::default();
    find_floats(
        item.items.iter().map(ToTokens::to_token_stream).collect(),
        &mut mistakes,
    );
    let mut entries: Vec<Entry> = Vec::new();
    for method in &mut item.items {
        let ImplItem::Fn(method) = method else { continue };
        let Some(Some(kind)) = mistakes.note(take_kind(method)) else {
            continue;
        };
        let Some(entry) = mistakes.note(read_entry(kind, method)) else {
            continue;
        };
        if let Some(before) = entries.iter().find(|before| before.kind == kind) {
            mistakes.at(&method.sig.ident, twice(kind, before));
        }
        entries.push(entry);
    }
    mistakes.finish()?;

    let implementation = implement(arguments, &item, &name, &entries);
    let exports = exports(arguments, &name, &entries);
    let tests_api = tests_api::types(&name, &entries);
    Ok(quote! {
        #item
        #implementation
        #exports
        #tests_api
    })
}

fn twice(kind: Kind, before: &Entry) -> String {
    let before = &before.method.sig.ident;
    match kind {
        Kind::Call(number) | Kind::Query(number) => {
            format!(
                "`{before}` is already {} {number}: every entry needs a number of its own",
                kind.name()
            )
        }
        Kind::Init | Kind::Tick => {
            format!("`{before}` is already the module's {}: there is one", kind.name())
        }
    }
}

/// Takes the SDK's attribute off a method.
fn take_kind(method: &mut ImplItemFn) -> Result<Option<Kind>> {
    const NAMES: [&str; 4] = ["init", "tick", "call", "query"];
    let is_ours = |attribute: &Attribute| NAMES.iter().any(|name| attribute.path().is_ident(name));
    let Some(at) = method.attrs.iter().position(is_ours) else {
        return Ok(None);
    };
    let attribute = method.attrs.remove(at);
    if let Some(second) = method
        .attrs
        .iter()
        .position(is_ours)
        .map(|at| method.attrs.remove(at))
    {
        return Err(Error::new(
            second.span(),
            "a method is one entry: call one plain method from two entries instead",
        ));
    }
    let path = attribute.path();
    let system = "entries from 240 on belong to the system; a module's are 0 to 239";
    Ok(Some(if path.is_ident("call") {
        Kind::Call(number(&attribute, "call", SYSTEM_ENTRIES, system)?)
    } else if path.is_ident("query") {
        Kind::Query(number(
            &attribute,
            "query",
            SYSTEM_ENTRIES,
            "queries have 0 to 239",
        )?)
    } else if let syn::Meta::Path(_) = attribute.meta {
        if path.is_ident("init") {
            Kind::Init
        } else {
            Kind::Tick
        }
    } else {
        return Err(Error::new(
            attribute.span(),
            "there is one of these: it takes no number",
        ));
    }))
}

fn read_entry(kind: Kind, method: &ImplItemFn) -> Result<Entry> {
    let mut mistakes = Mistakes::default();
    let signature = &method.sig;
    if let Some(word) = &signature.asyncness {
        mistakes.at(word, "an entry cannot be async: a call runs to its end at once");
    }
    if let Some(word) = &signature.unsafety {
        mistakes.at(word, "an entry cannot be unsafe: everybody can call it");
    }
    if let Some(word) = &signature.abi {
        mistakes.at(word, "an entry is a plain method: the macro makes the exports");
    }
    mistakes.note(no_generics(&signature.generics, "an entry"));
    check_receiver(kind, method, &mut mistakes);

    let (mut context, mut names, mut types) = (None, Vec::new(), Vec::new());
    for (at, argument) in signature
        .inputs
        .iter()
        .filter(|input| matches!(input, FnArg::Typed(_)))
        .enumerate()
    {
        let FnArg::Typed(argument) = argument else {
            continue;
        };
        if let Some(mutable) = is_context(&argument.ty) {
            match mutable {
                None => mistakes.at(&argument.ty, "take the context as `&Context` or `&mut Context`"),
                Some(_) if at > 0 => mistakes.at(&argument.ty, "the context comes first, right after `self`"),
                Some(true) if matches!(kind, Kind::Query(_)) => {
                    mistakes.at(&argument.ty, "a query changes nothing: take `&Context`");
                }
                Some(true) => context = Some(quote!(&mut context)),
                Some(false) => context = Some(quote!(&context)),
            }
            continue;
        }
        mistakes.note(check_type(&argument.ty));
        match &*argument.pat {
            Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
                names.push(name.ident.clone())
            }
            pattern => mistakes.at(pattern, "an argument needs a name: clients show it"),
        }
        types.push((*argument.ty).clone());
    }
    if kind == Kind::Tick
        && let Some(ty) = types.first()
    {
        mistakes.at(ty, "a tick has no arguments: nobody calls it");
    }
    if types.len() > 8 {
        mistakes.at(
            &signature.ident,
            "an entry has at most 8 arguments: put some into a struct",
        );
    }
    let returns = match &signature.output {
        ReturnType::Default => syn::parse_quote!(()),
        ReturnType::Type(_, ty) => {
            mistakes.note(check_type(ty));
            (**ty).clone()
        }
    };
    mistakes.finish()?;
    Ok(Entry {
        kind,
        method: method.clone(),
        context,
        names,
        types,
        returns,
    })
}

fn check_receiver(kind: Kind, method: &ImplItemFn, mistakes: &mut Mistakes) {
    let wanted = match kind {
        Kind::Query(_) => "&self",
        _ => "&mut self",
    };
    let what = kind.name();
    match method.sig.receiver() {
        None => mistakes.at(
            &method.sig.ident,
            format!("a {what} works on the module's storage: its first argument is `{wanted}`"),
        ),
        Some(receiver) if receiver.reference.is_none() || receiver.colon_token.is_some() => {
            mistakes.at(
                receiver,
                format!("a {what} borrows the module's storage: take `{wanted}`"),
            );
        }
        Some(receiver) if receiver.mutability.is_some() && matches!(kind, Kind::Query(_)) => {
            mistakes.at(receiver, "a query changes nothing: take `&self`");
        }
        Some(_) => {}
    }
}

/// Whether a type is the context: `Some(None)` by value, else whether it is borrowed mutably.
fn is_context(ty: &Type) -> Option<Option<bool>> {
    let named = |ty: &Type| match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|segment| segment.ident == "Context"),
        _ => false,
    };
    match ty {
        Type::Reference(reference) if named(&reference.elem) => Some(Some(reference.mutability.is_some())),
        ty if named(ty) => Some(None),
        _ => None,
    }
}

impl Entry {
    /// The statements that run it.
    fn run(&self, module: &Ident) -> TokenStream {
        let (method, names, types) = (&self.method.sig.ident, &self.names, &self.types);
        let bindings: Vec<Ident> = (0..names.len())
            .map(|at| format_ident!("argument_{at}"))
            .collect();
        let context = self.context.iter();
        let reply_span = self.returns.span();
        let reply = quote_spanned!(reply_span=> ::playfair::__private::reply::<_>);
        let arguments = match self.kind {
            Kind::Tick => TokenStream::new(),
            _ => quote! {
                let (#(#bindings,)*) = ::playfair::__private::arguments::<(#(#types,)*)>(length);
            },
        };
        quote! {
            #arguments
            #[allow(unused_mut)]
            let mut module = <#module as ::playfair::module::Storage>::open();
            #[allow(unused_mut, unused_variables)]
            let mut context = ::playfair::Context::of_this_run();
            #reply(module.#method(#(#context,)* #(#bindings),*))
        }
    }

    /// What the ABI says about it.
    fn describe(&self) -> TokenStream {
        let number = match self.kind {
            Kind::Call(number) | Kind::Query(number) => number,
            Kind::Init | Kind::Tick => 0,
        };
        let (name, docs) = (unraw(&self.method.sig.ident), docs(&self.method.attrs));
        let (types, returns) = (&self.types, &self.returns);
        let names = self.names.iter().map(unraw);
        quote! {
            ::playfair::abi::Entry {
                number: #number,
                name: #name,
                docs: #docs,
                args: &[#(::playfair::abi::Field { name: #names, ty: <#types as ::playfair::Codec>::TYPE }),*],
                returns: <#returns as ::playfair::module::Reply>::VALUE,
                error: <#returns as ::playfair::module::Reply>::ERROR,
            }
        }
    }
}

fn implement(arguments: &Arguments, item: &ItemImpl, name: &Ident, entries: &[Entry]) -> TokenStream {
    let of = |wanted: fn(Kind) -> bool| entries.iter().filter(move |entry| wanted(entry.kind));
    let arms = |wanted: fn(Kind) -> bool| -> TokenStream {
        let arm = |entry: &Entry| {
            let (Kind::Call(number) | Kind::Query(number)) = entry.kind else {
                return TokenStream::new();
            };
            let (number, run) = (u32::from(number), entry.run(name));
            quote!(#number => { #run })
        };
        of(wanted).map(arm).collect()
    };
    let calls = arms(|kind| matches!(kind, Kind::Call(_)));
    let queries = arms(|kind| matches!(kind, Kind::Query(_)));
    let only = |kind: Kind| entries.iter().find(move |entry| entry.kind == kind);
    let init = only(Kind::Init).map(|entry| entry.run(name));
    let tick = only(Kind::Tick).map(|entry| entry.run(name));
    let (has_init, has_tick) = (init.is_some(), tick.is_some());
    let init = init.unwrap_or_else(|| quote!(let _ = length;));
    let tick = tick.unwrap_or_default();

    let described_init = match only(Kind::Init).map(Entry::describe) {
        Some(entry) => quote!(::core::option::Option::Some(#entry)),
        None => quote!(::core::option::Option::None),
    };
    let described_calls = of(|kind| matches!(kind, Kind::Call(_))).map(Entry::describe);
    let described_queries = of(|kind| matches!(kind, Kind::Query(_))).map(Entry::describe);
    let events = &arguments.events;
    let topics: Vec<u16> = (0u16..).take(events.len()).collect();
    let (text, docs) = (name.to_string(), docs(&item.attrs));
    let associated = tests_api::associated(name);
    quote! {
        #(
            impl ::playfair::module::Event for #events {
                const TOPIC: u16 = #topics;
            }
        )*

        const _: () = {
            const DESCRIBED: ::playfair::abi::Module = ::playfair::abi::Module {
                name: #text,
                docs: #docs,
                init: #described_init,
                tick: #has_tick,
                calls: &[#(#described_calls),*],
                queries: &[#(#described_queries),*],
                events: &[#(::playfair::abi::EventType {
                    topic: #topics,
                    ty: <#events as ::playfair::Codec>::TYPE,
                }),*],
                storage: <#name as ::playfair::module::Storage>::FIELDS,
            };
            const LENGTH: usize = ::playfair::abi::json_length(&DESCRIBED);
            const JSON: [u8; LENGTH] = ::playfair::abi::json(&DESCRIBED);

            // Without `used`: the section stays, but the bytes do not also become a part of memory.
            #[cfg(target_arch = "wasm32")]
            #[unsafe(link_section = "playfair:abi")]
            static SECTION: [u8; LENGTH] = JSON;

            impl ::playfair::Module for #name {
                #[cfg(not(target_arch = "wasm32"))]
                const ABI: &'static str = match ::core::str::from_utf8(&JSON) {
                    ::core::result::Result::Ok(json) => json,
                    ::core::result::Result::Err(_) => ::core::unreachable!(),
                };
                const INIT: bool = #has_init;
                const TICK: bool = #has_tick;

                #[inline(always)]
                fn call(entry: u32, length: u32) {
                    let _ = length;
                    match entry {
                        #calls
                        _ => ::playfair::__private::no_entry(),
                    }
                }

                #[inline(always)]
                fn query(entry: u32, length: u32) {
                    let _ = length;
                    match entry {
                        #queries
                        _ => ::playfair::__private::no_entry(),
                    }
                }

                #[inline(always)]
                fn init(length: u32) {
                    #init
                }

                #[inline(always)]
                fn tick() {
                    #tick
                }

                #associated
            }
        };
    }
}

/// The wasm module's exports, heap and panic handler.
fn exports(arguments: &Arguments, name: &Ident, entries: &[Entry]) -> TokenStream {
    let has = |wanted: fn(Kind) -> bool| entries.iter().any(|entry| wanted(entry.kind));
    let export = |present: bool, signature: TokenStream, call: TokenStream| {
        present.then(|| {
            quote! {
                #[unsafe(no_mangle)]
                extern "C" fn #signature {
                    <#name as ::playfair::Module>::#call
                }
            }
        })
    };
    let call = export(
        true,
        quote!(call(entry: u32, length: u32)),
        quote!(call(entry, length)),
    );
    let query = export(
        has(|kind| matches!(kind, Kind::Query(_))),
        quote!(query(entry: u32, length: u32)),
        quote!(query(entry, length)),
    );
    let init = export(
        has(|kind| kind == Kind::Init),
        quote!(init(length: u32)),
        quote!(init(length)),
    );
    let tick = export(has(|kind| kind == Kind::Tick), quote!(tick()), quote!(tick()));
    let runtime = (!arguments.std).then(|| {
        quote! {
            #[global_allocator]
            static HEAP: ::playfair::__private::Heap = ::playfair::__private::Heap;

            #[panic_handler]
            fn panicked(info: &::core::panic::PanicInfo<'_>) -> ! {
                ::playfair::__private::panicked(info)
            }
        }
    });
    quote! {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            #call
            #query
            #init
            #tick
            #runtime
        };
    }
}
