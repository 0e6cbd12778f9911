//! The kernel of an instance: it calls any export of a module, as its hints say.

use playfair_proofs_isa::code::{Flags, at};
use playfair_proofs_isa::link::Linked;
use playfair_types::Fr;
use std::fmt::Write;
use wasmparser::{ExternalKind, FuncType, Parser, Payload, ValType};

/// What does not depend on the module: memory's size in the kernel's word 984, which grows to 256 pages at most, as that of
/// what is admitted does; and entries that never return.
const KERNEL: &str = r#"
  (import "zk" "hint" (func $hint (param i32 i64) (result i64)))
  (import "zk" "set_gas" (func $set_gas (param i64)))
  (import "zk" "gas_sub" (func $gas_sub (param i64)))
  (import "zk" "set_memory" (func $set_memory (param i64 i32)))
  (import "zk" "exit" (func $exit))
  (import "zk" "finish" (func $finish))
  (import "module" "reset" (func $reset))
  (import "module" "memory_bytes" (func $memory_bytes (result i32)))
  (import "module" "memory_max" (func $memory_max (result i32)))
  (memory 1)
  (func (export "boot")
    (i32.store (i32.const 984) (call $memory_bytes))
    (call $set_memory (i64.extend_i32_u (call $memory_bytes)) (i32.const 1))
    (call $reset)
    (call $serve))
  (func (export "trapped") (drop (call $hint (i32.const 5) (i64.const 0))) (call $exit))
  (func (export "resume") (call $serve))
  (func (export "bulk_charge") (param i32) (result i32)
    (call $gas_sub (i64.extend_i32_u
      (i32.mul (i32.const 4) (i32.add (i32.shr_u (local.get 0) (i32.const 3))
        (i32.ne (i32.and (local.get 0) (i32.const 7)) (i32.const 0))))))
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

/// The kernel for functions of these types: `case_i` calls the i-th.
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
        let argument = |ty: &ValType| {
            let asked = "(call $hint (i32.const 3) (i64.const 0))";
            match ty {
                ValType::I32 => format!("(i32.wrap_i64 {asked})"),
                _ => asked.to_owned(),
            }
        };
        let arguments: Vec<_> = ty.params().iter().map(argument).collect();
        let kept: String = (0..ty.results().len())
            .rev()
            .map(|i| format!("(local.set {i})"))
            .collect();
        let shown = ty.results().iter().enumerate().map(|(i, ty)| {
            let value = match ty {
                ValType::I32 => format!("(i64.extend_i32_u (local.get {i}))"),
                _ => format!("(local.get {i})"),
            };
            format!("(drop (call $hint (i32.const 4) {value}))")
        });
        write!(
            cases,
            "\n(func $case_{number} (export \"case_{number}\") (local {results})
              (call $set_gas (call $hint (i32.const 2) (i64.const 0)))
              (call $target_{number} {}) {kept} {})",
            arguments.join(" "),
            shown.collect::<String>()
        )
        .expect("a string grows");
    }
    text.push_str(KERNEL);
    text.push_str(&cases);
    let labels: String = (0..=types.len())
        .rev()
        .map(|i| format!("(block $b{i} "))
        .collect();
    let table: String = (0..=types.len()).map(|i| format!("$b{i} ")).collect();
    let bodies: String = (0..types.len())
        .map(|i| format!("(call $case_{i}) (br $next))\n"))
        .collect();
    write!(
        text,
        "\n(func $serve (loop $next {labels}
          (br_table {table} (i32.wrap_i64 (call $hint (i32.const 1) (i64.const 0)))))
          {bodies} (call $finish))))"
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
