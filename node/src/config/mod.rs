//! What an operator says about a node: defaults, then a TOML file, then the environment, then flags.
//!
//! Each layer replaces single settings of the layer below. A setting's name is the same everywhere: `server.connections_max`
//! in `--set`, `connections_max` under `[server]` in the file, `PLAYFAIR_SERVER__CONNECTIONS_MAX` in the environment.
//! The list in `settings.rs` is the only place that knows the names; reading, printing and the default file follow it.
//!
//! **Nothing is ignored.** An unknown name, a value of the wrong kind or out of its range is an error that names where it
//! stands (file and line, variable, flag) and what would be right; all errors are told at once. Variables of the environment
//! without `__` are not settings, as other programs of this project have theirs.

mod file;
mod nearest;
mod settings;
mod show;
mod value;

#[cfg(test)]
mod tests;

pub use show::{default_file, effective};

use playfair_host::ChainSettings;
use playfair_http::{Fingerprint, GuardLimits, Origins, RateLimit, ServerLimits};
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use value::Given;

/// The file that is read when none is named and it is there.
pub const FILE: &str = "playfair.toml";
/// What variables of the environment begin with.
const PREFIX: &str = "PLAYFAIR_";

/// How a node runs and where commands find it.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// Where the web API listens.
    pub listen: SocketAddr,
    /// Certificate and key of the web API, DER; both or none.
    pub tls: (Option<PathBuf>, Option<PathBuf>),
    /// What the web API may be asked at once.
    pub api: playfair_rpc::Limits,
    /// Which page is served beside the web API.
    pub page: Page,
    /// What clients may hold of the web API's server; trusted proxies stand for many.
    server: ServerLimits,
    /// What requests may be; its rate is the next field.
    guard: GuardLimits,
    /// How often one client may ask; no tokens a second is no limit.
    rate: RateLimit,
    /// The admin socket; `admin.sock` in the data folder if not given.
    pub admin_socket: Option<PathBuf>,
    /// Where metrics are served; nowhere if not given.
    pub metrics: Option<SocketAddr>,
    /// What is proven, and by whom.
    pub prover: Prover,
    /// What is logged, and how.
    pub log: Log,
    /// What a new chain gets that says nothing else.
    pub chain: ChainSettings,
    /// Where commands look for a node and for keys.
    pub client: Client,
}

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// The one that lies beside the program, if there is one.
    Beside,
    /// None.
    None,
    /// The one in this folder.
    In(PathBuf),
}

/// What the page's folder is called that lies beside the program.
const PAGE_FOLDER: &str = "playfair-page";

/// Proving.
#[derive(Clone, Debug)]
pub struct Prover {
    /// What proofs rest on: [`INSECURE`], or a folder of a ceremony; without it, nothing is proven.
    pub setup: Option<String>,
    /// Which ceremony it must be.
    pub setup_digest: Option<String>,
    /// Worker processes beside the node.
    pub workers: u32,
    /// Log2 of the most rows of a proof that they make.
    pub worker_k_max: u32,
    /// Threads of each; 0 for one a core.
    pub worker_threads: u32,
    /// Where workers from elsewhere come to.
    pub listen: Option<SocketAddr>,
    /// How they reach it, host:port; what it listens on if not given.
    pub address: Option<String>,
    /// Who is paid for proofs: an address of L1, 40 hexadecimal digits.
    pub payout: Option<String>,
}

/// The setup whose secret anybody knows.
pub const INSECURE: &str = "insecure";

/// The log.
#[derive(Clone, Debug)]
pub struct Log {
    /// A level, or targets with levels, separated by commas.
    pub level: String,
    /// Text or JSON.
    pub format: Format,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One object a line.
    Json,
}

