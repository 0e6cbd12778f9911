//! What a constraint program may not be, part by part.

#![allow(missing_docs)]

use playfair_proofs_verifier::program::{Node, Parts, Program, ProgramError, Query};
use playfair_types::{Decode, DecodeError, Encode, Fr};

fn query(column: u16, rotation: i8) -> Query {
    Query { column, rotation }
}

/// `f * (a(next) - a b - c * challenge * instance)`.
fn parts() -> Parts {
    Parts {
        degree: 4,
        blinding: 5,
        instances: 2,
        fixed: 1,
        advice: vec![0, 0, 1],
        challenges: vec![0],
        advice_queries: vec![query(0, 0), query(1, 0), query(0, 1), query(2, 0)],
        fixed_queries: vec![query(0, 0)],
        instance_queries: vec![0],
        constants: vec![Fr::from(3)],
        nodes: vec![
            Node::Advice(0),
            Node::Advice(1),
            Node::Multiply(0, 1),
            Node::Advice(2),
            Node::Subtract(3, 2),
            Node::Challenge(0),
            Node::Instance(0),
            Node::Multiply(5, 6),
            Node::Constant(0),
            Node::Multiply(7, 8),
            Node::Negate(9),
            Node::Add(4, 10),
            Node::Fixed(0),
            Node::Multiply(11, 12),
        ],
        polynomials: vec![13],
    }
}

#[test]
fn a_good_one_survives_its_bytes() {
    let program = Program::new(parts()).unwrap();
    let bytes = program.encode();
    assert_eq!(Program::decode(&bytes), Ok(program.clone()));
    assert_eq!(program.proof_bytes(), 32 * (3 + 3 + 4 + 1 + 4));
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(Program::decode(&longer), Err(DecodeError::TrailingBytes(1)));
}

#[test]
fn every_part_is_checked() {
    let with = |change: &dyn Fn(&mut Parts)| {
        let mut parts = parts();
        change(&mut parts);
        Program::new(parts).map(|_| ()).map_err(|ProgramError(what)| what)
    };
    assert_eq!(with(&|_| ()), Ok(()));
    assert_eq!(with(&|p| p.degree = 2), Err("degrees"));
    assert_eq!(with(&|p| p.degree = 6), Err("degrees"));
    assert_eq!(with(&|p| p.nodes[13] = Node::Multiply(12, 12)), Ok(()));
    // Degree 3 becomes 5 above the declared 4.
    assert_eq!(
        with(&|p| {
            p.nodes.push(Node::Multiply(13, 2));
            p.polynomials.push(14);
        }),
        Err("degrees")
    );
    assert_eq!(with(&|p| p.instances = 1025), Err("instances"));
    assert_eq!(with(&|p| p.fixed = 257), Err("fixed columns"));
    assert_eq!(with(&|p| p.advice = vec![0; 257]), Err("advice columns"));
    assert_eq!(with(&|p| p.advice[2] = 2), Err("advice phases"));
    assert_eq!(with(&|p| p.challenges = vec![0; 17]), Err("challenges"));
    assert_eq!(with(&|p| p.challenges[0] = 2), Err("challenge phases"));
    assert_eq!(
        with(&|p| {
            p.advice = vec![1, 1, 1];
            p.challenges = vec![1];
        }),
        Err("advice phases")
    );
    assert_eq!(with(&|p| p.advice_queries[0].column = 3), Err("advice queries"));
    assert_eq!(
        with(&|p| p.advice_queries[0] = query(1, 0)),
        Err("advice queries")
    );
    assert_eq!(
        with(&|p| p.advice_queries[0].rotation = 17),
        Err("advice queries")
    );
    assert_eq!(
        with(&|p| p.advice_queries[0].rotation = -128),
        Err("advice queries")
    );
    assert_eq!(with(&|p| p.fixed_queries[0].column = 1), Err("fixed queries"));
    assert_eq!(
        with(&|p| p.instance_queries = vec![0, 0]),
        Err("instance queries")
    );
    for node in [
        Node::Advice(4),
        Node::Fixed(1),
        Node::Instance(1),
        Node::Challenge(1),
        Node::Constant(1),
        Node::Negate(2),
        Node::Add(0, 2),
        Node::Multiply(2, 0),
        Node::Subtract(0, 65_535),
    ] {
        assert_eq!(with(&|p| p.nodes[2] = node), Err("nodes"), "{node:?}");
    }
    assert_eq!(with(&|p| p.polynomials = vec![14]), Err("polynomials"));
    assert_eq!(with(&|p| p.polynomials = vec![]), Err("polynomials"));
}
