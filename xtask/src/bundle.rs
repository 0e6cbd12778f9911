//! The page as a bundle: what a node serves, each file named by what the whole is.
//!
//! `index.html` lies at the top and names the folder of everything else by `%ASSETS%`. That folder becomes `assets-` and the first 16 digits of the bundle's digest, so
//! that browsers may keep for ever what is in it. `bundle.json` has the digest, and each file's SHA-256 and length as it is served. `node/page/src/bundle.rs` says
//! what the digest is of, and holds a folder against it.
//!
//! Beside each file that can be compressed lie FILE.gz and FILE.br, where they are smaller. They are made by node's zlib: another version of it may make other bytes, so that
//! they are not part of the digest.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::failure::{Doing, Result, failure};
use crate::process::Process;

/// Stands for the folder of everything but index.html.
pub(crate) const ASSETS: &str = "%ASSETS%";
pub(crate) const INDEX: &str = "index.html";
const LIST: &str = "bundle.json";
/// Digits of the digest in the folder's name.
const DIGITS: usize = 16;
/// Ends of names of files that can be compressed.
const COMPRESSIBLE: &[&str] = &[
    "css",
    "html",
    "js",
    "json",
    "mjs",
    "svg",
    "txt",
    "wasm",
    "webmanifest",
];

/// Compresses files, and prints the lengths of each: as it is, gzipped, as brotli. A gzip header's tenth byte is the system that made it: here it is none.
const COMPRESS: &str = "const { readFileSync, writeFileSync } = require('node:fs');
const { gzipSync, brotliCompressSync, constants } = require('node:zlib');
for (const file of process.argv.slice(1)) {
    const bytes = readFileSync(file);
    const gzip = gzipSync(bytes, { level: 9 });
    gzip[9] = 255;
    const params = {
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_LGWIN]: 24,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    };
    const brotli = brotliCompressSync(bytes, { params });
    for (const [end, packed] of [['gz', gzip], ['br', brotli]])
        if (packed.length < bytes.length) writeFileSync(`${file}.${end}`, packed);
    console.log(bytes.length, Math.min(gzip.length, bytes.length), Math.min(brotli.length, bytes.length));
}";

/// Files by their paths in the bundle, `/` between the names.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A bundle that was written.
#[derive(Debug)]
pub(crate) struct Bundle {
    pub(crate) folder: PathBuf,
    pub(crate) digest: String,
    pub(crate) sizes: Vec<Size>,
}

/// What a file takes on its way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) path: String,
    pub(crate) bytes: u64,
    pub(crate) gzip: u64,
    pub(crate) brotli: u64,
}

/// Puts the files of a folder, and of those in it, under `prefix`; `wanted` is asked for each name.
pub(crate) fn gather(files: &mut Files, folder: &Path, prefix: &str, wanted: fn(&str) -> bool) -> Result<()> {
    for entry in fs::read_dir(folder).doing(format_args!("list {}", folder.display()))? {
        let path = entry.doing(format_args!("list {}", folder.display()))?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            gather(files, &path, &format!("{prefix}{name}/"), wanted)?;
        } else if wanted(&name) {
            let bytes = fs::read(&path).doing(format_args!("read {}", path.display()))?;
            let at = format!("{prefix}{name}");
            if files.insert(at.clone(), bytes).is_some() {
                return Err(failure!(
                    "two files of the page want to be {at}: {} is one",
                    path.display()
                ));
            }
        }
    }
    Ok(())
}

/// Writes the bundle of some files into a folder, from nothing.
pub(crate) fn write(root: &Path, files: &Files, folder: &Path) -> Result<Bundle> {
    let digest = digest(files);
    let files = named(
        files,
        &format!("assets-{}", digest.get(..DIGITS).unwrap_or(&digest)),
    )?;
    if folder.exists() {
        fs::remove_dir_all(folder).doing(format_args!("remove {}", folder.display()))?;
    }
    for (path, bytes) in &files {
        put(&folder.join(path), bytes)?;
    }
    put(&folder.join(LIST), list(&digest, &files).as_bytes())?;
    let sizes = compress(root, folder, &files)?;
    Ok(Bundle {
        folder: folder.to_owned(),
        digest,
        sizes,
    })
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).doing(format_args!("make {}", folder.display()))?;
    }
    fs::write(path, bytes).doing(format_args!("write {}", path.display()))
}

