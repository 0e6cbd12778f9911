//! Random programs with everything that a function can have: calls with several results, early returns, blocks that give
//! values, tables of branches, loops, globals, loads and stores of every width, bulk memory, traps.

mod text;

/// Locals of a function of each type, parameters included; one more counts loops.
pub(crate) const LOCALS: usize = 3;
/// Globals of each type.
pub(crate) const GLOBALS: usize = 2;
/// Where in memory accesses go, and how many bytes there.
const AREA: usize = 64;
const BYTES: usize = 128;
/// End of the memory that is compared.
pub(crate) const SHOWN: usize = 512;

/// Numbers of a seed, and constants that are close to where something changes.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) % bound as u64) as usize
    }

    pub(crate) fn constant(&mut self) -> u64 {
        let word = (self.below(1 << 32) as u64) << 32 | self.below(1 << 32) as u64;
        match self.below(8) {
            0 => self.below(70) as u64,
            1 => (self.below(70) as u64).wrapping_neg(),
            2 => (1 << self.below(64)) - 1,
            3 => !((1 << self.below(64)) - 1),
            4 => 1 << self.below(64),
            5 => ((1 << self.below(32)) - 1) << self.below(32),
            6 => 0x8000_0000,
            _ => word,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Narrow,
    Wide,
}

pub(crate) use Type::{Narrow, Wide};

impl Type {
    fn name(self) -> &'static str {
        if self == Wide { "i64" } else { "i32" }
    }

    pub(crate) fn cut(self, value: u64) -> u64 {
        if self == Wide { value } else { value & 0xffff_ffff }
    }

    pub(crate) fn index(self) -> usize {
        usize::from(self == Wide)
    }
}

/// Bytes, sign to extend, alignment hint, static offset.
#[derive(Clone, Copy)]
pub(crate) struct Access {
    pub(crate) bytes: usize,
    pub(crate) signed: bool,
    pub(crate) aligned: bool,
    pub(crate) offset: usize,
}

