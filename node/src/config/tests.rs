//! Layers, names and mistakes.

use super::file::parse;
use super::*;

fn file(text: &str) -> Result<Loaded, Errors> {
    loaded(text, &[], &[])
}

fn loaded(text: &str, variables: &[(&str, &str)], set: &[&str]) -> Result<Loaded, Errors> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let sources = Sources {
        variables: variables.iter().map(owned).collect(),
        set: set.iter().map(|text| (*text).to_owned()).collect(),
        ..Sources::default()
    };
    merge(parse(Path::new("a.toml"), text), None, &sources)
}

/// Everything that holds, as text.
fn values(config: &Config) -> Vec<(&'static str, Option<String>)> {
    let mut config = config.clone();
    let all = settings::settings(&mut config);
    all.iter()
        .map(|setting| (setting.key, setting.value.write()))
        .collect()
}

#[test]
fn the_default_file_says_what_holds_anyway() {
    let text = default_file();
    let read = file(&text).unwrap();
    assert_eq!(values(&read.config), values(&Config::default()));
    let mut config = Config::default();
    for setting in settings::settings(&mut config) {
        let (section, name) = setting.key.split_once('.').unwrap();
        assert!(text.contains(&format!("[{section}]\n")), "{section}");
        assert!(text.contains(&format!("{name} = ")), "{name}");
        assert!(
            setting.value.write().is_none() || read.origins.contains_key(setting.key),
            "{}",
            setting.key
        );
    }
    // What is commented out says what holds too.
    let uncommented: String = text
        .lines()
        .map(|line| {
            line.strip_prefix("# ")
                .filter(|rest| rest.ends_with("= \"\""))
                .unwrap_or(line)
                .to_owned()
                + "\n"
        })
        .collect();
    assert_eq!(
        values(&file(&uncommented).unwrap().config),
        values(&Config::default())
    );
}

#[test]
fn a_code_default_is_within_its_own_bounds() {
    let mut config = Config::default();
    for mut setting in settings::settings(&mut config) {
        if let Some(text) = setting.value.write() {
            setting
                .value
                .read(&Given::of_text(&text))
                .unwrap_or_else(|wrong| panic!("{}: {wrong}", setting.key));
            assert_eq!(setting.value.write(), Some(text));
        }
    }
}

#[test]
fn flags_win_over_variables_and_variables_over_the_file() {
    let text = "[server]\nconnections_max = 1\nheaders_max = 2\nidle_timeout_ms = 3\n";
    let variables = [
        ("PLAYFAIR_SERVER__HEADERS_MAX", "20"),
        ("PLAYFAIR_SERVER__IDLE_TIMEOUT_MS", "30"),
        ("PLAYFAIR_GUARD__RATE__BURST", "7"),
        ("PLAYFAIR_SOAK", "1"),
        ("PATH", "x"),
    ];
    let all = loaded(
        text,
        &variables,
        &[
            "server.idle_timeout_ms=300",
            "guard.origins=[\"https://a.example\"]",
        ],
    )
    .unwrap();
    let server = all.config.server_limits();
    assert_eq!((server.connections_max, server.headers_max), (1, 20));
    assert_eq!(server.idle_timeout.as_millis(), 300);
    assert_eq!(all.config.rate.burst, 7);
    let shown = effective(&all);
    for words in [
        "server.connections_max         1                      a.toml:2",
        "the variable PLAYFAIR_SERVER__HEADERS_MAX",
        "--set server.idle_timeout_ms",
        "[\"https://a.example\"]",
    ] {
        assert!(shown.contains(words), "no `{words}` in\n{shown}");
    }
}

