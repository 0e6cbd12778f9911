//! The ABI as JSON, written at compile time: once to count its bytes, once to write them.

use super::{Entry, ErrorType, Field, Module, Named, Shape, Stored, Type};

/// Most named types, and most error types, of one module.
const NAMES_MAX: usize = 256;

/// The length of [`json`].
#[must_use]
pub const fn json_length(module: &Module) -> usize {
    // Without room the writer only counts.
    let mut out: Json<0> = Json::new();
    out.module(module);
    out.length
}

/// The module's ABI as JSON; `N` is its [`json_length`].
///
/// # Panics
/// At compile time: when two types of the module have the same name.
#[must_use]
pub const fn json<const N: usize>(module: &Module) -> [u8; N] {
    let mut out = Json::new();
    out.module(module);
    assert!(out.length == N, "N is the JSON's length");
    out.bytes
}

struct Json<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

/// The named types and errors that a module mentions, each once, in order of appearance.
struct Names {
    types: [Option<&'static Named>; NAMES_MAX],
    type_count: usize,
    errors: [Option<&'static ErrorType>; NAMES_MAX],
    error_count: usize,
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

impl Names {
    const fn of(module: &Module) -> Self {
        let mut names = Self {
            types: [None; NAMES_MAX],
            type_count: 0,
            errors: [None; NAMES_MAX],
            error_count: 0,
        };
        if let Some(init) = &module.init {
            names.entry(init);
        }
        let mut at = 0;
        while at < module.calls.len() {
            names.entry(&module.calls[at]);
            at += 1;
        }
        at = 0;
        while at < module.queries.len() {
            names.entry(&module.queries[at]);
            at += 1;
        }
        at = 0;
        while at < module.events.len() {
            names.add(module.events[at].ty);
            at += 1;
        }
        at = 0;
        while at < module.storage.len() {
            if let Some(key) = module.storage[at].key {
                names.add(key);
            }
            names.add(module.storage[at].value);
            at += 1;
        }
        names
    }

    const fn entry(&mut self, entry: &Entry) {
        self.fields(entry.args);
        self.add(entry.returns);
        if entry.error.variants.is_empty() {
            return;
        }
        let mut at = 0;
        while at < self.error_count {
            if let Some(known) = self.errors[at]
                && same(known.name, entry.error.name)
            {
                assert!(
                    same(known.path, entry.error.path),
                    "two error types of the module have the same name: rename one"
                );
                return;
            }
            at += 1;
        }
        self.errors[self.error_count] = Some(entry.error);
        self.error_count += 1;
    }

    const fn fields(&mut self, fields: &'static [Field]) {
        let mut at = 0;
        while at < fields.len() {
            self.add(fields[at].ty);
            at += 1;
        }
    }

    const fn add(&mut self, ty: &'static Type) {
        match ty {
            Type::Builtin(_) | Type::Text(_) | Type::Bytes(_) | Type::Raw(_) => {}
            Type::Option(ty) | Type::Array(ty, _) | Type::List(ty, _) => self.add(ty),
            Type::Tuple(types) => {
                let mut at = 0;
                while at < types.len() {
                    self.add(types[at]);
                    at += 1;
                }
            }
            Type::Named(named) => self.named(named),
        }
    }

    const fn named(&mut self, named: &'static Named) {
        let mut at = 0;
        while at < self.type_count {
            if let Some(known) = self.types[at]
                && same(known.name, named.name)
            {
                assert!(
                    same(known.path, named.path),
                    "two types of the module have the same name: rename one"
                );
                return;
            }
            at += 1;
        }
        self.types[self.type_count] = Some(named);
        self.type_count += 1;
        match named.shape {
            Shape::Struct(fields) => self.fields(fields),
            Shape::Enum(variants) => {
                let mut at = 0;
                while at < variants.len() {
                    self.fields(variants[at].fields);
                    at += 1;
                }
            }
        }
    }
}

/// Writes a list's elements with commas between them.
macro_rules! list {
    ($out:ident, $list:expr, $item:ident => $write:expr) => {{
        $out.raw("[");
        let list = $list;
        let mut at = 0;
        while at < list.len() {
            if at > 0 {
                $out.raw(",");
            }
            let $item = &list[at];
            $write;
            at += 1;
        }
        $out.raw("]");
    }};
}

impl<const N: usize> Json<N> {
    const fn new() -> Self {
        Self {
            bytes: [0; N],
            length: 0,
        }
    }

    const fn byte(&mut self, byte: u8) {
        if self.length < N {
            self.bytes[self.length] = byte;
        }
        self.length += 1;
    }

    const fn raw(&mut self, text: &str) {
        let text = text.as_bytes();
        let mut at = 0;
        while at < text.len() {
            self.byte(text[at]);
            at += 1;
        }
    }

    const fn string(&mut self, text: &str) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        self.raw("\"");
        let text = text.as_bytes();
        let mut at = 0;
        while at < text.len() {
            match text[at] {
                b'"' => self.raw("\\\""),
                b'\\' => self.raw("\\\\"),
                b'\n' => self.raw("\\n"),
                control if control < 0x20 => {
                    self.raw("\\u00");
                    self.byte(HEX[(control >> 4) as usize]);
                    self.byte(HEX[(control & 15) as usize]);
                }
                byte => self.byte(byte),
            }
            at += 1;
        }
        self.raw("\"");
    }

    const fn number(&mut self, number: usize) {
        if number >= 10 {
            self.number(number / 10);
        }
        self.byte(b'0' + (number % 10) as u8);
    }

    const fn docs(&mut self, docs: &str) {
        if !docs.is_empty() {
            self.raw(",\"docs\":");
            self.string(docs);
        }
    }

    const fn ty(&mut self, ty: &Type) {
        match ty {
            Type::Builtin(name) => self.string(name),
            Type::Named(named) => self.string(named.name),
            Type::Option(ty) => {
                self.raw("{\"option\":");
                self.ty(ty);
                self.raw("}");
            }
            Type::Array(ty, length) => self.sized("array", ty, *length),
            Type::List(ty, max) => self.sized("list", ty, *max),
            Type::Text(max) => self.limited("text", *max),
            Type::Bytes(max) => self.limited("bytes", *max),
            Type::Raw(max) => self.limited("raw", *max),
            Type::Tuple(types) => {
                self.raw("{\"tuple\":");
                list!(self, types, ty => self.ty(ty));
                self.raw("}");
            }
        }
    }

    const fn sized(&mut self, kind: &str, ty: &Type, length: usize) {
        self.raw("{");
        self.string(kind);
        self.raw(":[");
        self.ty(ty);
        self.raw(",");
        self.number(length);
        self.raw("]}");
    }

    const fn limited(&mut self, kind: &str, max: usize) {
        self.raw("{");
        self.string(kind);
        self.raw(":");
        self.number(max);
        self.raw("}");
    }

    const fn fields(&mut self, fields: &[Field]) {
        list!(self, fields, field => {
            self.raw("{\"name\":");
            self.string(field.name);
            self.raw(",\"type\":");
            self.ty(field.ty);
            self.raw("}");
        });
    }

    const fn entry(&mut self, entry: &Entry) {
        self.raw("{\"number\":");
        self.number(entry.number as usize);
        self.raw(",\"name\":");
        self.string(entry.name);
        self.signature(entry);
    }

    /// The rest of an entry's object.
    const fn signature(&mut self, entry: &Entry) {
        self.docs(entry.docs);
        self.raw(",\"args\":");
        self.fields(entry.args);
        if !matches!(entry.returns, Type::Tuple([])) {
            self.raw(",\"returns\":");
            self.ty(entry.returns);
        }
        if !entry.error.variants.is_empty() {
            self.raw(",\"error\":");
            self.string(entry.error.name);
        }
        self.raw("}");
    }

    const fn stored(&mut self, stored: &Stored) {
        self.raw("{\"prefix\":");
        self.number(stored.prefix as usize);
        self.raw(",\"name\":");
        self.string(stored.name);
        self.raw(",\"kind\":");
        self.string(stored.kind);
        if let Some(key) = stored.key {
            self.raw(",\"key\":");
            self.ty(key);
        }
        self.raw(",\"value\":");
        self.ty(stored.value);
        self.raw("}");
    }

    const fn error(&mut self, error: &ErrorType) {
        self.string(error.name);
        self.raw(":");
        list!(self, error.variants, variant => {
            self.raw("{\"code\":");
            self.number(variant.code as usize);
            self.raw(",\"name\":");
            self.string(variant.name);
            self.raw(",\"text\":");
            self.string(variant.text);
            self.raw("}");
        });
    }

    const fn named(&mut self, named: &Named) {
        self.string(named.name);
        self.raw(":{");
        if !named.docs.is_empty() {
            self.raw("\"docs\":");
            self.string(named.docs);
            self.raw(",");
        }
        match named.shape {
            Shape::Struct(fields) => {
                self.raw("\"struct\":");
                self.fields(fields);
            }
            Shape::Enum(variants) => {
                self.raw("\"enum\":");
                list!(self, variants, variant => {
                    self.raw("{\"tag\":");
                    self.number(variant.tag as usize);
                    self.raw(",\"name\":");
                    self.string(variant.name);
                    self.raw(",\"fields\":");
                    self.fields(variant.fields);
                    self.raw("}");
                });
            }
        }
        self.raw("}");
    }

    const fn module(&mut self, module: &Module) {
        let names = Names::of(module);
        self.raw("{\"abi\":1,\"module\":");
        self.string(module.name);
        self.docs(module.docs);
        if let Some(init) = &module.init {
            self.raw(",\"init\":{\"name\":");
            self.string(init.name);
            self.signature(init);
        }
        self.raw(",\"tick\":");
        self.raw(if module.tick { "true" } else { "false" });
        self.raw(",\"calls\":");
        list!(self, module.calls, entry => self.entry(entry));
        self.raw(",\"queries\":");
        list!(self, module.queries, entry => self.entry(entry));
        self.raw(",\"events\":");
        list!(self, module.events, event => {
            self.raw("{\"topic\":");
            self.number(event.topic as usize);
            self.raw(",\"type\":");
            self.ty(event.ty);
            self.raw("}");
        });
        self.raw(",\"storage\":");
        list!(self, module.storage, stored => self.stored(stored));
        self.raw(",\"errors\":{");
        let mut at = 0;
        while at < names.error_count {
            if at > 0 {
                self.raw(",");
            }
            if let Some(error) = names.errors[at] {
                self.error(error);
            }
            at += 1;
        }
        self.raw("},\"types\":{");
        at = 0;
        while at < names.type_count {
            if at > 0 {
                self.raw(",");
            }
            if let Some(named) = names.types[at] {
                self.named(named);
            }
            at += 1;
        }
        self.raw("}}");
    }
}
