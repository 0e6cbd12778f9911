//! docs/GUIDE-STUDIO.md, followed literally: every line of its `sh` blocks, in order, in an empty folder.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Lines that other tests stand for: installing is what built the command that is used here, the demo is a stage of
/// `cargo xtask test`, and CI has the target.
const ELSEWHERE: [&str; 3] = ["rustup target add", "cargo install", "cargo xtask demo"];

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    here.canonicalize().expect("the repository")
}

/// A folder for one run, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("playfair-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn lines() -> Vec<String> {
    let guide = std::fs::read_to_string(root().join("docs/GUIDE-STUDIO.md")).expect("the guide");
    let mut inside = false;
    let mut lines = Vec::new();
    for line in guide.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            _ if inside => lines.push(line.to_owned()),
            _ => {}
        }
    }
    lines
}

#[test]
fn every_command_of_the_guide_works() {
    let lines = lines();
    assert!(lines.len() >= 10, "the guide lost its commands");
    let folder = Folder::new("guide");
    std::os::unix::fs::symlink(root(), folder.0.join("playfair")).expect("the checkout");
    let command = Path::new(env!("CARGO_BIN_EXE_playfair"));
    let path = format!(
        "{}:{}",
        command.parent().expect("a folder").display(),
        std::env::var("PATH").expect("PATH")
    );
    // What the project compiles stays for the next run of this test.
    let kept = command.parent().expect("a folder").join("guide-target");
    std::fs::create_dir_all(&kept).expect("a folder");

    let mut place = folder.0.clone();
    let mut ran = 0;
    for line in lines {
        if ELSEWHERE.iter().any(|start| line.starts_with(start)) {
            continue;
        }
        if let Some(to) = line.strip_prefix("cd ") {
            place = place
                .join(to)
                .canonicalize()
                .unwrap_or_else(|error| panic!("{line}: {error}"));
            continue;
        }
        println!("{} $ {line}", place.display());
        let output = Command::new("sh")
            .args(["-c", &line])
            .current_dir(&place)
            .env("PATH", &path)
            .env_remove("CARGO_TARGET_DIR")
            .output()
            .expect("a shell");
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{line}` failed:\n{text}\n{errors}");
        ran += 1;
        if line.starts_with("playfair new") {
            std::os::unix::fs::symlink(&kept, place.join("tally/target")).expect("a link");
        }
        if line.starts_with("playfair verify") {
            assert!(text.contains("valid: 2 proof(s)"), "{text}");
        }
        if line.starts_with("playfair run scholars-mate.json") {
            assert!(text.contains("WhiteWon") && text.contains("Checkmate"), "{text}");
        }
    }
    assert!(ran >= 7, "only {ran} commands ran");
}
