//! The node's log: lines on standard error, as text or JSON, and what panics say among them.
//!
//! What is said on standard output is for scripts (where the node listens); everything that happens later is here.
//! Libraries are heard from `warn` on unless an operator names them.

use crate::config::{Format, Log};
use std::io::IsTerminal;
use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry, fmt};

/// Libraries that have nothing to say to operators below a warning.
const QUIET: [&str; 12] = [
    "apalis",
    "apalis_core",
    "axum",
    "cranelift_codegen",
    "hyper",
    "hyper_util",
    "rustls",
    "sqlx",
    "tokio",
    "tower_http",
    "tungstenite",
    "wasmtime",
];

/// Whether this is a level, or targets with levels.
pub(crate) fn is_filter(text: &str) -> bool {
    parse(text).is_some()
}

fn parse(text: &str) -> Option<Targets> {
    // A name alone would be a target of which everything is logged: more often it is a misspelt level.
    let is_part = |part: &str| {
        let (target, level) = part.split_once('=').unwrap_or(("", part));
        let is_target = |target: &str| {
            target
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_:".contains(&byte))
        };
        is_target(target)
            && (level == "off" || level.parse::<Level>().is_ok_and(|_| level.parse::<u8>().is_err()))
    };
    text.split(',').all(is_part).then(|| text.parse().ok()).flatten()
}

fn filter(text: &str) -> Targets {
    let asked = parse(text).unwrap_or_default();
    let quiet = QUIET.iter().filter(|target| {
        let named = |(known, _): (&str, LevelFilter)| known.split("::").next() == Some(target);
        !asked.iter().any(named)
    });
    let quiet: Vec<_> = quiet.map(|target| (*target, LevelFilter::WARN)).collect();
    // A target that is quieter than a warning already stays so.
    let most = asked.default_level().unwrap_or(LevelFilter::OFF);
    asked
        .clone()
        .with_targets(quiet.into_iter().map(|(target, level)| (target, level.min(most))))
}

/// Begins to log. Done once a process; a second time changes nothing.
pub(crate) fn start(log: &Log) {
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match log.format {
        Format::Text => lines
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .boxed(),
        Format::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .boxed(),
    };
    let subscriber = Registry::default().with(lines.with_filter(filter(&log.level)));
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            let thread = std::thread::current();
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            let payload = panic.payload();
            let text = payload.downcast_ref::<&str>().copied();
            let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            tracing::error!(
                thread = thread.name().unwrap_or("unnamed"),
                place,
                "a bug, please report it: {}",
                text.unwrap_or("no text")
            );
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_levels_and_targets() {
        for good in [
            "info",
            "warn,playfair_host=debug",
            "off",
            "error,hyper::proto=trace",
        ] {
            assert!(is_filter(good), "{good}");
        }
        for bad in [
            "",
            "loud",
            "info,",
            "3",
            "info,loud=very",
            "a b=info",
            "info;warn",
        ] {
            assert!(!is_filter(bad), "{bad}");
        }
    }

    #[test]
    fn libraries_are_quiet_until_they_are_named() {
        let enabled = |text: &str, target: &str, level: Level| filter(text).would_enable(target, &level);
        assert!(enabled("info", "playfair_host::driver", Level::INFO));
        assert!(!enabled("info", "playfair_host", Level::DEBUG));
        assert!(
            !enabled("debug", "hyper::proto", Level::INFO) && enabled("debug", "hyper::proto", Level::WARN)
        );
        assert!(enabled("info,hyper=debug", "hyper::proto", Level::DEBUG));
        assert!(!enabled("error", "hyper::proto", Level::WARN));
    }
}
