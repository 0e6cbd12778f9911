//! Child processes: shown before they run, and every failure turned into a message that says what to do.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use crate::failure::{Doing, Failure, Result, failure};

/// What to install when a program is missing.
const HOW_TO_INSTALL: &[(&str, &str)] = &[
    (
        "cargo",
        "install Rust with rustup (https://rustup.rs) and open a new shell",
    ),
    (
        "rustup",
        "install Rust with rustup (https://rustup.rs) and open a new shell",
    ),
    (
        "rustc",
        "install Rust with rustup (https://rustup.rs) and open a new shell",
    ),
    ("node", "install Node.js 20+ (apt-get install nodejs npm)"),
    ("npm", "install Node.js 20+ (apt-get install nodejs npm)"),
    (
        "python3",
        "install Python 3.11 or newer with its venv module (apt-get install python3 python3-venv)",
    ),
    ("git", "install git (apt-get install git)"),
];

/// A command about to run.
pub(crate) struct Process {
    command: Command,
}

impl Process {
    pub(crate) fn new(program: impl AsRef<OsStr>, directory: &Path) -> Self {
        let mut command = Command::new(program);
        command.current_dir(directory);
        // `cargo run` describes the xtask package in the environment; children that build must not see it.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        Self { command }
    }

    pub(crate) fn cargo(directory: &Path) -> Self {
        Self::new("cargo", directory)
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Shows the command and runs it with our terminal.
    pub(crate) fn run(mut self) -> Result<()> {
        self.show();
        let status = self.command.status().map_err(|error| self.cannot_start(&error))?;
        self.judge(status)
    }

    /// Shows the command and runs it, handing each line of its standard error to `on_line`; the status is
    /// the caller's to judge.
    pub(crate) fn run_watching_stderr(mut self, mut on_line: impl FnMut(&str)) -> Result<ExitStatus> {
        self.show();
        self.command.stderr(Stdio::piped());
        let mut child = self.command.spawn().map_err(|error| self.cannot_start(&error))?;
        if let Some(stderr) = child.stderr.take() {
            each_line(stderr, &mut on_line);
        }
        child.wait().doing(format_args!("wait for {}", self.line()))
    }

    /// Shows the command and runs it, handing each line of its standard output to `on_line`.
    pub(crate) fn run_watching_stdout(mut self, mut on_line: impl FnMut(&str)) -> Result<()> {
        self.show();
        self.command.stdout(Stdio::piped());
        let mut child = self.command.spawn().map_err(|error| self.cannot_start(&error))?;
        if let Some(stdout) = child.stdout.take() {
            each_line(stdout, &mut on_line);
        }
        let status = child.wait().doing(format_args!("wait for {}", self.line()))?;
        self.judge(status)
    }

    /// Runs quietly and returns the standard output; a failure carries the standard error.
    pub(crate) fn capture(mut self) -> Result<String> {
        let output = self
            .command
            .stdin(Stdio::null())
            .output()
            .map_err(|error| self.cannot_start(&error))?;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            return Err(failure!("`{}` failed:\n{}", self.line(), stderr.trim_end()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn judge(&self, status: ExitStatus) -> Result<()> {
        if status.success() {
            return Ok(());
        }
        Err(failure!(
            "`{}` failed ({status}): its own message is above",
            self.line()
        ))
    }

    fn show(&self) {
        say!("    $ {}", self.line());
    }

    /// The command as a person would type it: the program's name without its folder.
    fn line(&self) -> String {
        let program = Path::new(self.command.get_program());
        let name = program
            .file_name()
            .unwrap_or(program.as_os_str())
            .to_string_lossy()
            .into_owned();
        let mut line = name;
        for arg in self.command.get_args() {
            let arg = arg.to_string_lossy();
            line.push(' ');
            if arg.contains([' ', '(', '|', '*', '\'']) {
                line.push_str(&format!("'{}'", arg.replace('\'', "'\\''")));
            } else {
                line.push_str(&arg);
            }
        }
        line
    }

    fn cannot_start(&self, error: &std::io::Error) -> Failure {
        let program = self.command.get_program().to_string_lossy().into_owned();
        if error.kind() != std::io::ErrorKind::NotFound {
            return failure!("cannot start {program}: {error}");
        }
        match HOW_TO_INSTALL.iter().find(|(name, _)| *name == program) {
            Some((_, how)) => failure!("{program} not found: {how}"),
            None => failure!("{program} not found: run `cargo xtask test --only setup` to install it"),
        }
    }
}

/// Lines of a pipe as they come. Bytes that are not UTF-8 are shown with replacement characters.
fn each_line(pipe: impl std::io::Read, on_line: &mut dyn FnMut(&str)) {
    let mut reader = BufReader::new(pipe);
    let mut bytes = Vec::new();
    while matches!(reader.read_until(b'\n', &mut bytes), Ok(read) if read > 0) {
        on_line(String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']));
        bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_says_how_to_get_it() {
        let process = Process::new("npm", Path::new("."));
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        let message = process.cannot_start(&missing).to_string();
        assert_eq!(
            message,
            "npm not found: install Node.js 20+ (apt-get install nodejs npm)"
        );
    }

    #[test]
    fn a_failing_command_is_one_message_without_its_folder() {
        let failure = Process::new("sh", Path::new("."))
            .args(["-c", "exit 3"])
            .run()
            .unwrap_err();
        assert_eq!(
            failure.to_string(),
            "`sh -c 'exit 3'` failed (exit status: 3): its own message is above"
        );
    }

    #[test]
    fn lines_arrive_whole_even_without_a_final_newline() {
        let mut lines = Vec::new();
        each_line(&b"one\r\ntwo"[..], &mut |line| lines.push(line.to_owned()));
        assert_eq!(lines, ["one", "two"]);
    }
}
