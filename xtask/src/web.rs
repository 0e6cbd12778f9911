//! `cargo xtask web`: what browsers load, ready to be published or served.
//!
//! `target/web/light-client` is the npm package: light client, predictor and wallet as WebAssembly, the JavaScript that wasm-bindgen writes for it, and what is written
//! by hand in `light-client/wasm/npm`. `target/web/light-client-page` has the bodies of the tests that run in Chromium. `target/web/page` is the page as a node
//! serves it ([`crate::bundle`]): `web/static`, the crate in `web/`, and of the package what a page needs. No path of the machine gets into them: the same sources
//! make the same bytes everywhere.

use std::fs;
use std::path::{Path, PathBuf};

use crate::args::Args;
use crate::bundle::{self, ASSETS, Bundle, Files, INDEX};
use crate::failure::{Doing, Result, failure};
use crate::optimise::optimise;
use crate::process::Process;
use crate::repo::Repo;
use crate::stages::Context;
use crate::{report, setup};

const WASM32: &str = "wasm32-unknown-unknown";
/// The profile in Cargo.toml.
const PROFILE: &str = "wasm";

/// A module for browsers.
struct Module {
    krate: &'static str,
    /// The folder in `target/web`.
    folder: &'static str,
    /// What its files are called.
    name: &'static str,
    /// What lies beside it.
    written: Option<&'static str>,
}

const PACKAGE: Module = Module {
    krate: "playfair-light-client",
    folder: "light-client",
    name: "light_client",
    written: Some("light-client/wasm/npm"),
};
const PAGE: Module = Module {
    krate: "playfair-web",
    folder: "page-module",
    name: "page",
    written: None,
};
const MODULES: &[Module] = &[
    PACKAGE,
    // Beside it: what only some pages load.
    Module {
        krate: "playfair-predictor",
        folder: "light-client",
        name: "predictor",
        written: None,
    },
    Module {
        krate: "playfair-wallet",
        folder: "light-client",
        name: "wallet",
        written: None,
    },
    Module {
        krate: "playfair-light-client-page",
        folder: "light-client-page",
        name: "page",
        written: None,
    },
    PAGE,
];

/// What of the page is written by hand; index.html begins it.
const STATIC: &str = "web/static";
/// The page as a node serves it.
const BUNDLE: &str = "target/web/page";
/// What a first visit may load, gzipped.
const PAGE_GZ_BYTES_MAX: u64 = 1_200_000;

/// Prints the lengths of files, and of what gzip makes of them.
const MEASURE: &str =
    "const { readFileSync } = require('node:fs'); const { gzipSync } = require('node:zlib');
for (const file of process.argv.slice(1)) {
    const bytes = readFileSync(file);
    console.log(bytes.length, gzipSync(bytes, { level: 9 }).length);
}";

/// What was built.
pub(crate) struct Built {
    /// A row of sizes for each module.
    modules: Vec<Vec<String>>,
    /// The page.
    pub(crate) page: Bundle,
}

pub(crate) fn run(repo: &Repo, args: Args) -> Result<()> {
    args.finish()?;
    setup::toolchain(repo)?;
    let built = build(repo)?;
    say!(
        "\n{}\n\nthe package is in {}",
        report::table(&["module", "bytes", "gzipped"], built.modules),
        folder(repo, &PACKAGE).display()
    );
    show(&built.page)
}

/// The `web` stage.
pub(crate) fn stage(context: &Context) -> Result<Option<String>> {
    let built = build(context.repo)?;
    show(&built.page)?;
    let bytes = page_gz_bytes(&built.page);
    Ok(Some(format!("a visit loads {bytes} bytes gzipped")))
}

/// Builds everything.
pub(crate) fn build(repo: &Repo) -> Result<Built> {
    compile(repo)?;
    let mut rows = Vec::new();
    for module in MODULES {
        let _ = fs::remove_dir_all(folder(repo, module));
    }
    for module in MODULES {
        let folder = folder(repo, module);
        package(repo, module, &folder)?;
        rows.push(sizes(
            repo,
            module,
            &folder.join(format!("{}_bg.wasm", module.name)),
        )?);
    }
    Ok(Built {
        modules: rows,
        page: bundle(repo)?,
    })
}

