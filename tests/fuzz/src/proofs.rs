//! What reads proofs, keys, constraints and modules to be proven: the verifier, its program's decoder, and lowering.

use crate::random::Random;
use ark_bn254::Fq;
use playfair_proofs_circuit::air::{System, Witness};
use playfair_proofs_circuit::assign::assign;
use playfair_proofs_circuit::columns::Shape;
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_circuit::lint;
use playfair_proofs_circuit::tables::Tables;
use playfair_proofs_isa::asm::{self, Operand};
use playfair_proofs_isa::code::{Instr, Program, address};
use playfair_proofs_isa::interp::{Executable, NoOracle};
use playfair_proofs_isa::link::{Constants, link};
use playfair_proofs_isa::lower::{Kind, lower};
use playfair_proofs_isa::micro;
use playfair_proofs_kernel::WASM;
use playfair_proofs_prover::export;
use playfair_proofs_prover::fast::{Committer, ProvingKey, Watch, prove, usable_rows};
use playfair_proofs_prover::setup::insecure_development;
use playfair_proofs_verifier::program::{Node, Parts, Query};
use playfair_proofs_verifier::{Error, Key, Program as Constraints, Trust, segment_constraints, verify};
use playfair_types::crypto::field::{fr_from_bytes, fr_to_bytes};
use playfair_types::module::ModuleHash;
use playfair_types::segment::SEGMENT_FIELDS;
use playfair_types::vk::{Setup, VerifyingKey};
use playfair_types::{Decode, Encode, Fr};
use rand_core::{RngCore, impls};
use std::sync::{Arc, OnceLock};

/// The generator of the curve's points, and the scalar 1: a word that is either.
const WORD: [u8; 32] = {
    let mut word = [0; 32];
    word[0] = 1;
    word
};

/// A key of the machine that is proven, and a proof under it.
struct Real {
    constraints: Constraints,
    key: VerifyingKey,
    instances: Vec<Fr>,
    proof: Vec<u8>,
}

struct Blinding(Random);

