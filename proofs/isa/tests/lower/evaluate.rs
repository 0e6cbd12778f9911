//! What the programs of [`super::structured`] do, in Rust, and that their lowering does the same.

use super::common::{Ended, run};
use super::numbers::{binary32, binary64};
use super::structured::{
    Expr, Function, GLOBALS, LOCALS, Narrow, SHOWN, Statement, Type, Wide, functions, program,
};

/// Programs that are tried.
const PROGRAMS: u64 = 100;

/// Why evaluation goes no further.
enum Stop {
    Trap,
    Return(Vec<u64>),
    /// The program takes too long for a test.
    Long,
}

type Value<T = u64> = Result<T, Stop>;

struct World<'a> {
    functions: &'a [Function],
    memory: Vec<u8>,
    globals: [[u64; GLOBALS]; 2],
    steps: usize,
}

type Locals = [[u64; LOCALS]; 2];

fn unary(op: &str, ty: Type, a: u64) -> u64 {
    let narrow = ty == Narrow;
    let value = match op {
        "clz" if narrow => u64::from((a as u32).leading_zeros()),
        "clz" => u64::from(a.leading_zeros()),
        "ctz" if narrow => u64::from((a as u32).trailing_zeros()),
        "ctz" => u64::from(a.trailing_zeros()),
        "popcnt" => u64::from(a.count_ones()),
        "extend8_s" => a as i8 as u64,
        "extend16_s" => a as i16 as u64,
        _ => a as i32 as u64,
    };
    ty.cut(value)
}

fn binary(op: &str, ty: Type, a: u64, b: u64) -> Value {
    let value = if ty == Wide {
        binary64(op, a, b)
    } else {
        binary32(op, a as u32, b as u32).map(u64::from)
    };
    value.ok_or(Stop::Trap)
}

