//! Faulty executors of whole segments: kernel and module run with a bug, under the statement that follows from it. Each is caught, by
//! what its entry names and by nothing else.
//!
//! An executor with a bug is an honest one of another program (rows of the kernel are read as others), asked about a tape or a state which it
//! takes for good. Its public inputs are those that its kernel computes, so that nothing but the misread row is wrong;
//! in all but one they say what is not so. Rows are found by what
//! they do in the honest run: by operation, by operands, by what they give.

#[path = "../../../proofs/circuit/tests/faulty/campaign.rs"]
mod campaign;
#[path = "faulty/cases.rs"]
mod cases;
#[path = "faulty/checks.rs"]
mod checks;
mod common;
#[path = "faulty/scene.rs"]
mod scene;
#[path = "faulty/scenes.rs"]
mod scenes;

use scene::{Case, Lie};
use scenes::Scenes;
use std::path::Path;

fn assert_caught(cases: &[Case]) {
    let scenes = &Scenes::new();
    let lab = &scenes.lab;
    let fine = scenes.fine();
    assert!(
        Lie::of(lab, fine).told(fine) == Ok((fine.trace.clone(), fine.public.clone())),
        "without a bug"
    );
    let missed = cases.iter().filter_map(|(name, scene, lie, caught)| {
        println!("{name}");
        let scene = scene(scenes);
        let mut told = Lie::of(lab, scene);
        lie(scenes, scene, &mut told);
        lab.missed(scene, name, &told, caught)
    });
    let missed: Vec<String> = missed.collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn kernels_that_reckon_otherwise_are_caught() {
    assert_caught(cases::CASES);
}

#[test]
fn kernels_that_pass_over_a_check_are_caught() {
    assert_caught(checks::CASES);
}

/// The campaign's list has exactly these entries of kernels; the constraints' own tests count it.
#[test]
fn the_campaign_names_them() {
    let cases =
        |cases: &[Case]| -> Vec<_> { cases.iter().map(|(name, .., caught)| (*name, *caught)).collect() };
    let sections = [
        ("Kernels", cases(cases::CASES)),
        ("Checks that are passed over", cases(checks::CASES)),
    ];
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proofs/circuit/tests/faulty/CAMPAIGN.md");
    let list = campaign::compared(&file, &sections);
    assert!(campaign::entries(&list).len() > cases::CASES.len());
}