impl RngCore for Blinding {
    fn next_u32(&mut self) -> u32 {
        self.0.next() as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        impls::fill_bytes_via_next(self, bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

/// A program that ends at once. The microcode, and a row with gas, keep its columns from being empty.
fn program() -> Program {
    let jump = |to| asm::jump(to).expect("a jump");
    let mut code: Vec<Instr> = vec![
        asm::mem([0; 2], [address::KERNEL; 2]),
        jump(1),
        asm::exit(3, 2_304),
        jump(3),
        jump(1),
        asm::reset(3),
    ];
    code.extend(micro::pos5());
    code.extend(micro::pos2());
    let at = code.len() as u32;
    code.extend(micro::curve64(at));
    code.push(asm::gasd(30).with_gas(11));
    code.push(asm::mul64(Operand::Reg(5), Operand::Reg(1), Operand::Reg(2)).expect("a product"));
    code.push(jump(3));
    Program {
        code,
        aux: Vec::new(),
    }
}

/// Made once a process; always the same.
fn real() -> &'static Real {
    static REAL: OnceLock<Real> = OnceLock::new();
    REAL.get_or_init(|| {
        const K: u32 = 14;
        let machine = Machine::new().expect("the machine");
        let system = System::new(&machine.air);
        let usable = usable_rows(&system, K);
        let shape = Shape::new(K, (1 << K) - usable);
        let program = program();
        let tables = Tables::new(&program, shape).expect("tables");
        let instances: Vec<Fr> = (0..SEGMENT_FIELDS as u64).map(|i| Fr::from(1_000 + i)).collect();
        let executable = Executable::new(&program).expect("a program");
        let (trace, _) = match executable.trace(&instances, &mut NoOracle, 1_000) {
            Ok(run) => run,
            Err(fault) => panic!("{fault}"),
        };
        let witness = Witness {
            advice: assign(&machine, &tables, &trace, &instances).expect("a witness"),
            fixed: tables.fixed().clone(),
            instance: instances.clone(),
        };
        let committer = Committer::new(&insecure_development(K, None).expect("a setup"));
        let key = ProvingKey::new(system, tables.fixed(), Arc::new(committer)).expect("a key");
        let proof = prove(
            &key,
            witness.clone(),
            &mut Blinding(Random::new(1)),
            &Watch::default(),
        )
        .expect("a proof");
        let module = ModuleHash([7; 31]);
        Real {
            constraints: segment_constraints().expect("this build's constraints"),
            key: export::verifying_key(key.vk(), module, 0, Setup::InsecureDevelopment).expect("a key"),
            instances,
            proof,
        }
    })
}

/// Key, instances and proof as bytes, or one of the three; the first byte says which. What is left out is the true one.
pub(crate) fn verify_sample(random: &mut Random) -> Vec<u8> {
    let real = real();
    let which = random.below(4) as u8;
    let mut bytes = vec![which];
    if which != 2 && which != 3 {
        bytes.extend(real.key.encode());
    }
    if which != 1 && which != 3 {
        bytes.extend(real.instances.iter().flat_map(fr_to_bytes));
    }
    if which != 1 && which != 2 {
        bytes.extend(&real.proof);
    }
    bytes
}

/// Key, instances and proof of such bytes.
fn claim(bytes: &[u8]) -> Option<(VerifyingKey, Vec<Fr>, &[u8])> {
    let real = real();
    let (which, rest) = bytes.split_first()?;
    let (key, instances) = (real.key.encode().len(), 32 * SEGMENT_FIELDS);
    let read = |bytes: &[u8]| -> Option<Vec<Fr>> {
        let (words, rest) = bytes.as_chunks::<32>();
        let words = words.iter().map(fr_from_bytes);
        words.collect::<Option<_>>().filter(|_| rest.is_empty())
    };
    Some(match which {
        0 => {
            let (key, rest) = rest.split_at_checked(key)?;
            let (instances, proof) = rest.split_at_checked(instances)?;
            (VerifyingKey::decode(key).ok()?, read(instances)?, proof)
        }
        1 => (
            VerifyingKey::decode(rest).ok()?,
            real.instances.clone(),
            &real.proof,
        ),
        2 => (real.key.clone(), read(rest)?, &real.proof),
        3 => (real.key.clone(), real.instances.clone(), rest),
        _ => return None,
    })
}

/// Verifying never panics, and accepts the true statement with the true proof alone, under the true key. Module and number
/// of the shape are the exception: they are in the key's digest, which the verifier's caller compares.
pub(crate) fn verify_check(bytes: &[u8]) -> bool {
    let real = real();
    let Some((vk, instances, proof)) = claim(bytes) else {
        return false;
    };
    let Ok(key) = Key::new(&real.constraints, &vk, Trust::InsecureDevelopmentToo) else {
        return false;
    };
    if verify(&key, &instances, proof).is_err() {
        return false;
    }
    assert!(instances == real.instances, "another statement is accepted");
    assert!(proof == real.proof, "another proof is accepted");
    let named = VerifyingKey {
        module: real.key.module,
        shape: real.key.shape,
        ..vk.clone()
    };
    assert!(named == real.key, "another key accepts");
    assert_eq!(
        vk.digest() == real.key.digest(),
        vk == real.key,
        "a digest names one key"
    );
    true
}

/// A small program of constraints.
fn constraints(random: &mut Random) -> Constraints {
    let rotation = |random: &mut Random| random.below(9) as i8 - 4;
    let queries = |random: &mut Random, columns: usize| {
        let mut queries: Vec<Query> = (0..random.below(6))
            .map(|_| Query {
                column: random.below(columns as u64) as u16,
                rotation: rotation(random),
            })
            .collect();
        queries.sort_unstable();
        queries.dedup();
        queries
    };
    let advice = [
        vec![0; 1 + random.below(3) as usize],
        vec![1; random.below(3) as usize],
    ]
    .concat();
    let fixed = 1 + random.below(3);
    let mut instance_queries: Vec<i8> = (0..random.below(3)).map(|_| rotation(random)).collect();
    instance_queries.sort_unstable();
    instance_queries.dedup();
    let mut parts = Parts {
        degree: 3 + random.below(3) as u8,
        blinding: random.below(9) as u8,
        instances: random.below(20) as u16,
        fixed: fixed as u16,
        challenges: vec![0; random.below(3) as usize],
        advice_queries: queries(random, advice.len()),
        fixed_queries: queries(random, fixed as usize),
        advice,
        instance_queries,
        constants: (0..=random.below(3)).map(|_| Fr::from(random.next())).collect(),
        ..Parts::default()
    };
    // Each node with its degree, which may not pass the program's.
    let mut nodes = vec![(Node::Constant(0), 0)];
    let counts = [&parts.advice_queries, &parts.fixed_queries].map(Vec::len);
    let leaves = [
        (0, counts[0]),
        (1, counts[1]),
        (2, parts.instance_queries.len()),
        (3, parts.challenges.len()),
    ];
    for (kind, count) in leaves {
        nodes.extend((0..count as u16).map(|number| match kind {
            0 => (Node::Advice(number), 1),
            1 => (Node::Fixed(number), 1),
            2 => (Node::Instance(number), 1),
            _ => (Node::Challenge(number), 0),
        }));
    }
    for _ in 0..random.below(30) {
        let [a, b] = [0; 2].map(|_: u8| random.below(nodes.len() as u64) as u16);
        let [of_a, of_b] = [a, b].map(|place| nodes[usize::from(place)].1);
        nodes.push(match random.below(4) {
            0 => (Node::Negate(a), of_a),
            1 => (Node::Add(a, b), of_a.max(of_b)),
            2 if of_a + of_b <= u32::from(parts.degree) => (Node::Multiply(a, b), of_a + of_b),
            _ => (Node::Subtract(a, b), of_a.max(of_b)),
        });
    }
    let count = nodes.len() as u64;
    parts.polynomials = (0..=random.below(5))
        .map(|_| random.below(count) as u16)
        .collect();
    parts.nodes = nodes.into_iter().map(|(node, _)| node).collect();
    Constraints::new(parts).expect("a program that fits")
}

pub(crate) fn constraints_sample(random: &mut Random) -> Vec<u8> {
    let program = constraints(random);
    let bytes = program.encode();
    assert_eq!(
        Constraints::decode(&bytes),
        Ok(program),
        "a valid program round-trips"
    );
    bytes
}

/// Decodes canonically; and whatever decodes can be evaluated, by a key and a proof of the generator and ones.
pub(crate) fn constraints_check(bytes: &[u8]) -> bool {
    let Ok(program) = Constraints::decode(bytes) else {
        return false;
    };
    assert_eq!(
        program.encode(),
        bytes,
        "accepted bytes are the program's own encoding"
    );
    let vk = VerifyingKey {
        module: ModuleHash([7; 31]),
        shape: 0,
        k: 12,
        setup: Setup::InsecureDevelopment,
        fixed: vec![Some((Fq::from(1u64), Fq::from(2u64))); program.fixed_columns()],
        permutation: Vec::new(),
        transcript: Fr::from(5u64),
    };
    if let Ok(key) = Key::new(&program, &vk, Trust::InsecureDevelopmentToo) {
        let instances = vec![Fr::from(3u64); program.instances()];
        let proof = WORD.repeat(program.proof_bytes() / 32);
        let verdict = verify(&key, &instances, &proof);
        assert_eq!(verdict, Err(Error::Refused), "a proof of nothing");
    }
    true
}

/// Rows that lowering adds to any module, and rows for each byte of one.
const ROWS: (usize, usize) = (4_096, 64);

/// Lowering and linking of any bytes: never a panic, a bounded number of rows, the same ones again, and a program that the
/// interpreter can read and that is fit to be a key's.
pub(crate) fn lowering_check(bytes: &[u8]) -> bool {
    let globals = address::GLOBALS as u32;
    for kind in [Kind::Module, Kind::Kernel] {
        let _ = lower(bytes, kind, globals);
    }
    let Ok(admitted) = playfair_admission::admit(bytes) else {
        return false;
    };
    let constants = Constants::default();
    let Ok(linked) = link(WASM, &admitted.instrumented, &constants) else {
        return false;
    };
    let rows = linked.sizes.module_rows as usize;
    assert!(
        rows <= ROWS.0 + ROWS.1 * bytes.len(),
        "{rows} rows of {} bytes",
        bytes.len()
    );
    let again = link(WASM, &admitted.instrumented, &constants).map(|linked| linked.program);
    assert!(
        again.is_ok_and(|again| again == linked.program),
        "lowering is a function"
    );
    assert!(
        Executable::new(&linked.program).is_ok(),
        "the interpreter reads it"
    );
    assert!(lint::check(&linked.program).is_ok(), "it is fit to be a key's");
    true
}
