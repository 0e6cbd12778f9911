//! One program with every instruction.

use super::{Code, Seeded, r};
use ark_ff::{AdditiveGroup, Field};
use playfair_proofs_isa::asm::{self, Dest, Extend, Half, Logic, Operand, Space, Width};
use playfair_proofs_isa::code::{AuxRow, Program, Tag, address};
use playfair_proofs_isa::micro;
use playfair_types::crypto::babyjubjub::BASE8;
use playfair_types::crypto::field::Fr;

/// Frame of callees.
const FRAME: u32 = 64;
/// Key of the function in the table, and its type.
const FUNCTION: u64 = 7;
const TYPE: u32 = 3;
/// Keys of the images.
const MODULE_IMAGE: [u64; 2] = [16, 20];
const KERNEL_IMAGE: [u64; 2] = [address::KERNEL + 8, address::KERNEL + 12];

/// Twice BASE8.
fn twice() -> (Fr, Fr) {
    let (x, y) = (BASE8.x(), BASE8.y());
    let t = Fr::from(168_696_u64) * (x * y).square();
    let one = Fr::from(1_u64);
    let over = |a: Fr, b: Fr| a * b.inverse().unwrap();
    (
        over((x * y).double(), one + t),
        over(y.square() - Fr::from(168_700_u64) * x.square(), one - t),
    )
}

/// The program for a seed: the same rows with other operands.
pub(crate) fn program(seed: u64) -> Program {
    let mut random = Seeded(seed);
    let mut code = Code::new();
    for (tag, [start, end]) in [(Tag::Image, MODULE_IMAGE), (Tag::Image, KERNEL_IMAGE)] {
        for key in start..end {
            let word = random.word() | 0x8080_8080_8080_8080;
            code.aux.push(AuxRow {
                tag,
                key,
                v1: word.into(),
                v2: Fr::from(0_u64),
            });
        }
    }
    (code.module_image, code.kernel_image) = (MODULE_IMAGE, KERNEL_IMAGE);

    let pos5 = code.all(micro::pos5());
    let pos2 = code.all(micro::pos2());
    let at = code.here();
    let curve = code.all(micro::curve64(at));
    let function = code.row(asm::enter(5, 8_192));
    code.one(asm::add64i(r(0), r(0), 1));
    code.row(asm::ret(1, 5));
    code.aux.push(AuxRow {
        tag: Tag::Table,
        key: FUNCTION,
        v1: function.into(),
        v2: TYPE.into(),
    });

    let main = code.here();
    arithmetic(&mut code, &mut random);
    flow(&mut code, [pos5, pos2, function]);
    system(&mut code);
    memory(&mut code, &mut random);
    scalar(&mut code, &mut random, curve);

    // A load out of bounds ends the run of the module; the kernel goes on.
    code.put(40, 4_090_u64);
    let trap = code.one(asm::load(r(41), 40, 8, Width::W4, Extend::Zero, Space::Module));
    let class = 2 + (40_u64 << 32) + (3 << 60);
    code.aux.push(AuxRow {
        tag: Tag::Trap,
        key: trap.into(),
        v1: class.into(),
        v2: Fr::from(8_u64),
    });
    let trapped = code.here();
    let xpc = Operand::Abs(address::XPC as u32);
    code.one(asm::mov(r(1), xpc));
    code.one(asm::shr_ui(r(2), r(1), 16));
    code.one(asm::aux_v1(r(3), Tag::Trap, 2));
    code.one(asm::jump(5));
    let resume = code.here();
    code.one(asm::mov(r(1), xpc));
    code.one(asm::jump(1));
    code.program(main, trapped, resume)
}