/// The page from its parts.
fn bundle(repo: &Repo) -> Result<Bundle> {
    let files = parts(
        &repo.root.join(STATIC),
        &folder(repo, &PAGE),
        &folder(repo, &PACKAGE),
    )?;
    bundle::write(&repo.root, &files, &repo.root.join(BUNDLE))
}

/// What the page is made of: what is written by hand, its module, and of the light client's package what a page needs.
fn parts(written: &Path, module: &Path, package: &Path) -> Result<Files> {
    let mut files = Files::new();
    bundle::gather(&mut files, written, &format!("{ASSETS}/"), |_| true)?;
    if let Some(index) = files.remove(&format!("{ASSETS}/{INDEX}")) {
        files.insert(INDEX.to_owned(), index);
    }
    bundle::gather(&mut files, module, &format!("{ASSETS}/"), is_code)?;
    bundle::gather(&mut files, package, &format!("{ASSETS}/light-client/"), is_code)?;
    Ok(files)
}

/// What browsers run, and no example.
fn is_code(name: &str) -> bool {
    let is_run = [".mjs", ".js", ".wasm"].iter().any(|end| name.ends_with(end));
    is_run && name != "example.mjs"
}

/// What a first visit loads at most: everything but the list of files.
pub(crate) fn page_gz_bytes(page: &Bundle) -> u64 {
    page.sizes.iter().map(|size| size.gzip).sum()
}

/// Prints what the page takes; too much is a failure.
fn show(page: &Bundle) -> Result<()> {
    let rows = page.sizes.iter().map(|size| {
        let lengths = [size.bytes, size.gzip, size.brotli].map(|length| length.to_string());
        [vec![size.path.clone()], lengths.into()].concat()
    });
    let (gz, brotli) = (
        page_gz_bytes(page),
        page.sizes.iter().map(|size| size.brotli).sum::<u64>(),
    );
    say!(
        "\n{}\n\nthe page is in {}\ndigest {}\npage_gz_bytes {gz} (at most {PAGE_GZ_BYTES_MAX}), page_br_bytes {brotli}",
        report::table(&["file", "bytes", "gzipped", "brotli"], rows.collect()),
        page.folder.display(),
        page.digest
    );
    if gz > PAGE_GZ_BYTES_MAX {
        return Err(failure!(
            "a first visit loads {gz} bytes gzipped, and may load {PAGE_GZ_BYTES_MAX}: the table above says what they are"
        ));
    }
    Ok(())
}

/// Always in the checkout, where tests and servers find it.
fn folder(repo: &Repo, module: &Module) -> PathBuf {
    repo.root.join("target/web").join(module.folder)
}

fn compile(repo: &Repo) -> Result<()> {
    let crates = MODULES.iter().flat_map(|module| ["-p", module.krate]);
    repo.cargo()
        .args([
            "build",
            "--locked",
            "--profile",
            PROFILE,
            "--lib",
            "--target",
            WASM32,
        ])
        .args(crates)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", nameless(repo))
        .run()
}

/// Takes this machine's folders out of the messages of panics.
fn nameless(repo: &Repo) -> String {
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from).or(home);
    let mut flags = format!("--remap-path-prefix={}=playfair", repo.root.display());
    if let Some(cargo) = cargo {
        flags.push_str(&format!(" --remap-path-prefix={}=cargo", cargo.display()));
    }
    flags
}

