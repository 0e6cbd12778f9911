//! The kernel of an instance: it calls any export of a module, as its hints say, and verifies how each call ended.
//!
//! What it says is its public input 0: `acc` after every number that was asked, given and found, where a number `v` makes
//! `acc r + v` of `acc`, and `r` is public input 1. In order, for each call: which export, the gas, the arguments; then 0, the gas left
//! and the results, or how the run ended and, unless it was out of gas, the gas left. [`statement`] computes it natively. So a witness of
//! its run shows these results and these traps, and no others.
//!
//! How a run ends is judged by the rules of the chain's kernel (proofs/kernel/src/ending.rs), written out again here: `trapped` and
//! `resume` are the same checks in the same order. What is left out is the chain's: records, receipts, fees, state.

use playfair_proofs_isa::code::{Flags, at};
use playfair_proofs_isa::link::Linked;
use playfair_types::Fr;
use std::fmt::Write;
use wasmparser::{ExternalKind, FuncType, Parser, Payload, ValType};

/// What the run was out of gas by, beside details of traps (docs/CIRCUIT.md, "How a run of the module ends").
pub(super) const OUT_OF_GAS: u64 = 256;

/// What does not depend on the module. Kernel memory: 952 whether the module runs, 960 how it ended, 968 `r`, 976 `acc`, 984 its
/// memory's size, which grows to 256 pages at most, as that of what is admitted does.
const KERNEL: &str = r#"
  (import "zk" "hint" (func $hint (param i32 i64) (result i64)))
  (import "zk" "set_gas" (func $set_gas (param i64)))
  (import "zk" "gas" (func $gas (result i64)))
  (import "zk" "gas_sub" (func $gas_sub (param i64)))
  (import "zk" "set_memory" (func $set_memory (param i64 i32)))
  (import "zk" "f_add" (func $f_add (param i64 i64) (result i64)))
  (import "zk" "f_mul" (func $f_mul (param i64 i64) (result i64)))
  (import "zk" "f_eq" (func $f_eq (param i64 i64) (result i32)))
  (import "zk" "aux" (func $aux (param i32 i64) (result i64)))
  (import "zk" "aux2" (func $aux2 (param i32 i64) (result i64)))
  (import "zk" "raw" (func $raw (param i64) (result i64)))
  (import "zk" "xpc" (func $xpc (result i64)))
  (import "zk" "slots" (func $slots (result i64)))
  (import "zk" "exit" (func $exit))
  (import "zk" "fail" (func $fail))
  (import "zk" "finish" (func $finish))
  (import "module" "reset" (func $reset))
  (import "module" "memory_bytes" (func $memory_bytes (result i32)))
  (import "module" "memory_max" (func $memory_max (result i32)))
  (import "module" "table_size" (func $table_size (result i64)))
  (memory 1)
  (func $require (param i32) (if (i32.eqz (local.get 0)) (then (call $fail))))
  (func $to_word (param i64) (result i64) (local i64)
    (local.set 1 (call $hint (i32.const 6) (local.get 0)))
    (if (i32.eqz (call $f_eq (local.get 0) (local.get 1))) (then (call $fail)))
    (local.get 1))
  (func $absorb (param i64)
    (i64.store (i32.const 976)
      (call $f_add (call $f_mul (i64.load (i32.const 976)) (i64.load (i32.const 968))) (local.get 0))))
  (func $fresh
    (i32.store (i32.const 984) (call $memory_bytes))
    (call $set_memory (i64.extend_i32_u (call $memory_bytes)) (i32.const 1))
    (call $reset))
  (func (export "boot")
    (i64.store (i32.const 968) (call $aux (i32.const 16) (i64.const 1)))
    (call $fresh)
    (call $serve))

  (func $leave (param i64) (i64.store (i32.const 960) (local.get 0)) (call $exit))
  (func (export "resume") (local i64)
    (call $require (i64.eq (i64.shr_u (call $to_word (call $xpc)) (i64.const 16)) (i64.const 5)))
    (call $require (i64.ne (i64.load (i32.const 952)) (i64.const 0)))
    (local.set 0 (i64.load (i32.const 960)))
    (call $require (i64.ne (local.get 0) (i64.const 0)))
    (i64.store (i32.const 952) (i64.const 0))
    (i64.store (i32.const 960) (i64.const 0))
    (call $absorb (local.get 0))
    (if (i64.ne (local.get 0) (i64.const 256)) (then (call $absorb (call $to_word (call $gas)))))
    (drop (call $hint (i32.const 5) (local.get 0)))
    (call $serve))
  (func $register (param $frame i64) (param $what i64) (param $shift i64) (result i64)
    (call $to_word (call $raw (i64.add (local.get $frame)
      (i64.and (i64.shr_u (local.get $what) (local.get $shift)) (i64.const 0x3fff))))))
  (func (export "trapped") (local $place i64) (local $frame i64) (local $what i64) (local $constant i64) (local $price i64)
      (local $width i64) (local $class i64) (local $element i64)
    (call $require (i64.ne (i64.load (i32.const 952)) (i64.const 0)))
    (local.set $place (call $to_word (call $xpc)))
    (local.set $frame (i64.and (local.get $place) (i64.const 0xffff)))
    (local.set $place (i64.shr_u (local.get $place) (i64.const 16)))
    (local.set $what (call $aux (i32.const 15) (local.get $place)))
    (local.set $constant (call $aux2 (i32.const 15) (local.get $place)))
    (local.set $price (i64.and (i64.shr_u (local.get $what) (i64.const 8)) (i64.const 0xffffff)))
    (if (i64.lt_u (call $to_word (call $gas)) (local.get $price)) (then (call $leave (i64.const 256))))
    (call $gas_sub (local.get $price))
    (local.set $width (i64.add (i64.shr_u (local.get $what) (i64.const 60)) (i64.const 1)))
    (local.set $class (i64.and (local.get $what) (i64.const 255)))
    (if (i64.eq (local.get $class) (i64.const 1)) (then (call $leave (i64.const 1))))
    (if (i64.eq (local.get $class) (i64.const 2)) (then
      (call $require (i64.gt_u
        (i64.add (i64.add (call $register (local.get $frame) (local.get $what) (i64.const 32)) (local.get $constant))
          (local.get $width))
        (i64.extend_i32_u (i32.load (i32.const 984)))))
      (call $leave (i64.const 2))))
    (if (i64.eq (local.get $class) (i64.const 3)) (then
      (call $require (i64.eqz (call $register (local.get $frame) (local.get $what) (i64.const 46))))
      (call $leave (i64.const 3))))
    (if (i64.eq (local.get $class) (i64.const 4)) (then
      (call $require (i64.eq (call $register (local.get $frame) (local.get $what) (i64.const 32)) (local.get $constant)))
      (call $require (i64.eq (call $register (local.get $frame) (local.get $what) (i64.const 46))
        (i64.shr_u (i64.const -1) (i64.sub (i64.const 64) (i64.mul (i64.const 8) (local.get $width))))))
      (call $leave (i64.const 4))))
    (if (i64.le_u (i64.sub (local.get $class) (i64.const 5)) (i64.const 2)) (then
      (local.set $element (call $register (local.get $frame) (local.get $what) (i64.const 32)))
      (if (i64.ge_u (local.get $element) (call $table_size)) (then (call $leave (i64.const 6))))
      (if (i64.eqz (call $aux (i32.const 14) (local.get $element))) (then (call $leave (i64.const 7))))
      (call $require (i64.ne (call $aux2 (i32.const 14) (local.get $element)) (local.get $constant)))
      (call $leave (i64.const 5))))
    (if (i64.eq (local.get $class) (i64.const 8)) (then
      (call $require (i64.gt_u (i64.add (call $slots) (local.get $constant)) (i64.const 8192)))
      (call $leave (i64.const 8))))
    (if (i64.gt_u (local.get $class) (i64.const 16)) (then (call $leave (i64.sub (local.get $class) (i64.const 16)))))
    (call $fail))

  (func (export "bulk_charge") (param i32) (result i32) (local i64)
    (local.set 1 (i64.extend_i32_u (i32.mul (i32.const 4) (i32.add (i32.shr_u (local.get 0) (i32.const 3))
      (i32.ne (i32.and (local.get 0) (i32.const 7)) (i32.const 0))))))
    (if (i64.lt_u (call $gas) (local.get 1)) (then (call $leave (i64.const 256))))
    (call $gas_sub (local.get 1))
    (local.get 0))
  (func $size (export "memory_size") (result i32) (i32.shr_u (i32.load (i32.const 984)) (i32.const 16)))
  (func (export "memory_grow") (param i32) (result i32) (local i32)
    (local.set 1 (call $size))
    (if (i32.gt_u (local.get 0) (i32.const 256)) (then (return (i32.const -1))))
    (if (i32.gt_u (i32.add (local.get 0) (local.get 1)) (i32.const 256)) (then (return (i32.const -1))))
    (if (i32.gt_u (i32.add (local.get 0) (local.get 1)) (i32.shr_u (call $memory_max) (i32.const 16)))
      (then (return (i32.const -1))))
    (i32.store (i32.const 984) (i32.shl (i32.add (local.get 0) (local.get 1)) (i32.const 16)))
    (call $set_memory (i64.extend_i32_u (i32.load (i32.const 984))) (i32.const 0))
    (local.get 1))