fn arithmetic(code: &mut Code, random: &mut Seeded) {
    let (x, y) = (random.operand(), random.operand());
    code.put(1, x);
    code.put(2, y);
    code.one(asm::add64(r(3), r(1), r(2)));
    code.one(asm::sub64(r(4), r(1), r(2)));
    code.one(asm::mul64(r(5), r(1), r(2)));
    code.one(asm::mulhi(r(6), r(1), r(2)));
    code.one(asm::lt_u(r(7), r(1), r(2)));
    code.one(asm::fmul(r(8), r(1), r(2)));
    code.one(asm::eq(r(9), r(1), r(2)));
    code.one(asm::mask(r(11), r(1), 32));
    code.one(asm::mask(r(12), r(2), 32));
    code.one(asm::add32(r(13), r(11), r(12)));
    code.one(asm::sub32(r(14), r(11), r(12)));
    code.one(asm::mul32(r(15), r(11), r(12)));
    for (i, op) in [Logic::And, Logic::Or, Logic::Xor].into_iter().enumerate() {
        code.one(asm::logic(op, r(16 + i as u32), r(11), r(12)));
        code.one(asm::logic(op, r(16 + i as u32), r(1), r(2)));
    }
    code.one(asm::logici(Logic::And, r(11), r(11), 0xff00_ff00));
    code.one(asm::mask(r(18), r(1), 18));
    code.one(asm::logici(Logic::AndNot, r(18), r(18), 0x1_55aa));
    // Bits that move: of 8 x + 5 and of y's complement.
    let (one, ones) = (Fr::from(1_u64), Fr::from(u64::MAX));
    let k = [
        Fr::from(5_u64),
        Fr::from(8_u64),
        -one,
        ones,
        one,
        Fr::from(3_u64),
        -one,
        Fr::from(9_u64),
    ];
    code.one(asm::logic_form(r(17), r(12), Some(r(2)), k));
    code.put(19, (y | 1) >> random.below(64) | 1);
    code.two(asm::div_u(r(20), r(1), r(19)));
    code.two(asm::rem_u(r(21), r(1), r(19)));
    for condition in [0, 1 + random.below(9)] {
        code.put(22, condition);
        code.one(asm::mov(r(23), r(1)));
        code.one(asm::select(23, r(2), r(22)));
        let next = code.here() + 2;
        code.one(asm::jump_nonzero(r(22), next));
        code.one(asm::eqi(r(24), r(22), 0));
    }
    code.one(asm::rotl64i(r(25), r(1), 13));
    code.one(asm::shr_ui(r(26), r(1), 13));
    // With these the entries of memory are as the lies about the last one need them.
    code.put(42, 1_u64);
    code.put(41, 1_u64);
}

fn flow(code: &mut Code, [pos5, pos2, function]: [u32; 3]) {
    for i in 0..5 {
        code.put(FRAME + i, 10 + u64::from(i));
    }
    code.row(asm::call(FRAME, 5, pos5));
    code.one(asm::mov(r(FRAME + 1), r(FRAME)));
    code.row(asm::call(FRAME, 2, pos2));
    code.put(FRAME, 4_u64);
    code.row(asm::call(FRAME, 1, function));
    code.put(27, FUNCTION);
    code.put(FRAME, 5_u64);
    code.row(asm::calli(FRAME, 1, 27, TYPE));
    code.put(28, 1_u64);
    let next = code.here() + 1;
    code.row(asm::dyn_jump(28, next - 1));
}

fn system(code: &mut Code) {
    code.put(29, 1_000_u64);
    code.row(asm::setgas(29));
    code.put(30, 7_u64);
    code.row(asm::gasd(30).with_gas(11));
    code.one(asm::gets(r(31)));
    code.one(asm::get_slots(r(31)));
    code.one(asm::hint64(r(32), 0, None));
    code.one(asm::hint(r(33), 0, Some(30)));
    code.one(asm::raw(r(34), 30, -5));
    code.one(asm::pow(r(35), 30));
    code.one(asm::pow_down(r(36), 30));
    code.one(asm::public(r(37), 4));
    code.put(38, 4_096_u64);
    code.row(asm::setmem(38, true));
}