impl World<'_> {
    fn range(&self, at: u64, length: u64) -> Value<std::ops::Range<usize>> {
        if at + length > self.memory.len() as u64 {
            return Err(Stop::Trap);
        }
        Ok(at as usize..(at + length) as usize)
    }

    fn expr(&mut self, ty: Type, expr: &Expr, locals: &mut Locals) -> Value {
        self.steps += 1;
        if self.steps > 30_000 {
            return Err(Stop::Long);
        }
        Ok(match expr {
            Expr::Const(value) => *value,
            Expr::Get(local) => locals[ty.index()][*local],
            Expr::Tee(local, value) => {
                let value = self.expr(ty, value, locals)?;
                locals[ty.index()][*local] = value;
                value
            }
            Expr::Global(global) => self.globals[ty.index()][*global],
            Expr::Unary(op, a) => unary(op, ty, self.expr(ty, a, locals)?),
            Expr::Binary(op, a, b) => {
                let a = self.expr(ty, a, locals)?;
                let b = self.expr(ty, b, locals)?;
                binary(op, ty, a, b)?
            }
            Expr::Test(op, of, a, b) => {
                let a = self.expr(*of, a, locals)?;
                let b = self.expr(*of, b, locals)?;
                binary(op, *of, a, b)?
            }
            Expr::Zero(of, a) => u64::from(self.expr(*of, a, locals)? == 0),
            Expr::Convert(signed, a) => match (ty, signed) {
                (Narrow, _) => self.expr(Wide, a, locals)? & 0xffff_ffff,
                (Wide, true) => self.expr(Narrow, a, locals)? as i32 as u64,
                (Wide, false) => self.expr(Narrow, a, locals)?,
            },
            Expr::Select(a, b, c) => {
                let a = self.expr(ty, a, locals)?;
                let b = self.expr(ty, b, locals)?;
                if self.expr(Narrow, c, locals)? != 0 { a } else { b }
            }
            Expr::If(c, a, b) => {
                let chosen = if self.expr(Narrow, c, locals)? != 0 { a } else { b };
                self.expr(ty, chosen, locals)?
            }
            Expr::Leave(a, c, b) => {
                let a = self.expr(ty, a, locals)?;
                if self.expr(Narrow, c, locals)? != 0 {
                    a
                } else {
                    self.expr(ty, b, locals)?
                }
            }
            Expr::Table(a, index, by) => {
                let a = self.expr(ty, a, locals)?;
                match self.expr(Narrow, index, locals)? {
                    1 | 3 => a,
                    _ => ty.cut(a.wrapping_add(*by)),
                }
            }
            Expr::Through(other, a, b, body, c) => {
                let a = self.expr(ty, a, locals)?;
                self.expr(*other, b, locals)?;
                if self.expr(Narrow, c, locals)? == 0 {
                    self.statements(body, locals)?;
                }
                a
            }
            Expr::Carried(count, op, a, body, by) => {
                let mut value = self.expr(ty, a, locals)?;
                for _ in 0..*count {
                    self.statements(body, locals)?;
                    let by = self.expr(ty, by, locals)?;
                    value = binary(op, ty, value, by)?;
                }
                value
            }
            Expr::Over(other, junk, a, index, by) => {
                self.expr(*other, junk, locals)?;
                let a = self.expr(ty, a, locals)?;
                match self.expr(Narrow, index, locals)? {
                    0 | 2 => a,
                    _ => ty.cut(a.wrapping_sub(*by)),
                }
            }
            Expr::Either(a, c, ways) => {
                let a = self.expr(ty, a, locals)?;
                let (op, by) = ways[usize::from(self.expr(Narrow, c, locals)? == 0)];
                binary(op, ty, a, by)?
            }
            Expr::Load(access, at) => {
                let at = self.expr(Narrow, at, locals)? + access.offset as u64;
                let range = self.range(at, access.bytes as u64)?;
                let raw = self.memory[range]
                    .iter()
                    .rev()
                    .fold(0, |v, b| v << 8 | u64::from(*b));
                let shift = 64 - 8 * access.bytes as u32;
                let value = if access.signed {
                    ((raw << shift) as i64 >> shift) as u64
                } else {
                    raw
                };
                ty.cut(value)
            }
            Expr::Call(index, arguments) => self.call(*index, arguments, locals)?[0],
            Expr::After(statements, value) => {
                self.statements(statements, locals)?;
                self.expr(ty, value, locals)?
            }
        })
    }

    fn call(&mut self, index: usize, arguments: &[Expr], locals: &mut Locals) -> Value<Vec<u64>> {
        let functions = self.functions;
        let mut own = Locals::default();
        let mut seen = [0, 0];
        for (ty, argument) in functions[index].params.iter().zip(arguments) {
            own[ty.index()][seen[ty.index()]] = self.expr(*ty, argument, locals)?;
            seen[ty.index()] += 1;
        }
        self.run(index, &mut own)
    }

    fn run(&mut self, index: usize, own: &mut Locals) -> Value<Vec<u64>> {
        let function = &self.functions[index];
        match self.statements(&function.body, own) {
            Err(Stop::Return(values)) => return Ok(values),
            other => other?,
        }
        match self.values(&function.results, &function.values, own) {
            Err(Stop::Return(values)) => Ok(values),
            other => other,
        }
    }

    fn values(&mut self, types: &[Type], values: &[Expr], locals: &mut Locals) -> Value<Vec<u64>> {
        let pairs = types.iter().zip(values);
        pairs.map(|(ty, value)| self.expr(*ty, value, locals)).collect()
    }

    fn statements(&mut self, statements: &[Statement], locals: &mut Locals) -> Value<()> {
        for statement in statements {
            self.statement(statement, locals)?;
        }
        Ok(())
    }

    fn statement(&mut self, statement: &Statement, locals: &mut Locals) -> Value<()> {
        match statement {
            Statement::Set(ty, local, value) => {
                locals[ty.index()][*local] = self.expr(*ty, value, locals)?;
            }
            Statement::SetGlobal(ty, global, value) => {
                self.globals[ty.index()][*global] = self.expr(*ty, value, locals)?;
            }
            Statement::Store(ty, access, at, value) => {
                let at = self.expr(Narrow, at, locals)? + access.offset as u64;
                let value = self.expr(*ty, value, locals)?;
                let range = self.range(at, access.bytes as u64)?;
                self.memory[range].copy_from_slice(&value.to_le_bytes()[..access.bytes]);
            }
            Statement::Drop(ty, value) => {
                self.expr(*ty, value, locals)?;
            }
            Statement::Call(index, arguments, places) => {
                let results = self.call(*index, arguments, locals)?;
                let types = &self.functions[*index].results;
                for ((ty, local), value) in types.iter().zip(places).zip(results).rev() {
                    locals[ty.index()][*local] = value;
                }
            }
            Statement::Repeat(count, body) => {
                for _ in 0..*count {
                    self.statements(body, locals)?;
                }
            }
            Statement::ReturnIf(c, values) => {
                if self.expr(Narrow, c, locals)? != 0 {
                    let mut all = Vec::new();
                    for (ty, value) in values {
                        all.push(self.expr(*ty, value, locals)?);
                    }
                    return Err(Stop::Return(all));
                }
            }
            Statement::When(c, yes, no) => {
                let chosen = if self.expr(Narrow, c, locals)? != 0 {
                    yes
                } else {
                    no
                };
                self.statements(chosen, locals)?;
            }
            Statement::Copy(to, from, length) => {
                let to = self.expr(Narrow, to, locals)?;
                let from = self.expr(Narrow, from, locals)?;
                let length = self.expr(Narrow, length, locals)?;
                let (to, from) = (self.range(to, length)?, self.range(from, length)?);
                self.memory.copy_within(from, to.start);
            }
            Statement::Fill(to, byte, length) => {
                let to = self.expr(Narrow, to, locals)?;
                let byte = self.expr(Narrow, byte, locals)?;
                let length = self.expr(Narrow, length, locals)?;
                let range = self.range(to, length)?;
                self.memory[range].fill(byte as u8);
            }
        }
        Ok(())
    }
}

/// Compares a program with what the evaluator says. False if it was too long to try, or trapped.
fn compare(seed: u64) -> bool {
    let functions = functions(seed);
    let mut world = World {
        functions: &functions,
        memory: vec![0; 65_536],
        globals: [[0; GLOBALS]; 2],
        steps: 0,
    };
    for global in 0..GLOBALS as u64 {
        world.globals[0][global as usize] = global;
        world.globals[1][global as usize] = global.wrapping_neg();
    }
    let expected = match world.run(functions.len() - 1, &mut Default::default()) {
        Err(Stop::Long) => return false,
        Err(Stop::Trap | Stop::Return(_)) => Ended::Trapped,
        Ok(values) => {
            let mut shown: Vec<u64> = values.into_iter().rev().collect();
            for global in 0..GLOBALS {
                shown.extend([world.globals[0][global], world.globals[1][global]]);
            }
            let words = world.memory[8..SHOWN].chunks_exact(8);
            shown.extend(words.map(|word| u64::from_le_bytes(word.try_into().expect("eight"))));
            Ended::Returned(shown)
        }
    };
    let module = program(seed);
    let ended = run(&module).unwrap_or_else(|fault| panic!("seed {seed}: {fault}\n{module}"));
    assert_eq!(ended, expected, "seed {seed}\n{module}");
    ended != Ended::Trapped
}

#[test]
fn structured_programs() {
    let returned = (0..PROGRAMS).filter(|seed| compare(*seed)).count();
    assert!(returned as u64 > PROGRAMS / 2, "{returned} programs return");
}
