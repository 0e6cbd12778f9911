//! Command lines: flags, options with a value, and positional words, in any order.

use crate::failure::{Result, failure};

/// The words after the command's name, taken out one kind at a time; [`Args::finish`] rejects the rest.
pub(crate) struct Args {
    words: Vec<String>,
    usage: String,
}

impl Args {
    pub(crate) fn new(words: Vec<String>, usage: String) -> Self {
        Self { words, usage }
    }

    /// Takes `--name`; true when it was there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.words.len();
        self.words.retain(|word| word != name);
        self.words.len() != before
    }

    /// Takes `--name VALUE` or `--name=VALUE`.
    pub(crate) fn option(&mut self, name: &str) -> Result<Option<String>> {
        let prefix = format!("{name}=");
        if let Some(at) = self.words.iter().position(|word| word.starts_with(&prefix)) {
            return Ok(Some(self.words.remove(at)[prefix.len()..].to_owned()));
        }
        let Some(at) = self.words.iter().position(|word| word == name) else {
            return Ok(None);
        };
        self.words.remove(at);
        if at >= self.words.len() || self.words[at].starts_with("--") {
            return Err(failure!("{name} needs a value\n{}", self.usage));
        }
        Ok(Some(self.words.remove(at)))
    }

    /// Takes `--name N`, a whole number.
    pub(crate) fn number(&mut self, name: &str) -> Result<Option<u64>> {
        let Some(value) = self.option(name)? else {
            return Ok(None);
        };
        match value.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(failure!(
                "{name} takes a whole number, not `{value}`\n{}",
                self.usage
            )),
        }
    }

    /// Takes the next word that is not an option. Options are to be taken first.
    pub(crate) fn positional(&mut self) -> Option<String> {
        let at = self.words.iter().position(|word| !word.starts_with("--"))?;
        Some(self.words.remove(at))
    }

    /// Refuses whatever nobody took.
    pub(crate) fn finish(self) -> Result<()> {
        match self.words.first() {
            None => Ok(()),
            Some(word) => Err(failure!("unexpected argument `{word}`\n{}", self.usage)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Args {
        Args::new(
            line.split_whitespace().map(str::to_owned).collect(),
            "usage: here".into(),
        )
    }

    #[test]
    fn flags_options_and_words_come_in_any_order() {
        let mut args = args("--seed 7 decode --soak --json=out.json");
        assert!(args.flag("--soak"));
        assert!(!args.flag("--soak"));
        assert_eq!(args.number("--seed").unwrap(), Some(7));
        assert_eq!(args.option("--json").unwrap().as_deref(), Some("out.json"));
        assert_eq!(args.positional().as_deref(), Some("decode"));
        args.finish().unwrap();
    }

    #[test]
    fn a_missing_value_a_bad_number_and_a_stray_word_are_refused_with_the_usage() {
        let missing = args("--only --soak").option("--only").unwrap_err().to_string();
        assert_eq!(missing, "--only needs a value\nusage: here");
        let bad = args("--seed x").number("--seed").unwrap_err().to_string();
        assert_eq!(bad, "--seed takes a whole number, not `x`\nusage: here");
        let stray = args("--fast").finish().unwrap_err().to_string();
        assert_eq!(stray, "unexpected argument `--fast`\nusage: here");
    }
}