"#;

/// What a kernel says that absorbed these numbers, with this `r`.
pub(super) fn statement(absorbed: impl IntoIterator<Item = u64>, r: Fr) -> Fr {
    let zero = Fr::from(0_u64);
    absorbed
        .into_iter()
        .fold(zero, |acc, number| acc * r + Fr::from(number))
}

/// What an instrumented module exports.
#[derive(Default)]
pub(super) struct Exports {
    types: Vec<FuncType>,
    declared: Vec<u32>,
    pub(super) globals: Vec<ValType>,
    exports: Vec<(String, ExternalKind, u32)>,
}

impl Exports {
    pub(super) fn read(wasm: &[u8]) -> Result<Self, String> {
        let mut found = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            found.section(payload.map_err(|error| error.to_string())?)?;
        }
        Ok(found)
    }

    fn section(&mut self, payload: Payload<'_>) -> Result<(), String> {
        let text = |error: wasmparser::BinaryReaderError| error.to_string();
        match payload {
            Payload::TypeSection(reader) => {
                for ty in reader.into_iter_err_on_gc_types() {
                    self.types.push(ty.map_err(text)?);
                }
            }
            Payload::ImportSection(reader) if reader.count() > 0 => {
                return Err("an import: this engine links no modules".to_owned());
            }
            Payload::FunctionSection(reader) => {
                for ty in reader {
                    self.declared.push(ty.map_err(text)?);
                }
            }
            Payload::GlobalSection(reader) => {
                for global in reader {
                    self.globals.push(global.map_err(text)?.ty.content_type);
                }
            }
            Payload::ExportSection(reader) => {
                for export in reader {
                    let export = export.map_err(text)?;
                    let name = export.name.to_owned();
                    self.exports.push((name, export.kind, export.index));
                }
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn of(&self, kind: ExternalKind) -> impl Iterator<Item = (&String, usize)> {
        let of_kind = self.exports.iter().filter(move |(_, found, _)| *found == kind);
        of_kind.map(|(name, _, index)| (name, *index as usize))
    }

    pub(super) fn ty(&self, function: usize) -> Result<&FuncType, String> {
        let ty = self
            .declared
            .get(function)
            .and_then(|ty| self.types.get(*ty as usize));
        ty.ok_or_else(|| format!("function {function} has no type"))
    }
}

/// The kernel for functions of these types: `case_i` calls the i-th. The number behind them makes a fresh instance, the next one ends.
pub(super) fn kernel(types: &[&FuncType]) -> String {
    let mut text = String::from("(module");
    let mut cases = String::new();
    let wasm = |ty: &ValType| if *ty == ValType::I32 { "i32" } else { "i64" };
    for (number, ty) in types.iter().enumerate() {
        let list = |types: &[ValType]| types.iter().map(wasm).collect::<Vec<_>>().join(" ");
        let (params, results) = (list(ty.params()), list(ty.results()));
        write!(
            text,
            "\n(import \"module\" \"call\" (func $target_{number} (param {params}) (result {results})))"
        )
        .expect("a string grows");
        // Locals: arguments, then results.
        let first = ty.params().len();
        let wide = |ty: &ValType, local: usize| match ty {
            ValType::I32 => format!("(i64.extend_i32_u (local.get {local}))"),
            _ => format!("(local.get {local})"),
        };
        let asked = ty.params().iter().enumerate().map(|(i, ty)| {
            let asked = "(call $hint (i32.const 3) (i64.const 0))";
            let asked = match ty {
                ValType::I32 => format!("(i32.wrap_i64 {asked})"),
                _ => asked.to_owned(),
            };
            format!("(local.set {i} {asked}) (call $absorb {})", wide(ty, i))
        });
        let arguments: String = (0..first).map(|i| format!("(local.get {i})")).collect();
        let kept: String = (0..ty.results().len())
            .rev()
            .map(|i| format!("(local.set {})", first + i))
            .collect();
        let shown = ty.results().iter().enumerate().map(|(i, ty)| {
            let value = wide(ty, first + i);
            format!("(call $absorb {value}) (drop (call $hint (i32.const 4) {value}))")
        });
        write!(
            cases,
            "\n(func $case_{number} (export \"case_{number}\") (local {params} {results}) (local $given i64)
              (local.set $given (call $hint (i32.const 2) (i64.const 0))) (call $absorb (local.get $given))
              {}
              (i64.store (i32.const 952) (i64.const 1)) (call $set_gas (local.get $given))
              (call $target_{number} {arguments}) {kept}
              (i64.store (i32.const 952) (i64.const 0))
              (call $absorb (i64.const 0)) (call $absorb (call $to_word (call $gas))) {})",
            asked.collect::<String>(),
            shown.collect::<String>()
        )
        .expect("a string grows");
    }
    text.push_str(KERNEL);
    text.push_str(&cases);
    let labels: String = (0..types.len() + 2)
        .rev()
        .map(|i| format!("(block $b{i} "))
        .collect();
    let table: String = (0..types.len() + 2).map(|i| format!("$b{i} ")).collect();
    let bodies: String = (0..types.len())
        .map(|i| format!("(call $case_{i}) (br $next))\n"))
        .collect();
    write!(
        text,
        "\n(func $serve (local i64) (loop $next
          (local.set 0 (call $hint (i32.const 1) (i64.const 0))) (call $absorb (local.get 0)) {labels}
          (br_table {table} (i32.wrap_i64 (local.get 0))))
          {bodies} (call $fresh) (br $next))
          (call $require (call $f_eq (i64.load (i32.const 976)) (call $aux (i32.const 16) (i64.const 0))))
          (call $finish))))"
    )
    .expect("a string grows");
    text
}

/// The linker knows `call` alone of these exports; the calls of the others are sent to their functions here.
pub(super) fn redirect(linked: &mut Linked, functions: &[usize]) -> Result<(), String> {
    let kernel = linked.sizes.fixed_rows + linked.sizes.micro_rows;
    let module = kernel + linked.sizes.kernel_rows;
    let call = linked
        .module
        .exports
        .get("call")
        .map_or(at::STUCK, |row| module + row);
    let flags = Flags::CTL.with(Flags::U0);
    for (number, function) in functions.iter().enumerate() {
        let found = linked.module.functions.iter();
        let found = found.clone().find(|found| found.index == Some(*function as u32));
        let case = linked.kernel.exports.get(&format!("case_{number}"));
        let (Some(found), Some(case)) = (found, case) else {
            return Err(format!("function {function} was not lowered"));
        };
        let rows = linked.program.code.iter_mut().skip((kernel + case) as usize);
        let mut calls = rows.filter(|row| row.flags.has(flags) && row.k[2] == Fr::from(call));
        let site = calls.next().ok_or("the kernel does not call the module")?;
        site.k[2] = Fr::from(module + found.start);
    }
    Ok(())
}
