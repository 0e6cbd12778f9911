//! Printing a configuration: the commented default file, and what holds with where it came from.

use super::settings::{SECTIONS, settings};
use super::{Config, Loaded, Origin};
use crate::table;

/// The default file: every setting with what it means. It says what holds anyway.
#[must_use]
pub fn default_file() -> String {
    let mut config = Config::default();
    let settings = settings(&mut config);
    let mut text = String::from(
        "# Settings of a Playfair node, with their defaults. A line that is left out keeps its default.\n\
         # Each can be set by a variable of the environment (PLAYFAIR_SERVER__CONNECTIONS_MAX=100) and by a flag\n\
         # (--set server.connections_max=100) too; flags win over variables, variables over this file.\n",
    );
    for (section, about) in SECTIONS {
        text.push_str(&format!("\n# {about}\n[{section}]\n"));
        let begins = format!("{section}.");
        for setting in &settings {
            let Some(name) = setting.key.strip_prefix(&begins) else {
                continue;
            };
            let line = match setting.value.write() {
                Some(value) => format!("{name} = {value}"),
                None => format!("# {name} = \"\""),
            };
            text.push_str(&format!("# {}\n{line}\n", setting.about));
        }
    }
    text
}

/// Every setting that holds, with where it came from.
#[must_use]
pub fn effective(loaded: &Loaded) -> String {
    let mut config = loaded.config.clone();
    let rows: Vec<Vec<String>> = settings(&mut config)
        .iter()
        .map(|setting| {
            let origin = loaded.origins.get(setting.key).unwrap_or(&Origin::Default);
            let value = setting.value.write().unwrap_or_else(|| "-".to_owned());
            vec![setting.key.to_owned(), value, origin.to_string()]
        })
        .collect();
    table::left(&["setting", "value", "from"], &rows)
}
