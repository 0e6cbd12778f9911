//! Folders that are no page, and what is said of each.

mod support;

use playfair_page::{FILES_MAX, Page};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use support::{folder, load};

/// What is said of a folder after something was done to it.
fn refused(change: impl FnOnce(&Path)) -> String {
    let folder = folder(&[("index.html", "x"), ("assets-0/a.js", "y")]);
    let page = folder.path().join("page");
    assert_eq!(load(folder.path()).files(), 2);
    change(&page);
    Page::load(&page).unwrap_err().to_string()
}

fn says(told: &str, words: &[&str]) {
    for word in words {
        assert!(told.contains(word), "no `{word}` in `{told}`");
    }
}

#[test]
fn a_folder_without_an_index_is_no_page() {
    let told = refused(|page| fs::remove_file(page.join("index.html")).unwrap());
    says(&told, &["page has no index.html", "cargo xtask web"]);
    let told = refused(|page| fs::remove_dir_all(page).unwrap());
    says(&told, &["page cannot be read"]);
    let told = refused(|page| {
        fs::remove_dir_all(page).unwrap();
        fs::write(page, "a file").unwrap();
    });
    says(&told, &["page cannot be read"]);
}

#[test]
fn links_are_not_followed() {
    let told = refused(|page| symlink(page.join("../secret"), page.join("assets-0/b.js")).unwrap());
    says(
        &told,
        &[
            "assets-0/b.js is neither a file nor a folder",
            "links are not followed",
        ],
    );
    let told = refused(|page| symlink("/", page.join("all")).unwrap());
    says(&told, &["page/all is neither"]);
    let told = refused(|page| drop(std::os::unix::net::UnixListener::bind(page.join("socket")).unwrap()));
    says(&told, &["page/socket is neither"]);
}

#[test]
fn names_are_plain() {
    for name in ["a b.js", ".htaccess", "ä.js", "a%2e.js", "{a}", "x\ny"] {
        let told = refused(|page| fs::write(page.join("assets-0").join(name), "").unwrap());
        says(&told, &["a page's file has a name of letters", "rename it"]);
    }
    let bytes = std::ffi::OsStr::from_bytes(b"\xff.js");
    let told = refused(|page| fs::write(page.join(bytes), "").unwrap());
    says(&told, &["a page's file has a name of letters"]);
    // The node's own paths.
    for name in ["v1", "admin", "metrics"] {
        says(
            &refused(|page| fs::create_dir(page.join(name)).unwrap()),
            &[&format!("a page can have no /{name}")],
        );
    }
}

#[test]
fn a_page_is_bounded() {
    let told = refused(|page| {
        for number in 0..FILES_MAX {
            fs::write(page.join(format!("{number}.txt")), "").unwrap();
        }
    });
    says(&told, &["more than 256 files and folders"]);
    let told = refused(|page| {
        for number in 0..FILES_MAX {
            fs::create_dir(page.join(format!("{number}"))).unwrap();
        }
    });
    says(&told, &["more than 256 files and folders"]);
    // A file of holes: it takes no room, and would take memory.
    let sized = |page: &Path, bytes: u64| {
        let file = fs::File::create(page.join("large.bin")).unwrap();
        file.set_len(bytes).unwrap();
    };
    let told = refused(|page| sized(page, 1 << 40));
    says(&told, &["more than 32 MiB"]);
    let all = folder(&[("index.html", "x")]);
    sized(&all.path().join("page"), (32 << 20) - 1);
    assert_eq!(load(all.path()).files(), 2);
    sized(&all.path().join("page"), 32 << 20);
    says(
        &Page::load(&all.path().join("page")).unwrap_err().to_string(),
        &["more than 32 MiB"],
    );
    let told = refused(|page| fs::create_dir_all(page.join("d/".repeat(20))).unwrap());
    says(&told, &["lies too deep"]);
}

#[test]
fn an_encoding_wants_its_file() {
    for end in ["br", "gz"] {
        let told = refused(|page| fs::write(page.join(format!("assets-0/b.js.{end}")), "").unwrap());
        says(
            &told,
            &["assets-0/b.js.", "is an encoding of a file that is not beside it"],
        );
    }
    // Encodings of encodings are none.
    let told = refused(|page| {
        fs::write(page.join("assets-0/a.js.br"), "").unwrap();
        fs::write(page.join("assets-0/a.js.br.gz"), "").unwrap();
    });
    says(&told, &["assets-0/a.js.br.gz is an encoding"]);
}

#[test]
fn a_page_that_is_not_what_its_bundle_says_is_damaged() {
    let told = refused(|page| fs::write(page.join("bundle.json"), r#"{"digest":"","files":[]}"#).unwrap());
    says(
        &told,
        &[
            "not what its bundle.json says",
            "is not listed",
            "copy the page's folder again",
        ],
    );
}