/// SHA-256 over the files in the order of their paths: of each its path, its length in decimal digits, each with a line feed, and its bytes.
fn digest(files: &Files) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        hash.update(format!("{path}\n{}\n", bytes.len()));
        hash.update(bytes);
    }
    hex(&hash.finalize())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The files under their last names.
fn named(files: &Files, assets: &str) -> Result<Files> {
    let Some(index) = files.get(INDEX) else {
        return Err(failure!("the page has no {INDEX}"));
    };
    let index = std::str::from_utf8(index).map_err(|error| failure!("{INDEX} is no text: {error}"))?;
    if !index.contains(ASSETS) {
        return Err(failure!(
            "{INDEX} names nothing in {ASSETS}, where the rest of the page lies"
        ));
    }
    let mut named = Files::from([(INDEX.to_owned(), index.replace(ASSETS, assets).into_bytes())]);
    for (path, bytes) in files.iter().filter(|(path, _)| *path != INDEX) {
        let Some(rest) = path.strip_prefix(ASSETS) else {
            return Err(failure!("{path} lies outside {ASSETS}: only {INDEX} may"));
        };
        named.insert(format!("{assets}{rest}"), bytes.clone());
    }
    Ok(named)
}

/// What bundle.json says. Paths are plain, so that nothing in it has to be escaped.
fn list(digest: &str, files: &Files) -> String {
    let lines = files.iter().map(|(path, bytes)| {
        let sha256 = hex(&Sha256::digest(bytes));
        format!(
            "    {{\"path\": \"{path}\", \"sha256\": \"{sha256}\", \"bytes\": {}}}",
            bytes.len()
        )
    });
    let lines = lines.collect::<Vec<_>>().join(",\n");
    format!("{{\n  \"digest\": \"{digest}\",\n  \"files\": [\n{lines}\n  ]\n}}\n")
}

/// Writes the encodings; what each file takes comes back.
fn compress(root: &Path, folder: &Path, files: &Files) -> Result<Vec<Size>> {
    let names = files.keys().map(String::as_str).chain([LIST]);
    let packed: Vec<&str> = names.filter(|path| is_compressible(path)).collect();
    let told = Process::new("node", root)
        .args(["-e", COMPRESS])
        .args(packed.iter().map(|path| folder.join(path)))
        .capture()?;
    let numbers = |line: &str| {
        let numbers: Vec<u64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
        <[u64; 3]>::try_from(numbers).ok()
    };
    let told: Vec<[u64; 3]> = told.lines().filter_map(numbers).collect();
    if told.len() != packed.len() {
        return Err(failure!("node did not say what became of all files of the page"));
    }
    let told: BTreeMap<&str, [u64; 3]> = packed.into_iter().zip(told).collect();
    let sizes = files.iter().map(|(path, bytes)| {
        let length = bytes.len() as u64;
        let [bytes, gzip, brotli] = told.get(path.as_str()).copied().unwrap_or([length; 3]);
        Size {
            path: path.clone(),
            bytes,
            gzip,
            brotli,
        }
    });
    Ok(sizes.collect())
}

