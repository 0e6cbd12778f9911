//! The ABI: what clients, the CLI and the web page know about a module.
//!
//! `#[playfair::module]` describes the module in constants of these types, and writes them at compile time as JSON into
//! the custom section `playfair:abi`. No module code runs for it, and no gas is spent on it.
//!
//! ```json
//! {
//!   "abi": 1,
//!   "module": "Counter",
//!   "docs": "...",
//!   "init": {"name": "init", "args": [{"name": "start", "type": "u64"}]},
//!   "tick": true,
//!   "calls": [{"number": 0, "name": "add", "docs": "...", "args": [{"name": "step", "type": "u8"}],
//!              "returns": "u64", "error": "CounterError"}],
//!   "queries": [{"number": 0, "name": "total", "args": [], "returns": "u64"}],
//!   "events": [{"topic": 0, "type": "Counted"}],
//!   "storage": [{"prefix": 0, "name": "total", "kind": "item", "value": "u64"},
//!               {"prefix": 1, "name": "best", "kind": "map", "key": "account", "value": "u64"}],
//!   "errors": {"CounterError": [{"code": 0, "name": "BadStep", "text": "the step must be between 1 and 10"}]},
//!   "types": {"Counted": {"docs": "...", "struct": [{"name": "by", "type": "account"}]},
//!             "Side": {"enum": [{"tag": 0, "name": "White", "fields": []}]}}
//! }
//! ```
//! `init` is absent in a module without one; `docs` where there are none; `returns` where nothing is returned; `error`
//! where an entry cannot fail by its own rules. Fields of tuple structs and tuple variants are named `0`, `1`, ...
//!
//! A **type** is a string, or an object with one member:
//!
//! | type | meaning |
//! |---|---|
//! | `"u8"` ... `"i128"`, `"bool"` | integers and truth |
//! | `"account"`, `"l1 address"`, `"field"`, `"fixed"` | the chain's and the SDK's own types |
//! | `"Name"` | a struct or enum under `types`; such names begin with a capital letter |
//! | `{"option": T}`, `{"array": [T, n]}`, `{"list": [T, max]}`, `{"tuple": [T, ...]}` | made of others |
//! | `{"text": max}`, `{"bytes": max}` | at most so many bytes |
//! | `{"raw": max}` | all bytes of a stored value, in a form that the module documents |
//!
//! How each is encoded: [`crate::codec`]. Payloads are the arguments in order, output is the returned value. A revert's
//! message is `code u16 | text`: the code is one of the entry's `error`, or one of [`crate::errors`]. How storage names its
//! keys: [`crate::store`].

mod json;

pub use json::{json, json_length};

/// A type. `'static` throughout, so that it can be a constant.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// A type that every client knows by this name.
    Builtin(&'static str),
    /// `Option<T>`.
    Option(&'static Type),
    /// `[T; N]`.
    Array(&'static Type, usize),
    /// At most so many values.
    List(&'static Type, usize),
    /// UTF-8 text of at most so many bytes.
    Text(usize),
    /// At most so many bytes.
    Bytes(usize),
    /// All bytes of a stored value, at most so many, without a length before them.
    Raw(usize),
    /// Values in order.
    Tuple(&'static [&'static Type]),
    /// A struct or enum of the module.
    Named(&'static Named),
}

/// A struct or enum.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// Its name, unique in the module.
    pub name: &'static str,
    /// Where it is defined: what tells two types of one name apart.
    pub path: &'static str,
    /// Its documentation.
    pub docs: &'static str,
    /// What it is made of.
    pub shape: Shape,
}

/// What a named type is made of.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Fields in order.
    Struct(&'static [Field]),
    /// Variants in order.
    Enum(&'static [Variant]),
}

/// A field or an argument.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: &'static Type,
}

/// A variant of an enum.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Its first byte.
    pub tag: u8,
    /// Its name.
    pub name: &'static str,
    /// What follows the tag.
    pub fields: &'static [Field],
}

/// An error type: what an entry's reverts mean.
#[derive(Clone, Copy, Debug)]
pub struct ErrorType {
    /// Its name, unique in the module.
    pub name: &'static str,
    /// Where it is defined.
    pub path: &'static str,
    /// Its variants.
    pub variants: &'static [ErrorVariant],
}

/// One error.
#[derive(Clone, Copy, Debug)]
pub struct ErrorVariant {
    /// The revert message's first two bytes.
    pub code: u16,
    /// Its name.
    pub name: &'static str,
    /// The rest of the revert's message.
    pub text: &'static str,
}

/// An entry of `call` or `query`, or `init`.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The number it is called by.
    pub number: u8,
    /// Its name.
    pub name: &'static str,
    /// Its documentation.
    pub docs: &'static str,
    /// Its arguments, in order.
    pub args: &'static [Field],
    /// What it returns.
    pub returns: &'static Type,
    /// How it can fail; without variants if it cannot.
    pub error: &'static ErrorType,
}

/// An event.
#[derive(Clone, Copy, Debug)]
pub struct EventType {
    /// Its topic.
    pub topic: u16,
    /// Its data.
    pub ty: &'static Type,
}

/// A field of the storage.
#[derive(Clone, Copy, Debug)]
pub struct Stored {
    /// The first byte of its keys.
    pub prefix: u8,
    /// Its name.
    pub name: &'static str,
    /// Which collection it is: `item`, `map`, `vector`, `table`, `blobs`, `schedule`.
    pub kind: &'static str,
    /// The type of its keys, if it has any.
    pub key: Option<&'static Type>,
    /// The type of its values.
    pub value: &'static Type,
}

/// A module.
#[derive(Clone, Copy, Debug)]
pub struct Module {
    /// Its name.
    pub name: &'static str,
    /// Its documentation.
    pub docs: &'static str,
    /// Its init.
    pub init: Option<Entry>,
    /// Whether it has a tick.
    pub tick: bool,
    /// The entries of `call`.
    pub calls: &'static [Entry],
    /// The entries of `query`.
    pub queries: &'static [Entry],
    /// Its events, by topic.
    pub events: &'static [EventType],
    /// Its storage.
    pub storage: &'static [Stored],
}