impl Format {
    /// Its name in a configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

/// What commands that talk to a node need.
#[derive(Clone, Debug)]
pub struct Client {
    /// `http://host:port`, `https://host:port` or `unix:/path`; where the web API listens if not given.
    pub node: Option<String>,
    /// What the certificate of a node with `https` must be.
    pub fingerprint: Option<Fingerprint>,
    /// The folder of players' keys; `.playfair/keys` in the home folder if not given.
    pub keys: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("playfair-data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 8480)),
            tls: (None, None),
            api: playfair_rpc::Limits::default(),
            page: Page::Beside,
            server: ServerLimits::default(),
            guard: GuardLimits::default(),
            rate: RateLimit::default(),
            admin_socket: None,
            metrics: None,
            prover: Prover {
                setup: None,
                setup_digest: None,
                workers: 1,
                worker_k_max: 16,
                worker_threads: 0,
                listen: None,
                address: None,
                payout: None,
            },
            log: Log {
                level: "info".to_owned(),
                format: Format::Text,
            },
            chain: ChainSettings::default(),
            client: Client {
                node: None,
                fingerprint: None,
                keys: None,
            },
        }
    }
}

impl Config {
    /// What clients may hold of the web API's server.
    #[must_use]
    pub fn server_limits(&self) -> ServerLimits {
        ServerLimits {
            unlimited_ips: self.guard.trusted_proxies.clone(),
            ..self.server.clone()
        }
    }

    /// What requests may be.
    #[must_use]
    pub fn guard_limits(&self) -> GuardLimits {
        GuardLimits {
            rate: (self.rate.per_second > 0).then_some(self.rate),
            ..self.guard.clone()
        }
    }

    /// What requests for the page may be. A visit asks for every file once, so that there is room for the largest page, apart from what the web API may be
    /// asked; and no other web page has a use for it.
    #[must_use]
    pub fn page_limits(&self) -> GuardLimits {
        let visit = u32::try_from(playfair_page::FILES_MAX).unwrap_or(u32::MAX);
        let limits = self.guard_limits();
        GuardLimits {
            rate: limits.rate.map(|rate| RateLimit {
                burst: rate.burst.max(visit),
                ..rate
            }),
            origins: Origins::Only(Vec::new()),
            ..limits
        }
    }

    /// The page's folder, whether it was named or lies beside the program.
    #[must_use]
    pub fn page_folder(&self) -> Option<PathBuf> {
        match &self.page {
            Page::None => None,
            Page::In(folder) => Some(folder.clone()),
            Page::Beside => {
                let beside = std::env::current_exe().ok()?.with_file_name(PAGE_FOLDER);
                beside.is_dir().then_some(beside)
            }
        }
    }

    /// The admin socket, whether it was named or not.
    #[must_use]
    pub fn admin_path(&self) -> PathBuf {
        match &self.admin_socket {
            Some(path) => path.clone(),
            None => self.data.join("admin.sock"),
        }
    }
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// A line of a file.
    File(PathBuf, usize),
    /// A variable of the environment.
    Variable(String),
    /// A flag.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => write!(f, "the variable {name}"),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// A setting as one layer gives it.
struct Entry {
    key: String,
    given: Given,
    origin: Origin,
}

/// What the layers above the defaults say.
#[derive(Debug, Default)]
pub struct Sources {
    /// The file that was named.
    pub file: Option<PathBuf>,
    /// The environment's variables.
    pub variables: Vec<(String, String)>,
    /// Flags that stand for one setting: the flag, the setting's name, the value.
    pub flags: Vec<(String, &'static str, String)>,
    /// `--set NAME=VALUE`.
    pub set: Vec<String>,
}

impl Sources {
    /// The process's own environment, and nothing else yet.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            // A name of ours is text; a value that is not is told about as what it looks like.
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        };
        Self {
            variables: std::env::vars_os().filter_map(text).collect(),
            ..Self::default()
        }
    }
}

/// A configuration, and where each value came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// The file that was read.
    pub file: Option<PathBuf>,
    origins: BTreeMap<String, Origin>,
}

/// All that is wrong with a configuration, a sentence each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errors(pub Vec<String>);

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Errors {}

