//! Faulty executors of whole segments: kernel and module run with a bug, under the statement that follows from it. Each is caught, by a
//! constraint or term that its entry names.
//!
//! An executor with a bug is an honest one of another program (rows of the kernel are read as others), asked about a tape or a state which it
//! takes for good. Its public inputs are those that its kernel computes, so that nothing but the misread row is wrong. Rows are found by what
//! they do in the honest run: by operation, by operands, by what they give.

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

fn assert_caught(cases: &[Case]) {
    let scenes = &Scenes::new();
    let lab = &scenes.lab;
    let missed = cases.iter().filter_map(|(name, scene, lie, caught)| {
        let scene = scene(scenes);
        let start = std::time::Instant::now();
        let r = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut told = Lie::of(lab, scene);
            lie(scenes, scene, &mut told);
            lab.missed(scene, name, &told, caught)
        }))
        .unwrap_or(Some(format!("{name} PANIC")));
        eprintln!("{name} {:?}", start.elapsed());
        r
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
