//! The command with wrong input: a message that says what to do, and a failure.

use playfair_types::crypto::field::Fr;
use playfair_types::envelope::ProofEnvelope;
use playfair_types::{Decode, Encode};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

fn playfair(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_playfair"))
        .args(args)
        .current_dir(std::env::temp_dir())
        .output()
        .expect("the command")
}

/// Fails with all these words in its message, and without a panic.
fn refuses(args: &[&str], words: &[&str]) {
    let output = playfair(args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{args:?} succeeded");
    assert!(!errors.contains("panicked"), "{errors}");
    for word in words {
        assert!(errors.contains(word), "{args:?}: no `{word}` in: {errors}");
    }
}

struct File(PathBuf);

impl File {
    fn new(name: &str, bytes: &[u8]) -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("playfair-cli-{}-{number}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).expect("a file");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a path of text")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A module whose call returns at once, without an ABI.
fn nothing() -> File {
    let module = b"\0asm\x01\0\0\0\x01\x06\x01\x60\x02\x7f\x7f\0\x03\x02\x01\0\x07\x08\x01\x04call\0\0\x0a\x04\x01\x02\0\x0b";
    File::new("nothing.wasm", module)
}

#[test]
fn without_arguments_it_helps() {
    let output = playfair(&[]);
    let text = String::from_utf8_lossy(&output.stderr);
    for command in ["new", "build", "module", "run"] {
        assert!(text.contains(command), "{text}");
    }
}

#[test]
fn wrong_input_is_explained() {
    refuses(
        &["module", "inspect", "no-such-file.wasm"],
        &["cannot read no-such-file.wasm"],
    );
    let text = File::new("text.wasm", b"hello");
    refuses(&["module", "inspect", text.path()], &["would not admit"]);
    let module = nothing();
    refuses(
        &["module", "inspect", module.path(), "--abi"],
        &["no ABI section"],
    );
    refuses(&["new", "Bad Name"], &["is no name for a project"]);
    refuses(&["new", "game", "--sdk", "nowhere"], &["--sdk"]);
    refuses(&["build", "."], &["no Cargo.toml", "playfair new"]);
    refuses(&["fly"], &["fly"]);
}

/// A number as WebAssembly writes sizes.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A module that admission takes, of more rows than any circuit: each of its bytes takes several.
fn too_large() -> File {
    let mut body = vec![0, 0x20, 0];
    body.extend(std::iter::repeat_n(0x67, 100_000));
    body.extend([0x1a, 0x0b]);
    let one = [leb(body.len()), body].concat();
    let code = [vec![2], one.clone(), one].concat();
    let head =
        b"\0asm\x01\0\0\0\x01\x06\x01\x60\x02\x7f\x7f\0\x03\x03\x02\0\0\x07\x08\x01\x04call\0\0\x0a".to_vec();
    File::new("large.wasm", &[head, leb(code.len()), code].concat())
}

#[test]
fn a_module_that_no_proof_could_hold_is_refused() {
    let (module, script) = (too_large(), File::new("script.json", br#"{"steps": []}"#));
    let words = ["no proof could hold this module", "module lower", "rows"];
    refuses(&["run", "--module", module.path(), script.path()], &words);
    let output = playfair(&["module", "inspect", module.path()]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("proof         none"),
        "{text}"
    );
    let output = playfair(&["module", "inspect", nothing().path()]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("k = 14 or larger"), "{text}");
}

#[test]
fn a_script_with_a_mistake_is_explained() {
    let module = nothing();
    for (script, words) in [
        ("{", &["the script is not readable"][..]),
        (
            r#"{"steps": [{"wait_ms": 1}, {"by": "a"}]}"#,
            &["step 2", "either `call`"],
        ),
        (r#"{"steps": [{"jump": 1}]}"#, &["step 1 is none of"]),
        (
            r#"{"steps": [{"by": "a", "call": "play"}]}"#,
            &["step 1", "has no ABI"],
        ),
        (
            r#"{"steps": [{"by": "a", "entry": 0, "payload": "0x1"}]}"#,
            &["not hexadecimal"],
        ),
        (r#"{"steps": [], "init": {"a": 1}}"#, &["has no init"]),
    ] {
        let script = File::new("script.json", script.as_bytes());
        refuses(&["run", script.path(), "--module", module.path()], words);
    }
}

#[test]
fn a_run_says_what_happened_and_fails_when_it_is_not_as_expected() {
    let module = nothing();
    let good = File::new(
        "good.json",
        br#"{"steps": [{"by": "a", "entry": 0, "expect": "ok"}]}"#,
    );
    let output = playfair(&["run", good.path(), "--module", module.path(), "--json"]);
    assert!(output.status.success());
    let lines: Vec<serde_json::Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1]["outcome"], "ok");
    assert_eq!(lines[1]["root"], lines[2]["state_root"]);

    let bad = File::new(
        "bad.json",
        br#"{"steps": [{"by": "a", "entry": 0, "expect": "reverted"}]}"#,
    );
    let output = playfair(&["run", bad.path(), "--module", module.path()]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("UNEXPECTED: expected reverted"));
}

#[test]
fn a_script_is_proven_and_its_proofs_are_checked() {
    let module = nothing();
    let script = File::new(
        "script.json",
        br#"{"steps": [{"by": "ada", "entry": 1, "payload": ""}, {"by": "ada", "entry": 2, "payload": "00"}]}"#,
    );
    let folder = std::env::temp_dir().join(format!("playfair-cli-{}-proofs", std::process::id()));
    let out = folder.to_str().expect("a path of text");
    // An earlier run had more proofs.
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("0007.proof"), b"old").expect("written");
    let output = playfair(&[
        "prove",
        script.path(),
        "--module",
        module.path(),
        "--out",
        out,
        "--insecure",
    ]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let output = playfair(&["verify", out, "--insecure"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("valid: 1 proof(s)"),
        "{text}"
    );
    assert!(
        text.contains("height       0 to 2")
            && text.contains("at the chain's genesis")
            && text.contains("insecure"),
        "{text}"
    );

    // Who asks for a ceremony does not get the insecure setup, and nobody gets it unasked.
    refuses(&["verify", out], &["which setup?"]);
    let setup = folder.join("setup");
    let setup = setup.to_str().expect("a path of text");
    let file = ceremony();
    let imported = playfair(&[
        "setup",
        "import",
        file.to_str().expect("text"),
        "--k",
        "3",
        "--out",
        setup,
    ]);
    let imported = String::from_utf8_lossy(&imported.stdout).into_owned();
    let digest = imported.lines().find_map(|line| line.strip_prefix("digest    "));
    let ceremony = [
        "verify",
        out,
        "--setup",
        setup,
        "--setup-digest",
        digest.expect("a digest"),
    ];
    refuses(&ceremony, &["insecure development setup", "not for real chains"]);

    let key = playfair(&["module", "vk", module.path(), "--insecure"]);
    let digest = String::from_utf8_lossy(&key.stdout);
    let digest = digest
        .lines()
        .find(|line| line.starts_with("vk digest"))
        .expect("a digest");
    let digest = digest.split_whitespace().last().expect("hexadecimal");
    assert!(
        text.contains(digest),
        "the key of the module's bytes is that of its proofs"
    );

    let proof = folder.join("0000.proof");
    let honest = std::fs::read(&proof).expect("a proof");
    // The payout key, a state root's last byte, and the proof itself.
    for (at, words) in [
        (80, "not valid"),
        (200, "not valid"),
        (honest.len() - 40, "not valid"),
        (3, "0000.proof"),
    ] {
        let mut bytes = honest.clone();
        bytes[at] ^= 1;
        std::fs::write(&proof, &bytes).expect("written");
        refuses(&["verify", out, "--insecure"], &[words]);
    }
    std::fs::write(&proof, &honest[..honest.len() - 1]).expect("written");
    refuses(&["verify", out, "--insecure"], &["0000.proof"]);
    std::fs::write(&proof, &honest).expect("written");
    // The proof after number 9999 comes after it.
    for (once, twice) in [("0000.proof", "0001.proof"), ("9999.proof", "10000.proof")] {
        std::fs::rename(&proof, folder.join(once)).expect("renamed");
        std::fs::write(folder.join(twice), &honest).expect("written");
        refuses(
            &["verify", out, "--insecure"],
            &[twice, "does not start where the proof before it ends"],
        );
        std::fs::remove_file(folder.join(twice)).expect("removed");
        std::fs::rename(folder.join(once), &proof).expect("renamed");
    }
    // An upgrade of the keys between two proofs, which is not looked at any further.
    let mut before = ProofEnvelope::decode(&honest).expect("an envelope");
    before.inputs.after.vk_set_root = Fr::from(7u64);
    let mut after = before.clone();
    after.inputs.before = before.inputs.after;
    std::fs::write(&proof, before.encode()).expect("written");
    std::fs::write(folder.join("0001.proof"), after.encode()).expect("written");
    refuses(
        &["verify", out, "--insecure"],
        &["0001.proof", "upgrade of the chain's keys"],
    );
    std::fs::remove_file(folder.join("0001.proof")).expect("removed");
    std::fs::write(&proof, &honest).expect("written");
    let key = std::fs::read(folder.join("verifying.key")).expect("a key");
    // The module's name, the shape, a commitment, the transcript's state.
    for at in [10, 36, 100, key.len() - 1] {
        let mut bytes = key.clone();
        bytes[at] ^= 1;
        std::fs::write(folder.join("verifying.key"), &bytes).expect("written");
        refuses(&["verify", out, "--insecure"], &["key"]);
    }
    let _ = std::fs::remove_dir_all(folder);
}

/// A ceremony of one public beacon, made by snarkjs: too small for any module, and all that the command need know.
fn ceremony() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/beacon-5.ptau")
}

#[test]
fn a_setup_is_imported_and_taken_only_with_its_digest() {
    let folder = std::env::temp_dir().join(format!("playfair-cli-{}-setup", std::process::id()));
    let out = folder.to_str().expect("a path of text");
    let file = ceremony();
    let file = file.to_str().expect("a path of text");
    let output = playfair(&["setup", "import", file, "--k", "5,3", "--out", out]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for words in [
        "2^5",
        "powers of one secret",
        "prepared  k = 5",
        "prepared  k = 3",
    ] {
        assert!(text.contains(words), "no `{words}` in: {text}");
    }
    let digest = text.lines().find_map(|line| line.strip_prefix("digest    "));
    let digest = digest.expect("a digest");

    let module = nothing();
    let vk = ["module", "vk", module.path()];
    let with = |options: &[&'static str], digest: &str| -> Vec<String> {
        let words = vk.iter().chain(options).map(|word| (*word).to_owned());
        words
            .chain(["--setup", out, "--setup-digest", digest].map(str::to_owned))
            .collect()
    };
    let refuses_with = |options: &[&'static str], digest: &str, words: &[&str]| {
        let args = with(options, digest);
        refuses(&args.iter().map(String::as_str).collect::<Vec<_>>(), words);
    };
    // The setup is right, and too small for any circuit of a module.
    refuses_with(&[], digest, &["not prepared for k = 14", "import"]);
    let other = digest.chars().rev().collect::<String>();
    refuses_with(&[], &other, &["another ceremony than the pinned one"]);
    refuses_with(&[], "12", &["64 hexadecimal digits"]);
    refuses_with(&["--insecure"], digest, &["--insecure"]);
    refuses_with(&["--cache", "x"], digest, &["--cache", "cannot be used with"]);
    refuses(&vk, &["which setup?", "--setup FOLDER", "--insecure"]);
    refuses(
        &["module", "vk", module.path(), "--setup", out],
        &["--setup-digest"],
    );
    refuses(&["verify", out], &["which setup?"]);
    refuses(&["prove", "no-such-script.json"], &["which setup?"]);
    let nowhere = [
        "module",
        "vk",
        module.path(),
        "--setup",
        "nowhere",
        "--setup-digest",
        digest,
    ];
    refuses(&nowhere, &["nowhere", "import a powers-of-tau file"]);

    refuses(
        &["setup", "import", file, "--k", "6", "--out", out],
        &["2^5", "2^6", "larger file"],
    );
    refuses(
        &["setup", "import", file, "--k", "25", "--out", out],
        &["k is 3 to 24"],
    );
    refuses(&["setup", "import", file, "--out", out], &["--k"]);
    refuses(
        &["setup", "import", module.path(), "--k", "3", "--out", out],
        &["is no .ptau file"],
    );
    let mut bytes = std::fs::read(file).expect("the file");
    let cut = File::new("cut.ptau", &bytes[..bytes.len() - 1]);
    refuses(
        &["setup", "import", cut.path(), "--k", "3", "--out", out],
        &["ends within"],
    );
    // The ninth power becomes the eighth: section 2 begins at byte 80.
    bytes.copy_within(80 + 7 * 64..80 + 8 * 64, 80 + 8 * 64);
    let altered = File::new("altered.ptau", &bytes);
    refuses(
        &["setup", "import", altered.path(), "--k", "5", "--out", out],
        &["not the powers of one secret"],
    );
    let _ = std::fs::remove_dir_all(folder);
}
