//! `bundle.json`: what a page's files are, and the digest that names all of them.
//!
//! The digest is that of the page as it was before its files had their last names: SHA-256 over its files in the order of their
//! paths, of each its path, its length in decimal digits (a line feed after either) and its bytes. In it the folder of assets is called `%ASSETS%`, in the
//! paths and in index.html, since its own name, `assets-` and the digest's first 16 digits, follows from it. Encodings are not part of it:
//! they depend on who compresses. `cargo xtask web` writes it.

use crate::error::PageError;
use crate::folder::{Files, encoded};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const NAME: &str = "bundle.json";
const INDEX: &str = "index.html";
/// What the folder of assets is called before it has a name.
const ASSETS: &str = "%ASSETS%";
/// Digits of the digest in its name.
const DIGITS: usize = 16;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bundle {
    digest: String,
    files: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    path: String,
    sha256: String,
    bytes: u64,
}

/// Holds files against their bundle.json, if there is one: each is listed once, as it is, and all together have the digest, which comes back.
pub(crate) fn check(files: &Files) -> Result<Option<String>, PageError> {
    let Some(text) = files.get(NAME) else {
        return Ok(None);
    };
    let no = |what: String| Err(PageError::Bundle(what));
    let bundle: Bundle = match serde_json::from_slice(text) {
        Ok(bundle) => bundle,
        Err(error) => return no(format!("it cannot be read: {error}")),
    };
    let mut listed: BTreeMap<&str, &Listed> = BTreeMap::new();
    for file in &bundle.files {
        if listed.insert(&file.path, file).is_some() {
            return no(format!("{} is listed twice", file.path));
        }
    }
    for (path, bytes) in pages(files) {
        match listed.remove(path) {
            None => return no(format!("{path} is not listed")),
            Some(said) if said.bytes == bytes.len() as u64 && said.sha256 == hex(&Sha256::digest(bytes)) => {}
            Some(_) => return no(format!("{path} is another file")),
        }
    }
    if let Some(path) = listed.into_keys().next() {
        return no(format!("{path} is missing"));
    }
    match digest(files, &bundle.digest) {
        digest if digest == bundle.digest => Ok(Some(digest)),
        digest => no(format!("all together are {digest}")),
    }
}

/// What the page is made of.
fn pages(files: &Files) -> impl Iterator<Item = (&str, &[u8])> {
    let files = files
        .iter()
        .map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    files.filter(|(path, _)| *path != NAME && encoded(path).is_none())
}

/// The digest of files that are said to have this one, which is in the name of a folder.
fn digest(files: &Files, said: &str) -> String {
    let folder = format!("assets-{}", said.get(..DIGITS).unwrap_or(said));
    let before = pages(files).map(|(path, bytes)| match path.strip_prefix(&format!("{folder}/")) {
        Some(rest) => (format!("{ASSETS}/{rest}"), bytes.to_vec()),
        None if path == INDEX => (path.to_owned(), replaced(bytes, &folder)),
        None => (path.to_owned(), bytes.to_vec()),
    });
    let mut hash = Sha256::new();
    for (path, bytes) in before.collect::<BTreeMap<_, _>>() {
        hash.update(format!("{path}\n{}\n", bytes.len()));
        hash.update(bytes);
    }
    hex(&hash.finalize())
}

/// index.html as it was before the folder had its name.
fn replaced(bytes: &[u8], folder: &str) -> Vec<u8> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.replace(folder, ASSETS).into_bytes(),
        Err(_) => bytes.to_vec(),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `printf` and `sha256sum`, from the words of the module's documentation.
    const DIGEST: &str = "686c8300d9a484a40891884ef4c30f0be45ffdb0a033863e11e8fbffa7f48f25";

    fn files(index: &str, said: &str) -> Files {
        let script = "let it = 1\n";
        let folder = format!("assets-{}", &DIGEST[..DIGITS]);
        let index = index.replace(ASSETS, &folder);
        let of = |path: &str, text: &str| {
            let hash = hex(&Sha256::digest(text));
            format!(r#"{{"path":"{path}","sha256":"{hash}","bytes":{}}}"#, text.len())
        };
        let at = format!("{folder}/main.mjs");
        let listed = [of(&at, script), of(INDEX, &index)].join(",");
        let bundle = format!(r#"{{"digest":"{said}","files":[{listed}]}}"#);
        [
            (NAME, bundle),
            (INDEX, index),
            (&at, script.to_owned()),
            ("index.html.br", "?".to_owned()),
        ]
        .map(|(path, text)| (path.to_owned(), text.into_bytes()))
        .into()
    }

    const HTML: &str = "<script type=module src=%ASSETS%/main.mjs></script>\n";

    fn wrong(files: &Files) -> String {
        check(files).unwrap_err().to_string()
    }

    #[test]
    fn a_page_is_what_its_bundle_says() {
        assert_eq!(check(&files(HTML, DIGEST)).unwrap().as_deref(), Some(DIGEST));
        assert_eq!(check(&Files::from([(INDEX.to_owned(), vec![])])).unwrap(), None);
    }

    #[test]
    fn whatever_differs_is_named() {
        let honest = files(HTML, DIGEST);
        let script = honest
            .keys()
            .find(|path| path.ends_with("main.mjs"))
            .unwrap()
            .clone();
        let change = |change: &dyn Fn(&mut Files)| {
            let mut files = honest.clone();
            change(&mut files);
            wrong(&files)
        };
        let told = change(&|files| files.get_mut(&script).unwrap()[0] ^= 1);
        assert!(told.contains("main.mjs is another file"), "{told}");
        let told = change(&|files| files.get_mut(&script).unwrap().push(b' '));
        assert!(told.contains("main.mjs is another file"), "{told}");
        let told = change(&|files| drop(files.remove(&script)));
        assert!(told.contains("main.mjs is missing"), "{told}");
        let told = change(&|files| drop(files.insert("more.css".into(), vec![])));
        assert!(told.contains("more.css is not listed"), "{told}");
        for text in ["", "{}", "[]", r#"{"digest":"","files":[],"more":1}"#, "\u{0}"] {
            let told = change(&|files| drop(files.insert(NAME.into(), text.into())));
            assert!(told.contains("cannot be read"), "{told}");
        }
        let twice = String::from_utf8(honest[NAME].clone())
            .unwrap()
            .replace("main.mjs", "../index.html");
        let twice = twice.replace(&format!("assets-{}/../", &DIGEST[..DIGITS]), "");
        let told = change(&|files| drop(files.insert(NAME.into(), twice.clone().into())));
        assert!(told.contains("index.html is listed twice"), "{told}");
        // A list that fits, and a digest that does not.
        let told = wrong(&files(HTML, &DIGEST.replace(&DIGEST[60..], "0000")));
        assert!(told.contains(&format!("all together are {DIGEST}")), "{told}");
        for said in ["", "é", "ééééééééééééééé"] {
            assert!(wrong(&files(HTML, said)).contains("all together are"), "{said}");
        }
    }
}