pub(crate) enum Expr {
    Const(u64),
    Get(usize),
    Tee(usize, Box<Expr>),
    Global(usize),
    Unary(&'static str, Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// Of operands of a type: a value of 32 bits.
    Test(&'static str, Type, Box<Expr>, Box<Expr>),
    Zero(Type, Box<Expr>),
    /// From the other type.
    Convert(bool, Box<Expr>),
    Select(Box<Expr>, Box<Expr>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// The first if the second holds, else the third: by a branch out of a block.
    Leave(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A value carried out of one of two blocks by table; what comes out of the inner one is added to.
    Table(Box<Expr>, Box<Expr>, u64),
    /// The first of two values that a block takes and gives back, perhaps by a branch, after statements.
    Through(Type, Box<Expr>, Box<Expr>, Vec<Statement>, Box<Expr>),
    /// A value that a loop takes and gives, changed each time.
    Carried(u32, &'static str, Box<Expr>, Vec<Statement>, Box<Expr>),
    /// As Leave and Table, from above another value.
    Over(Type, Box<Expr>, Box<Expr>, Box<Expr>, u64),
    /// What an if takes and changes, by an instruction and constant on either way.
    Either(Box<Expr>, Box<Expr>, [(&'static str, u64); 2]),
    Load(Access, Box<Expr>),
    Call(usize, Vec<Expr>),
    /// Statements, then a value.
    After(Vec<Statement>, Box<Expr>),
}

pub(crate) enum Statement {
    Set(Type, usize, Expr),
    SetGlobal(Type, usize, Expr),
    Store(Type, Access, Expr, Expr),
    Drop(Type, Expr),
    /// Calls a function and takes its results in locals.
    Call(usize, Vec<Expr>, Vec<usize>),
    Repeat(u32, Vec<Statement>),
    ReturnIf(Expr, Vec<(Type, Expr)>),
    When(Expr, Vec<Statement>, Vec<Statement>),
    Copy(Expr, Expr, Expr),
    Fill(Expr, Expr, Expr),
}

pub(crate) struct Function {
    pub(crate) params: Vec<Type>,
    pub(crate) results: Vec<Type>,
    pub(crate) body: Vec<Statement>,
    pub(crate) values: Vec<Expr>,
}

/// Functions so far, in the order in which they may call.
struct Maker {
    random: Random,
    functions: Vec<Function>,
    /// Results of the function that is made.
    results: Vec<Type>,
    /// Loops that are open: their counters must not be shared.
    loops: usize,
}

const ARITHMETIC: [&str; 15] = [
    "add", "sub", "mul", "and", "or", "xor", "shl", "shr_u", "shr_s", "rotl", "rotr", "div_u", "rem_u",
    "div_s", "rem_s",
];
const TESTS: [&str; 10] = [
    "eq", "ne", "lt_u", "gt_u", "le_u", "ge_u", "lt_s", "gt_s", "le_s", "ge_s",
];

impl Maker {
    fn boxed(&mut self, ty: Type, depth: usize) -> Box<Expr> {
        Box::new(self.expr(ty, depth))
    }

    fn ty(&mut self) -> Type {
        if self.random.below(2) == 0 { Narrow } else { Wide }
    }

    fn condition(&mut self, depth: usize) -> Expr {
        let ty = self.ty();
        match self.random.below(4) {
            0 => self.expr(Narrow, depth),
            1 => Expr::Zero(ty, self.boxed(ty, depth)),
            _ => {
                let op = TESTS[self.random.below(TESTS.len())];
                let test = Expr::Test(op, ty, self.boxed(ty, depth), self.boxed(ty, depth));
                if self.random.below(3) == 0 {
                    Expr::Zero(Narrow, Box::new(test))
                } else {
                    test
                }
            }
        }
    }

    /// An address of an access: inside of the area, mostly.
    fn address(&mut self, access: Access, depth: usize) -> Expr {
        if self.random.below(60) == 0 {
            // What its hint calls aligned has to be (docs/THREATS.md).
            let low = if access.aligned { access.bytes - 1 } else { 0 };
            let multiple = Box::new(Expr::Const(u64::from(!(low as u32))));
            return Expr::Binary("and", self.boxed(Narrow, depth), multiple);
        }
        let mask = if access.aligned {
            (BYTES - 1) & !(access.bytes - 1)
        } else {
            BYTES - 9
        };
        let inside = Expr::Binary(
            "and",
            self.boxed(Narrow, depth),
            Box::new(Expr::Const(mask as u64)),
        );
        match self.random.below(3) {
            0 => Expr::Binary("add", Box::new(inside), Box::new(Expr::Const(8))),
            1 => Expr::Binary("or", Box::new(inside), Box::new(Expr::Const(BYTES as u64))),
            _ => inside,
        }
    }

    fn access(&mut self, ty: Type) -> Access {
        let bytes = 1 << self.random.below(if ty == Wide { 4 } else { 3 });
        let full = bytes == if ty == Wide { 8 } else { 4 };
        Access {
            bytes,
            signed: !full && self.random.below(2) == 0,
            aligned: bytes == 1 || self.random.below(2) == 0,
            offset: AREA + 8 * self.random.below(3),
        }
    }

    fn expr(&mut self, ty: Type, depth: usize) -> Expr {
        if depth == 0 {
            return match self.random.below(4) {
                0 => Expr::Const(ty.cut(self.random.constant())),
                1 => Expr::Global(self.random.below(GLOBALS)),
                _ => Expr::Get(self.random.below(LOCALS)),
            };
        }
        let d = depth - 1;
        match self.random.below(28) {
            0 => Expr::Tee(self.random.below(LOCALS), self.boxed(ty, d)),
            1 | 2 => {
                let ops = ["clz", "ctz", "popcnt", "extend8_s", "extend16_s", "extend32_s"];
                let op = ops[self.random.below(if ty == Wide { 6 } else { 5 })];
                Expr::Unary(op, self.boxed(ty, d))
            }
            3 => {
                let other = if ty == Wide { Narrow } else { Wide };
                Expr::Convert(self.random.below(2) == 0, self.boxed(other, d))
            }
            4 => Expr::Select(self.boxed(ty, d), self.boxed(ty, d), Box::new(self.condition(d))),
            5 => Expr::If(Box::new(self.condition(d)), self.boxed(ty, d), self.boxed(ty, d)),
            6 => Expr::Leave(self.boxed(ty, d), Box::new(self.condition(d)), self.boxed(ty, d)),
            7 => {
                let index = Expr::Binary("and", self.boxed(Narrow, d), Box::new(Expr::Const(7)));
                let by = self.random.constant();
                Expr::Table(self.boxed(ty, d), Box::new(index), ty.cut(by))
            }
            8 | 9 => {
                let access = self.access(ty);
                Expr::Load(access, Box::new(self.address(access, d)))
            }
            10 => {
                let fits = |f: &Function| f.results == [ty];
                let found: Vec<usize> = (0..self.functions.len())
                    .filter(|i| fits(&self.functions[*i]))
                    .collect();
                if found.is_empty() {
                    return self.expr(ty, d);
                }
                let index = found[self.random.below(found.len())];
                Expr::Call(index, self.arguments(index, d))
            }
            11 => Expr::After(vec![self.statement(d)], self.boxed(ty, d)),
            12 if ty == Narrow => self.condition(d),
            13 => {
                // Shifts and masks by constants.
                let op =
                    ["and", "or", "xor", "shl", "shr_u", "shr_s", "rotl", "mul", "add"][self.random.below(9)];
                let constant = Expr::Const(ty.cut(self.random.constant()));
                Expr::Binary(op, self.boxed(ty, d), Box::new(constant))
            }
            15 => {
                let other = self.ty();
                let (a, b) = (self.boxed(ty, d), self.boxed(other, d));
                Expr::Through(other, a, b, self.statements(d), Box::new(self.condition(d)))
            }
            16 if self.loops == 0 => {
                let a = self.boxed(ty, d);
                self.loops += 1;
                let (body, by) = (self.statements(d), self.boxed(ty, d));
                self.loops -= 1;
                let op = ["add", "sub", "xor", "mul", "rotl"][self.random.below(5)];
                Expr::Carried(1 + self.random.below(3) as u32, op, a, body, by)
            }
            17 => {
                let other = self.ty();
                let (junk, a) = (self.boxed(other, d), self.boxed(ty, d));
                let by = self.random.constant();
                Expr::Over(other, junk, a, self.boxed(Narrow, d), ty.cut(by))
            }
            18 => {
                let (a, c) = (self.boxed(ty, d), Box::new(self.condition(d)));
                let mut way = || {
                    let op = ["add", "and", "shl", "shr_s", "sub"][self.random.below(5)];
                    (op, ty.cut(self.random.constant()))
                };
                Expr::Either(a, c, [way(), way()])
            }
            14 => Expr::Binary("xor", self.boxed(ty, d), Box::new(Expr::Const(ty.cut(u64::MAX)))),
            _ => {
                let op = ARITHMETIC[self.random.below(ARITHMETIC.len())];
                let a = self.boxed(ty, d);
                let b = self.boxed(ty, d);
                let divides = op.starts_with("div") || op.starts_with("rem");
                if divides && self.random.below(30) != 0 {
                    let one = Box::new(Expr::Const(1));
                    return Expr::Binary(op, a, Box::new(Expr::Binary("or", b, one)));
                }
                Expr::Binary(op, a, b)
            }
        }
    }

    fn arguments(&mut self, index: usize, depth: usize) -> Vec<Expr> {
        let params = self.functions[index].params.clone();
        params.into_iter().map(|ty| self.expr(ty, depth)).collect()
    }

    fn statements(&mut self, depth: usize) -> Vec<Statement> {
        let count = 1 + self.random.below(3);
        (0..count).map(|_| self.statement(depth)).collect()
    }

    fn statement(&mut self, depth: usize) -> Statement {
        let ty = self.ty();
        let d = depth.saturating_sub(1);
        match self.random.below(12) {
            0 => Statement::SetGlobal(ty, self.random.below(GLOBALS), self.expr(ty, depth)),
            1 | 2 => {
                let access = self.access(ty);
                Statement::Store(ty, access, self.address(access, d), self.expr(ty, depth))
            }
            3 => Statement::Drop(ty, self.expr(ty, depth)),
            4 if !self.functions.is_empty() => {
                let index = self.random.below(self.functions.len());
                let count = self.functions[index].results.len();
                let arguments = self.arguments(index, d);
                Statement::Call(index, arguments, (0..count).map(|i| i % LOCALS).collect())
            }
            5 if self.loops == 0 && depth > 1 => {
                self.loops += 1;
                let body = self.statements(d);
                self.loops -= 1;
                Statement::Repeat(1 + self.random.below(3) as u32, body)
            }
            6 => {
                let results = self.results.clone();
                let values = results.into_iter().map(|ty| (ty, self.expr(ty, d))).collect();
                Statement::ReturnIf(self.condition(d), values)
            }
            7 if depth > 1 => Statement::When(self.condition(d), self.statements(d), self.statements(d)),
            8 => {
                let mut part = |most: u64| {
                    let at = self.boxed(Narrow, d);
                    let cut = Expr::Binary("and", at, Box::new(Expr::Const(most)));
                    Expr::Binary("add", Box::new(cut), Box::new(Expr::Const(AREA as u64)))
                };
                let (to, from) = (part(63), part(63));
                let length = Expr::Binary("and", self.boxed(Narrow, d), Box::new(Expr::Const(127)));
                Statement::Copy(to, from, length)
            }
            9 => {
                let at = Expr::Binary("and", self.boxed(Narrow, d), Box::new(Expr::Const(127)));
                let length = Expr::Binary("and", self.boxed(Narrow, d), Box::new(Expr::Const(63)));
                Statement::Fill(at, self.expr(Narrow, d), length)
            }
            _ => Statement::Set(ty, self.random.below(LOCALS), self.expr(ty, depth)),
        }
    }

    fn function(&mut self, results: Vec<Type>, params: Vec<Type>, depth: usize) {
        self.results = results.clone();
        let body = (0..3).map(|_| self.statement(depth)).collect();
        let values = results.iter().map(|ty| self.expr(*ty, depth)).collect();
        self.functions.push(Function {
            params,
            results,
            body,
            values,
        });
    }
}

/// The functions of a program; the last one is run.
pub(crate) fn functions(seed: u64) -> Vec<Function> {
    let mut maker = Maker {
        random: Random::new(seed),
        functions: Vec::new(),
        results: Vec::new(),
        loops: 0,
    };
    for _ in 0..3 {
        let some = |maker: &mut Maker| -> Vec<Type> {
            let count = maker.random.below(4);
            (0..count).map(|_| maker.ty()).collect()
        };
        let (results, params) = (some(&mut maker), some(&mut maker));
        maker.function(results, params, 3);
    }
    maker.function(vec![Narrow, Wide, Narrow], Vec::new(), 5);
    maker.functions
}

/// The text of a program.
pub(crate) fn program(seed: u64) -> String {
    text::module(&functions(seed))
}