fn is_compressible(path: &str) -> bool {
    let end = path.rsplit_once('.').map_or("", |(_, end)| end);
    COMPRESSIBLE.contains(&end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of one test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("playfair-xtask-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn page() -> Files {
        let long = "let one = 1\n".repeat(100);
        [
            (INDEX, "<script type=module src=%ASSETS%/main.mjs></script>\n"),
            ("%ASSETS%/main.mjs", "let it = 1\n"),
            ("%ASSETS%/light-client/worker.mjs", &long),
            ("%ASSETS%/icon.png", "no picture"),
        ]
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .into()
    }

    /// All that lies in a folder.
    fn written(folder: &Path) -> Files {
        let mut files = Files::new();
        gather(&mut files, folder, "", |_| true).unwrap();
        files
    }

    #[test]
    fn the_digest_is_the_one_that_nodes_know() {
        // The vector of node/page/src/bundle.rs.
        let mut files = page();
        files.retain(|path, _| [INDEX, "%ASSETS%/main.mjs"].contains(&path.as_str()));
        assert_eq!(
            digest(&files),
            "686c8300d9a484a40891884ef4c30f0be45ffdb0a033863e11e8fbffa7f48f25"
        );
    }

    #[test]
    fn the_same_files_make_the_same_bundle() {
        let (first, second) = (Folder::new("first"), Folder::new("second"));
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let bundle = write(root, &page(), &first.0.join("page")).unwrap();
        // What an earlier one left is gone.
        fs::create_dir_all(second.0.join("page/assets-0")).unwrap();
        let again = write(root, &page(), &second.0.join("page")).unwrap();
        assert_eq!(bundle.digest, again.digest);
        let files = written(&bundle.folder);
        assert_eq!(files, written(&again.folder));

        let assets = format!("assets-{}", &bundle.digest[..DIGITS]);
        let at = |rest: &str| format!("{assets}/{rest}");
        let worker = at("light-client/worker.mjs");
        for path in [
            &at("main.mjs"),
            &at("icon.png"),
            &worker,
            &format!("{worker}.gz"),
            &format!("{worker}.br"),
        ] {
            assert!(files.contains_key(path), "{path} in {:?}", files.keys());
        }
        // What does not become smaller, or is packed already, stays alone.
        assert!(!files.contains_key(&at("icon.png.gz")) && !files.contains_key(&at("main.mjs.gz")));
        let index = String::from_utf8(files[INDEX].clone()).unwrap();
        assert_eq!(
            index,
            format!("<script type=module src={assets}/main.mjs></script>\n")
        );
        let size = bundle.sizes.iter().find(|size| size.path == worker).unwrap();
        assert_eq!(
            (size.bytes, size.gzip),
            (1_200, files[&format!("{worker}.gz")].len() as u64)
        );
        // No time and no system in it.
        assert_eq!(files[&format!("{worker}.gz")][4..10], [0, 0, 0, 0, 2, 255]);
        let other = Files::from_iter(
            page()
                .into_iter()
                .map(|(path, bytes)| (path, [bytes, b" ".to_vec()].concat())),
        );
        assert_ne!(
            write(root, &other, &second.0.join("page")).unwrap().digest,
            bundle.digest
        );
    }

    #[test]
    fn what_is_packed_is_the_file() {
        let folder = Folder::new("packed");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let bundle = write(root, &page(), &folder.0).unwrap();
        let script = "const { readFileSync } = require('node:fs'); const zlib = require('node:zlib');
            const [file] = process.argv.slice(1); const plain = readFileSync(file);
            console.log(zlib.gunzipSync(readFileSync(`${file}.gz`)).equals(plain), zlib.brotliDecompressSync(readFileSync(`${file}.br`)).equals(plain))";
        let worker = bundle
            .sizes
            .iter()
            .find(|size| size.path.ends_with("worker.mjs"))
            .unwrap();
        let told = Process::new("node", root)
            .args(["-e", script])
            .args([folder.0.join(&worker.path)]);
        assert_eq!(told.capture().unwrap().trim(), "true true");
        let list: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.0.join(LIST)).unwrap()).unwrap();
        assert_eq!(list["digest"], bundle.digest);
        let files = list["files"].as_array().unwrap();
        assert_eq!(files.len(), page().len());
        for file in files {
            let bytes = fs::read(folder.0.join(file["path"].as_str().unwrap())).unwrap();
            assert_eq!(
                (&file["sha256"], &file["bytes"]),
                (&hex(&Sha256::digest(&bytes)).into(), &bytes.len().into())
            );
        }
    }

    #[test]
    fn pages_that_cannot_be_bundled_are_told_why() {
        let why = |change: &dyn Fn(&mut Files)| {
            let mut files = page();
            change(&mut files);
            named(&files, "assets-0").unwrap_err().to_string()
        };
        assert!(why(&|files| drop(files.remove(INDEX))).contains("has no index.html"));
        assert!(
            why(&|files| drop(files.insert(INDEX.into(), b"x".to_vec())))
                .contains("names nothing in %ASSETS%")
        );
        assert!(why(&|files| drop(files.insert("x.js".into(), vec![]))).contains("x.js lies outside"));
        let folder = Folder::new("twice");
        fs::write(folder.0.join("a"), "").unwrap();
        let mut files = written(&folder.0);
        let twice = gather(&mut files, &folder.0, "", |_| true)
            .unwrap_err()
            .to_string();
        assert!(twice.contains("two files of the page want to be a"), "{twice}");
    }
}