#[test]
fn mistakes_are_told_with_their_place_and_all_at_once() {
    let text = "[server]\nconections_max = 1\nheaders_max = \"many\"\n[guard.rate]\nburst = 0\n[api]\nlisten = \"localhost\"\nconnections_max = 3\n";
    let mut variables = vec![
        ("PLAYFAIR_LOG__FORMAT", "xml"),
        ("PLAYFAIR_LOG__LEVEL", "loud=very"),
        ("PLAYFAIR_GUARD__ORIGINS", "[\"play.example\"]"),
    ];
    variables.push(("PLAYFAIR_NODE", "ftp://x"));
    let Errors(errors) = loaded(text, &variables, &["server=5", "nothing.like.it=1", "alone"]).unwrap_err();
    for words in [
        "a.toml:2: there is no setting `server.conections_max`; is `server.connections_max` meant?",
        "a.toml:3: server.headers_max = \"many\": a whole number from 1 to 1000 belongs here",
        "a.toml:5: guard.rate.burst = 0: a whole number from 1 to 1000000",
        "a.toml:7: api.listen = \"localhost\": an address with a port",
        "a.toml:8: there is no setting `api.connections_max`; is `server.connections_max` meant?",
        "the variable PLAYFAIR_LOG__FORMAT: log.format = \"xml\": \"text\" or \"json\"",
        "the variable PLAYFAIR_LOG__LEVEL: log.level",
        "the variable PLAYFAIR_GUARD__ORIGINS",
        "the variable PLAYFAIR_NODE: client.node",
        "--set server: `server` is a section",
        "--set nothing.like.it: there is no setting `nothing.like.it`; `playfair config show --default`",
        "--set alone: write NAME=VALUE",
    ] {
        assert!(
            errors.iter().any(|error| error.starts_with(words)),
            "no `{words}` in {errors:#?}"
        );
    }
    assert_eq!(errors.len(), 12, "{errors:#?}");
    for (text, words) in [
        ("[server\n", "a.toml:1:"),
        ("a = 1\na = 2\n", "a.toml:2:"),
        (
            "[api]\ntls_key = \"k\"\n",
            "a.toml:2: api.tls_key wants api.tls_certificate",
        ),
        (
            "[api]\nlisten = \"127.0.0.1:7\"\n[metrics]\nlisten = \"127.0.0.1:7\"",
            "a.toml:4: metrics.listen is where",
        ),
        (
            "[node]\ndata = 2026-01-01",
            "a.toml:2: node.data = (datetime): a path belongs here",
        ),
        ("[server]\nconnections_max = 99999999999999999999", "a.toml:2:"),
        ("[chain]\ninterval_ms = -1", "a.toml:2:"),
        (
            "[chain]\nprove = \"yes\"",
            "a.toml:2: chain.prove = \"yes\": true or false",
        ),
    ] {
        let Errors(errors) = file(text).unwrap_err();
        assert!(
            errors.iter().any(|error| error.starts_with(words)),
            "{text}: {errors:?}"
        );
    }
}

#[test]
fn no_limit_and_proxies_reach_both_sides() {
    let text = "[guard]\ntrusted_proxies = [\"10.0.0.1\"]\nrate.per_second = 0\n[metrics]\nlisten = \"\"\n";
    let config = file(text).unwrap().config;
    assert!(config.guard_limits().rate.is_none() && config.metrics.is_none());
    assert_eq!(
        config.server_limits().unlimited_ips,
        config.guard_limits().trusted_proxies
    );
    assert_eq!(Config::default().guard_limits().rate, Some(RateLimit::default()));
    assert_eq!(config.admin_path(), Path::new("playfair-data/admin.sock"));
}

#[test]
fn a_page_is_in_a_folder_or_none_and_a_visit_has_room() {
    for (text, page) in [
        ("", Page::Beside),
        ("none", Page::None),
        ("./none", Page::In("./none".into())),
    ] {
        let config = file(&format!("[api]\npage = \"{text}\"\n")).unwrap().config;
        assert_eq!(config.page, page);
    }
    let Errors(errors) = file("[api]\npage = true\n").unwrap_err();
    assert!(
        errors[0].starts_with("a.toml:2: api.page = true: a path belongs"),
        "{errors:?}"
    );
    let config = file("[guard.rate]\nburst = 2\nper_second = 1\n").unwrap().config;
    assert_eq!(config.guard_limits().rate.unwrap().burst, 2);
    let visits = config.page_limits().rate.unwrap();
    assert_eq!((visits.burst, visits.per_second), (256, 1));
    let config = file("[guard.rate]\nper_second = 0\n").unwrap().config;
    assert!(config.page_limits().rate.is_none());
}
