//! Programs as text, in stack order.

use super::*;
use std::fmt::Write;

struct Text<'a> {
    out: String,
    functions: &'a [Function],
    labels: usize,
}

impl Text<'_> {
    fn line(&mut self, line: impl AsRef<str>) {
        self.out.push_str(line.as_ref());
        self.out.push('\n');
    }

    fn access(&mut self, ty: Type, access: Access, load: bool) {
        let width = if ty == Wide { 8 } else { 4 };
        let part = if access.bytes == width {
            String::new()
        } else if load {
            format!("{}_{}", 8 * access.bytes, if access.signed { 's' } else { 'u' })
        } else {
            format!("{}", 8 * access.bytes)
        };
        let align = if access.aligned { access.bytes } else { 1 };
        let verb = if load { "load" } else { "store" };
        self.line(format!(
            "{}.{verb}{part} offset={} align={align}",
            ty.name(),
            access.offset
        ));
    }

    fn expr(&mut self, ty: Type, expr: &Expr) {
        let name = ty.name();
        let kind = if ty == Wide { 'w' } else { 'n' };
        match expr {
            Expr::Const(value) => self.line(format!("{name}.const {value:#x}")),
            Expr::Get(local) => self.line(format!("local.get ${kind}{local}")),
            Expr::Tee(local, value) => {
                self.expr(ty, value);
                self.line(format!("local.tee ${kind}{local}"));
            }
            Expr::Global(global) => self.line(format!("global.get $g{kind}{global}")),
            Expr::Unary(op, a) => {
                self.expr(ty, a);
                self.line(format!("{name}.{op}"));
            }
            Expr::Binary(op, a, b) => {
                self.expr(ty, a);
                self.expr(ty, b);
                self.line(format!("{name}.{op}"));
            }
            Expr::Test(op, of, a, b) => {
                self.expr(*of, a);
                self.expr(*of, b);
                self.line(format!("{}.{op}", of.name()));
            }
            Expr::Zero(of, a) => {
                self.expr(*of, a);
                self.line(format!("{}.eqz", of.name()));
            }
            Expr::Convert(signed, a) => {
                self.expr(if ty == Wide { Narrow } else { Wide }, a);
                self.line(match (ty, signed) {
                    (Narrow, _) => "i32.wrap_i64",
                    (Wide, true) => "i64.extend_i32_s",
                    (Wide, false) => "i64.extend_i32_u",
                });
            }
            Expr::Select(a, b, c) => {
                self.expr(ty, a);
                self.expr(ty, b);
                self.expr(Narrow, c);
                self.line("select");
            }
            Expr::If(c, a, b) => {
                self.expr(Narrow, c);
                self.line(format!("if (result {name})"));
                self.expr(ty, a);
                self.line("else");
                self.expr(ty, b);
                self.line("end");
            }
            Expr::Leave(a, c, b) => {
                self.line(format!("block (result {name})"));
                self.expr(ty, a);
                self.expr(Narrow, c);
                self.line("br_if 0 drop");
                self.expr(ty, b);
                self.line("end");
            }
            Expr::Table(a, index, by) => {
                self.line(format!("block (result {name}) block (result {name})"));
                self.expr(ty, a);
                self.expr(Narrow, index);
                self.line(format!(
                    "br_table 0 1 0 1 0 end {name}.const {by:#x} {name}.add end"
                ));
            }
            Expr::Through(other, a, b, body, c) => {
                self.expr(ty, a);
                self.expr(*other, b);
                let types = format!("{name} {}", other.name());
                self.line(format!("block (param {types}) (result {types})"));
                self.expr(Narrow, c);
                self.line("br_if 0");
                self.statements(body);
                self.line("end drop");
            }
            Expr::Carried(count, op, a, body, by) => {
                self.labels += 1;
                let label = self.labels;
                self.expr(ty, a);
                self.line(format!(
                    "i32.const {count} local.set $c loop $l{label} (param {name}) (result {name})"
                ));
                self.statements(body);
                self.expr(ty, by);
                self.line(format!("{name}.{op}"));
                self.line(format!(
                    "local.get $c i32.const 1 i32.sub local.tee $c br_if $l{label} end"
                ));
            }
            Expr::Over(other, junk, a, index, by) => {
                self.line(format!("block (result {name}) block (result {name})"));
                self.expr(*other, junk);
                self.expr(ty, a);
                self.expr(Narrow, index);
                self.line(format!(
                    "br_table 1 0 1 0 end {name}.const {by:#x} {name}.sub end"
                ));
            }
            Expr::Either(a, c, [(yes, by), (no, other)]) => {
                self.expr(ty, a);
                self.expr(Narrow, c);
                self.line(format!(
                    "if (param {name}) (result {name}) {name}.const {by:#x} {name}.{yes}"
                ));
                self.line(format!("else {name}.const {other:#x} {name}.{no} end"));
            }
            Expr::Load(access, at) => {
                self.expr(Narrow, at);
                self.access(ty, *access, true);
            }
            Expr::Call(index, arguments) => self.call(*index, arguments),
            Expr::After(statements, value) => {
                self.statements(statements);
                self.expr(ty, value);
            }
        }
    }

    fn call(&mut self, index: usize, arguments: &[Expr]) {
        let functions = self.functions;
        for (ty, argument) in functions[index].params.iter().zip(arguments) {
            self.expr(*ty, argument);
        }
        // Every other call goes through the table.
        if arguments.len().is_multiple_of(2) {
            self.line(format!("call $f{index}"));
        } else {
            self.line(format!(
                "i32.const 0 i32.load offset=60000 i32.const {index} i32.add call_indirect (type $t{index})"
            ));
        }
    }

    fn statements(&mut self, statements: &[Statement]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Set(ty, local, value) => {
                self.expr(*ty, value);
                self.line(format!("local.set ${}{local}", kind(*ty)));
            }
            Statement::SetGlobal(ty, global, value) => {
                self.expr(*ty, value);
                self.line(format!("global.set $g{}{global}", kind(*ty)));
            }
            Statement::Store(ty, access, at, value) => {
                self.expr(Narrow, at);
                self.expr(*ty, value);
                self.access(*ty, *access, false);
            }
            Statement::Drop(ty, value) => {
                self.expr(*ty, value);
                self.line("drop");
            }
            Statement::Call(index, arguments, locals) => {
                self.call(*index, arguments);
                let results = &self.functions[*index].results;
                for (ty, local) in results.iter().zip(locals).rev() {
                    self.line(format!("local.set ${}{local}", kind(*ty)));
                }
            }
            Statement::Repeat(count, body) => {
                self.labels += 1;
                let label = self.labels;
                self.line(format!("i32.const {count} local.set $c loop $l{label}"));
                self.statements(body);
                self.line(format!(
                    "local.get $c i32.const 1 i32.sub local.tee $c br_if $l{label} end"
                ));
            }
            Statement::ReturnIf(c, values) => {
                self.expr(Narrow, c);
                self.line("if");
                for (ty, value) in values {
                    self.expr(*ty, value);
                }
                self.line("return end");
            }
            Statement::When(c, yes, no) => {
                self.expr(Narrow, c);
                self.line("if");
                self.statements(yes);
                self.line("else");
                self.statements(no);
                self.line("end");
            }
            Statement::Copy(to, from, length) => {
                for part in [to, from, length] {
                    self.expr(Narrow, part);
                }
                self.line("memory.copy");
            }
            Statement::Fill(to, byte, length) => {
                for part in [to, byte, length] {
                    self.expr(Narrow, part);
                }
                self.line("memory.fill");
            }
        }
    }
}