/// Writes a module into its folder.
fn package(repo: &Repo, module: &Module, folder: &Path) -> Result<()> {
    let built = repo
        .target()
        .join(WASM32)
        .join(PROFILE)
        .join(format!("{}.wasm", module.krate.replace('-', "_")));
    fs::create_dir_all(folder).doing(format_args!("make {}", folder.display()))?;
    Process::new(setup::bindgen(repo)?, &repo.root)
        .args([built.as_path(), Path::new(module.name), folder])
        .run()?;
    let wasm = folder.join(format!("{}_bg.wasm", module.name));
    optimise(repo, &wasm)?;
    if let Some(written) = module.written {
        copy_all(&repo.root.join(written), folder)?;
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            copy(&repo.root.join(licence), &folder.join(licence))?;
        }
    }
    Ok(())
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).doing(format_args!("list {}", from.display()))? {
        let path = entry.doing(format_args!("list {}", from.display()))?.path();
        let name = path.file_name().unwrap_or_default();
        copy(&path, &to.join(name))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).doing(format_args!("copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

/// A module's row: its name, its bytes, its bytes after gzip.
fn sizes(repo: &Repo, module: &Module, wasm: &Path) -> Result<Vec<String>> {
    let text = Process::new("node", &repo.root)
        .args([Path::new("-e"), Path::new(MEASURE), wasm])
        .capture()?;
    match text.split_whitespace().collect::<Vec<_>>()[..] {
        [bytes, gzipped] => Ok(vec![module.name.to_owned(), bytes.to_owned(), gzipped.to_owned()]),
        _ => Err(failure!(
            "node did not tell the length of {}: `{}`",
            wasm.display(),
            text.trim()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_this_machine_are_renamed() {
        let repo = Repo {
            root: PathBuf::from("/where/it/is"),
            cache: PathBuf::from("."),
        };
        assert!(nameless(&repo).starts_with("--remap-path-prefix=/where/it/is=playfair"));
    }

    #[test]
    fn the_page_is_what_is_written_its_module_and_the_package_without_what_no_page_needs() {
        let all = std::env::temp_dir().join(format!("playfair-xtask-parts-{}", std::process::id()));
        let _ = fs::remove_dir_all(&all);
        for path in [
            "static/index.html",
            "static/main.mjs",
            "static/icons/icon.png",
            "module/page.js",
            "module/page.d.ts",
            "module/page_bg.wasm",
            "module/page_bg.wasm.d.ts",
            "module/snippets/web-1/inline0.js",
            "package/client.mjs",
            "package/client.d.ts",
            "package/example.html",
            "package/example.mjs",
            "package/README.md",
            "package/package.json",
            "package/LICENSE-MIT",
            "package/light_client_bg.wasm",
            "package/snippets/light-1/src/fetch.js",
        ] {
            fs::create_dir_all(all.join(path).parent().unwrap()).unwrap();
            fs::write(all.join(path), path).unwrap();
        }
        let files = parts(&all.join("static"), &all.join("module"), &all.join("package")).unwrap();
        fs::remove_dir_all(&all).unwrap();
        let paths: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(
            paths,
            [
                "%ASSETS%/icons/icon.png",
                "%ASSETS%/light-client/client.mjs",
                "%ASSETS%/light-client/light_client_bg.wasm",
                "%ASSETS%/light-client/snippets/light-1/src/fetch.js",
                "%ASSETS%/main.mjs",
                "%ASSETS%/page.js",
                "%ASSETS%/page_bg.wasm",
                "%ASSETS%/snippets/web-1/inline0.js",
                "index.html",
            ]
        );
    }

    #[test]
    fn a_page_that_is_too_large_is_a_failure() {
        let page = |gzip| Bundle {
            folder: PathBuf::new(),
            digest: String::new(),
            sizes: [1, gzip]
                .map(|gzip| bundle::Size {
                    path: String::new(),
                    bytes: 2 * gzip,
                    gzip,
                    brotli: gzip,
                })
                .into(),
        };
        show(&page(PAGE_GZ_BYTES_MAX - 1)).unwrap();
        let told = show(&page(PAGE_GZ_BYTES_MAX)).unwrap_err().to_string();
        assert!(
            told.contains("1200001 bytes gzipped, and may load 1200000"),
            "{told}"
        );
    }

    #[test]
    fn the_npm_package_has_the_version_of_the_workspace() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let text = fs::read_to_string(root.join("light-client/wasm/npm/package.json")).unwrap();
        let package: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(package["version"], env!("CARGO_PKG_VERSION"));
        for file in package["files"].as_array().unwrap() {
            let name = file.as_str().unwrap();
            let mut generated = MODULES.iter().flat_map(|module| {
                ["{}.js", "{}.d.ts", "{}_bg.wasm", "{}_bg.wasm.d.ts"]
                    .map(|form| form.replace("{}", module.name))
            });
            let is_generated = generated.any(|file| file == name) || name == "snippets";
            let is_there =
                root.join("light-client/wasm/npm").join(name).is_file() || root.join(name).is_file();
            assert!(is_generated || is_there, "{name}");
        }
        for entry in fs::read_dir(root.join("light-client/wasm/npm")).unwrap() {
            let name = entry.unwrap().file_name();
            let name = name.to_str().unwrap();
            let is_listed = package["files"]
                .as_array()
                .unwrap()
                .iter()
                .any(|file| file == name);
            assert!(is_listed || name == "package.json", "{name} is not published");
        }
    }
}