/// Puts the layers together.
///
/// # Errors
/// All that is wrong in any layer.
pub fn load(sources: &Sources) -> Result<Loaded, Errors> {
    let implied = Path::new(FILE);
    let file = sources
        .file
        .clone()
        .or_else(|| implied.is_file().then(|| implied.to_owned()));
    let read = file.as_deref().map(file::read).transpose();
    merge(read.map(Option::unwrap_or_default), file, sources)
}

/// Puts the layers over the defaults, the file's first.
fn merge(
    read: Result<Vec<Entry>, String>,
    file: Option<PathBuf>,
    sources: &Sources,
) -> Result<Loaded, Errors> {
    let mut errors = Vec::new();
    let mut entries = read.unwrap_or_else(|error| {
        errors.push(error);
        Vec::new()
    });
    entries.extend(variables(&sources.variables));
    for (flag, key, text) in &sources.flags {
        entries.push(Entry {
            key: (*key).to_owned(),
            given: Given::of_text(text),
            origin: Origin::Flag(flag.clone()),
        });
    }
    for text in &sources.set {
        match text.split_once('=') {
            Some((key, value)) => entries.push(Entry {
                key: key.trim().to_owned(),
                given: Given::of_text(value.trim()),
                origin: Origin::Flag(format!("--set {}", key.trim())),
            }),
            None => errors.push(format!(
                "--set {text}: write NAME=VALUE, as --set server.connections_max=100"
            )),
        }
    }
    let mut config = Config::default();
    let mut origins = BTreeMap::new();
    apply(&mut config, entries, &mut origins, &mut errors);
    if errors.is_empty() {
        errors.extend(contradictions(&config, &origins));
    }
    if !errors.is_empty() {
        return Err(Errors(errors));
    }
    Ok(Loaded {
        config,
        file,
        origins,
    })
}

/// The settings among the environment's variables.
fn variables(all: &[(String, String)]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = all
        .iter()
        .filter_map(|(name, value)| {
            let key = name.strip_prefix(PREFIX)?;
            if key == "NODE" {
                return Some(Entry {
                    key: "client.node".to_owned(),
                    given: Given::Text(value.clone()),
                    origin: Origin::Variable(name.clone()),
                });
            }
            key.contains("__").then(|| Entry {
                key: key.replace("__", ".").to_lowercase(),
                given: Given::of_text(value),
                origin: Origin::Variable(name.clone()),
            })
        })
        .collect();
    // The environment has no order of its own.
    entries.sort_by(|a, b| a.origin.cmp(&b.origin));
    entries
}

fn apply(
    config: &mut Config,
    entries: Vec<Entry>,
    origins: &mut BTreeMap<String, Origin>,
    errors: &mut Vec<String>,
) {
    let mut settings = settings::settings(config);
    let known: Vec<&'static str> = settings.iter().map(|setting| setting.key).collect();
    for Entry { key, given, origin } in entries {
        let Some(setting) = settings.iter_mut().find(|setting| setting.key == key) else {
            errors.push(format!("{origin}: {}", nearest::unknown(&key, &known)));
            continue;
        };
        match setting.value.read(&given) {
            Ok(()) => {
                origins.insert(key, origin);
            }
            Err(wrong) => errors.push(format!("{origin}: {key} = {given}: {wrong}")),
        }
    }
}

/// What no setting shows alone.
fn contradictions(config: &Config, origins: &BTreeMap<String, Origin>) -> Vec<String> {
    let mut errors = Vec::new();
    let origin = |key: &str| origins.get(key).cloned().unwrap_or(Origin::Default);
    match &config.tls {
        (Some(_), None) => errors.push(format!(
            "{}: api.tls_certificate wants api.tls_key beside it",
            origin("api.tls_certificate")
        )),
        (None, Some(_)) => errors.push(format!(
            "{}: api.tls_key wants api.tls_certificate beside it",
            origin("api.tls_key")
        )),
        _ => {}
    }
    if config
        .metrics
        .is_some_and(|metrics| metrics == config.listen && metrics.port() != 0)
    {
        errors.push(format!(
            "{}: metrics.listen is where the web API listens: choose another port",
            origin("metrics.listen")
        ));
    }
    errors
}