fn kind(ty: Type) -> char {
    if ty == Wide { 'w' } else { 'n' }
}

pub(super) fn module(functions: &[Function]) -> String {
    let mut text = Text {
        out: String::new(),
        functions,
        labels: 0,
    };
    text.line(r#"(module (import "playfair" "output" (func $output (param i32 i32))) (memory 1)"#);
    text.line("(func $show (param i64) (i64.store (i32.const 0) (local.get 0)) (call $output (i32.const 0) (i32.const 8)))");
    for global in 0..GLOBALS {
        text.line(format!("(global $gn{global} (mut i32) (i32.const {global}))"));
        text.line(format!("(global $gw{global} (mut i64) (i64.const -{global}))"));
    }
    let _ = writeln!(text.out, "(table {} funcref)", functions.len());
    for (index, function) in functions.iter().enumerate() {
        let names = |types: &[Type]| types.iter().map(|ty| ty.name()).collect::<Vec<_>>().join(" ");
        let params = names(&function.params);
        let results = names(&function.results);
        let ty = format!("(param {params}) (result {results})");
        let _ = writeln!(
            text.out,
            "(type $t{index} (func {ty})) (elem (i32.const {index}) $f{index})"
        );
        let _ = write!(text.out, "(func $f{index} ");
        let mut seen = [0, 0];
        for ty in &function.params {
            let _ = write!(
                text.out,
                "(param ${}{} {})",
                kind(*ty),
                seen[ty.index()],
                ty.name()
            );
            seen[ty.index()] += 1;
        }
        let _ = writeln!(text.out, "(result {results})");
        for ty in [Wide, Narrow] {
            for local in seen[ty.index()]..LOCALS {
                let _ = write!(text.out, "(local ${}{local} {})", kind(ty), ty.name());
            }
        }
        text.line("(local $c i32)");
        text.statements(&function.body);
        for (ty, value) in function.results.iter().zip(&function.values) {
            text.expr(*ty, value);
        }
        text.line(")");
    }
    let last = functions.len() - 1;
    let _ = writeln!(
        text.out,
        r#"(func (export "call") (param i32 i32) (local $n0 i32) (local $w0 i64) call $f{last}"#
    );
    for ty in functions[last].results.iter().rev() {
        text.line(if *ty == Wide {
            "call $show"
        } else {
            "i64.extend_i32_u call $show"
        });
    }
    for global in 0..GLOBALS {
        let _ = writeln!(
            text.out,
            "global.get $gn{global} i64.extend_i32_u call $show global.get $gw{global} call $show"
        );
    }
    text.line("i32.const 8 local.set $n0 loop $l local.get $n0 i64.load call $show");
    let end = SHOWN;
    let _ = writeln!(
        text.out,
        "local.get $n0 i32.const 8 i32.add local.tee $n0 i32.const {end} i32.lt_u br_if $l end))"
    );
    text.out
}