fn memory(code: &mut Code, random: &mut Seeded) {
    let kernel = KERNEL_IMAGE[0] - address::KERNEL;
    for (space, word) in [(Space::Module, MODULE_IMAGE[0]), (Space::Kernel, kernel)] {
        code.put(1, 8 * word);
        code.put(2, random.word());
        code.one(asm::load(r(3), 1, 8, Width::W8, Extend::Zero, space));
        code.one(asm::store(r(2), 1, 16, Width::W8, space));
        // The last entry, which lies need to be touched once.
        code.one(asm::store(r(2), 1, 192, Width::W8, space));
        for (width, bits) in [(Width::W1, 8), (Width::W2, 16), (Width::W4, 32)] {
            let offset = random.below(9 - bits / 8) as u32;
            code.one(asm::mask(r(4), r(2), bits as u32));
            code.one(asm::store(r(4), 1, 24 + offset, width, space));
            for offset in [0, 8 - bits as u32 / 8] {
                code.one(asm::load(r(5), 1, 8 + offset, width, Extend::Zero, space));
                code.one(asm::load(r(6), 1, 16 + offset, width, Extend::Sign64, space));
                if bits < 32 {
                    code.one(asm::load(r(7), 1, 24 + offset, width, Extend::Sign32, space));
                }
            }
        }
        code.one(asm::store_constant(random.word(), 1, 128, Width::W8, space));
        code.one(asm::store_constant(0xabcd, 1, 138, Width::W2, space));
        // Eight bytes, in one word and in two.
        code.one(asm::store(r(2), 1, 128, Width::W8, space));
        code.one(asm::store(r(2), 1, 136, Width::W8, space));
        code.one(asm::store(r(2), 1, 152, Width::W8, space));
        code.one(asm::store(r(2), 1, 160, Width::W8, space));
        for offset in [0, 1 + random.below(7) as u32] {
            let (first, last) = (128 + offset, 135 + offset);
            code.one(asm::load_part(r(43), 1, last, Half::Last, false, space));
            code.one(asm::load_part(r(43), 1, first, Half::First, true, space));
            code.one(asm::load_part(r(44), 1, last + 24, Half::Scale, false, space));
            code.one(asm::mulhi(r(45), r(2), r(44)));
            code.one(asm::mul64(r(46), r(2), r(44)));
            code.one(asm::store_part(r(45), 1, last + 24, Half::Last, space));
            code.one(asm::store_part(r(46), 1, first + 24, Half::First, space));
        }
        if space == Space::Module {
            code.one(asm::load_last_of_four(r(43), 1, 135 + random.below(8) as u32));
            code.one(asm::mask(r(4), r(2), 32));
            for offset in [1, 4, 6] {
                code.one(asm::scale_of_four(r(44), 1, 135 + offset));
                code.one(asm::mulhi(r(45), r(4), r(44)));
                code.one(asm::mul64(r(46), r(4), r(44)));
                code.one(asm::store_part_of_four(r(45), 1, 131 + offset, Half::Last, space));
                code.one(asm::store_part_of_four(
                    r(46),
                    1,
                    128 + offset,
                    Half::First,
                    space,
                ));
            }
        }
        code.put(8, 8 * word + 3);
        code.one(asm::load(Dest::Put(r(8)), 8, 0, Width::W2, Extend::Zero, space));
    }
}

fn scalar(code: &mut Code, random: &mut Seeded, curve: u32) {
    let (ux, uy) = twice();
    let (s, h) = (Fr::from(random.word()), Fr::from(random.word()));
    let zero = Fr::from(0_u64);
    let parameters = [
        zero,
        Fr::from(1_u64),
        BASE8.x(),
        BASE8.y(),
        ux,
        uy,
        s,
        h,
        Fr::from(63_u64),
    ];
    for (i, value) in parameters.into_iter().enumerate() {
        code.put(FRAME + i as u32, value);
    }
    code.row(asm::call(FRAME, 9, curve));
}
