//! The list of all settings: names, what they mean, where they lie.

use super::Config;
use super::value::{Address, Level, Maybe, Millis, Number, Pin, Value, Words};
use std::net::SocketAddr;
use std::path::PathBuf;

/// A setting of one configuration.
pub(super) struct Setting<'a> {
    /// Section and name.
    pub(super) key: &'static str,
    /// What it means, for the default file.
    pub(super) about: &'static str,
    pub(super) value: Box<dyn Value + 'a>,
}

/// What the sections are about, in the order of the file.
pub(super) const SECTIONS: [(&str, &str); 10] = [
    ("node", "The node itself."),
    ("api", "The web API, for everybody."),
    ("server", "What clients may hold of the web API's server."),
    ("guard", "What requests to the web API may be."),
    (
        "admin",
        "The operator's own API, on a Unix socket that only the node's user may open.",
    ),
    ("metrics", "Figures for Prometheus."),
    (
        "prover",
        "What is proven, and by whom. Without a setup the node proves nothing.",
    ),
    ("log", "The log, on standard error."),
    (
        "chain",
        "What a chain gets that is made without settings of its own. Existing chains keep theirs.",
    ),
    (
        "client",
        "Where commands such as `playfair status` look; the node itself does not read this.",
    ),
];

/// All settings, by section.
pub(super) fn settings(config: &mut Config) -> Vec<Setting<'_>> {
    let Config {
        data,
        listen,
        tls: (certificate, key),
        api,
        page,
        server,
        guard,
        rate,
        admin_socket,
        metrics,
        prover,
        log,
        chain,
        client,
    } = config;
    vec![
        one("node.data", data, "The data folder; made if there is none."),
        one("api.listen", listen, "Address and port; port 0 takes a free one."),
        one(
            "api.tls_certificate",
            Maybe(certificate, PathBuf::new),
            "Certificate for HTTPS, X.509 in DER; made with its key if neither file is there. Not given: HTTP.",
        ),
        one(
            "api.tls_key",
            Maybe(key, PathBuf::new),
            "The private key to it, PKCS #8 in DER, mode 0600.",
        ),
        one(
            "api.page",
            page,
            "Folder of the page that is served at /; playfair-page beside the program if not given and there. \"none\": no page.",
        ),
        one(
            "api.sockets_max",
            Number(&mut api.sockets_max, COUNT),
            "WebSockets in all; each is one of server.connections_max too.",
        ),
        one(
            "api.sockets_per_address_max",
            Number(&mut api.sockets_per_address_max, COUNT),
            "WebSockets of one client.",
        ),
        one(
            "api.queries_max",
            Number(&mut api.queries_max, 1..=48),
            "Queries that are answered at once; they share the engine's 64 places with the chains.",
        ),
        one(
            "api.ping_ms",
            Millis(&mut api.ping),
            "Time between two pings of a WebSocket.",
        ),
        one(
            "server.connections_max",
            Number(&mut server.connections_max, COUNT),
            "Connections in all, WebSockets included.",
        ),
        one(
            "server.connections_per_ip_max",
            Number(&mut server.connections_per_ip_max, COUNT),
            "Connections of one client: an IPv4 address, or an IPv6 network of 64 bits.",
        ),
        one(
            "server.headers_max",
            Number(&mut server.headers_max, 1..=1_000),
            "Lines in a request's head.",
        ),
        one(
            "server.head_bytes_max",
            Number(&mut server.head_bytes_max, 1_024..=65_536),
            "Bytes of a request's head.",
        ),
        one(
            "server.head_timeout_ms",
            Millis(&mut server.head_timeout),
            "Time for a request's head.",
        ),
        one(
            "server.idle_timeout_ms",
            Millis(&mut server.idle_timeout),
            "Time without a request before a connection is closed.",
        ),
        one(
            "server.stall_timeout_ms",
            Millis(&mut server.stall_timeout),
            "Time in which a client must take something of what it is sent.",
        ),
        one(
            "server.tls_timeout_ms",
            Millis(&mut server.tls_timeout),
            "Time for a TLS handshake.",
        ),
        one(
            "server.grace_ms",
            Millis(&mut server.grace),
            "Time for open requests and WebSockets to end when the node stops.",
        ),
        one(
            "guard.body_bytes_max",
            Number(&mut guard.body_bytes_max, 1_024..=1 << 30),
            "Bytes of a request's body.",
        ),
        one(
            "guard.request_timeout_ms",
            Millis(&mut guard.request_timeout),
            "Time from a request's head to its answer's. A call waits up to 20 s for its block.",
        ),
        one(
            "guard.rate.per_second",
            Number(&mut rate.per_second, 0..=1_000_000),
            "Requests a second of one client, in the long run; 0 is no limit.",
        ),
        one(
            "guard.rate.burst",
            Number(&mut rate.burst, COUNT),
            "Requests that a client who was quiet may send at once.",
        ),
        one(
            "guard.rate.clients_max",
            Number(&mut rate.clients_max, 16..=100_000_000),
            "Clients remembered, some 100 bytes each.",
        ),
        one(
            "guard.trusted_proxies",
            &mut guard.trusted_proxies,
            "Reverse proxies: their X-Forwarded-For is believed, and they have no limit of connections per client.",
        ),
        one(
            "guard.origins",
            &mut guard.origins,
            "Web pages that may read answers: \"any\", or a list such as [\"https://play.example\"].",
        ),
        one(
            "admin.socket",
            Maybe(admin_socket, PathBuf::new),
            "Path of the socket; admin.sock in the data folder if not given.",
        ),
        one(
            "metrics.listen",
            Maybe(metrics, || SocketAddr::from(([127, 0, 0, 1], 0))),
            "Address and port, as 127.0.0.1:8481. Not given: nowhere. Nothing protects it: keep it off the internet.",
        ),
        one(
            "prover.setup",
            Words(&mut prover.setup),
            "What proofs rest on: a folder that `playfair setup import` filled, or \"insecure\", for development only.",
        ),
        one(
            "prover.setup_digest",
            Words(&mut prover.setup_digest),
            "Which ceremony's the folder must be: 64 hexadecimal digits.",
        ),
        one(
            "prover.workers",
            Number(&mut prover.workers, 0..=64),
            "Worker processes that the node runs beside itself.",
        ),
        one(
            "prover.worker_k_max",
            Number(&mut prover.worker_k_max, 14..=19),
            "Log2 of the most rows of a proof that they make; some 0.3 GiB each at 14, 4 at 19.",
        ),
        one(
            "prover.worker_threads",
            Number(&mut prover.worker_threads, 0..=1_024),
            "Threads of each; 0 for one a core.",
        ),
        one(
            "prover.listen",
            Maybe(&mut prover.listen, || SocketAddr::from(([127, 0, 0, 1], 0))),
            "Address and port for workers on other machines, HTTPS. Not given: nowhere.",
        ),
        one(
            "prover.address",
            Words(&mut prover.address),
            "What invitations say, host:port, if it is not what the node listens on.",
        ),
        one(
            "prover.payout",
            Words(&mut prover.payout),
            "Who is paid for proofs: an L1 address, 40 hexadecimal digits.",
        ),
        one(
            "log.level",
            Level(&mut log.level),
            "error, warn, info, debug or trace; or by target, as \"info,playfair_http=debug\".",
        ),
        one("log.format", &mut log.format, "text or json."),
        one(
            "chain.interval_ms",
            Number(&mut chain.interval_ms, 1..=60_000),
            "Time between blocks.",
        ),
        one(
            "chain.block_gas_max",
            Number(&mut chain.block_gas_max, 1..=u64::MAX),
            "Gas that the calls of a block may use, in all.",
        ),
        one(
            "chain.block_bytes_max",
            Number(&mut chain.block_bytes_max, 8_192..=8 << 20),
            "Bytes of a block's records.",
        ),
        one(
            "chain.unproven_rows_max",
            Number(&mut chain.unproven_rows_max, 1..=u64::MAX),
            "Rows that may be executed and not proven; what genesis says counts if it is less.",
        ),
        one(
            "chain.retain_blocks",
            Number(&mut chain.retain_blocks, 1..=u64::MAX),
            "Blocks whose state can still be read and proven against.",
        ),
        one(
            "chain.retain_unproven_blocks",
            Number(&mut chain.retain_unproven_blocks, 1..=u64::MAX),
            "Blocks whose state is kept because they are not proven yet, at most.",
        ),
        one(
            "chain.keep_blocks",
            Number(&mut chain.keep_blocks, 0..=u64::MAX),
            "Blocks that are kept, at least; older ones go, unless they are to be proven and are not. 0 is all.",
        ),
        one(
            "chain.prove",
            &mut chain.prove,
            "Whether the chain is to be proven, on a node that proves.",
        ),
        one(
            "chain.account_calls_per_s",
            Number(&mut chain.account_calls_per_s, COUNT),
            "Calls a second on each lane of an account, on a free chain, in the long run.",
        ),
        one(
            "chain.account_calls_burst",
            Number(&mut chain.account_calls_burst, COUNT),
            "Calls that each lane of an account may send at once, on a free chain.",
        ),
        one(
            "chain.account_gas_per_s",
            Number(&mut chain.account_gas_per_s, 1..=u64::MAX),
            "Gas a second on each lane of an account, on a free chain, by the limits of its calls.",
        ),
        one(
            "chain.cache_mb",
            Number(&mut chain.cache_mb, 1..=65_536),
            "Memory for the caches of state and history, MiB each.",
        ),
        one(
            "client.node",
            Address(&mut client.node),
            "http://host:port, https://host:port or unix:/path; the variable PLAYFAIR_NODE says the same. Not given: api.listen.",
        ),
        one(
            "client.fingerprint",
            Pin(&mut client.fingerprint),
            "SHA-256 of the certificate that a node with https must show, as the node prints it.",
        ),
        one(
            "client.keys",
            Maybe(&mut client.keys, PathBuf::new),
            "Folder of players' keys; .playfair/keys in the home folder if not given.",
        ),
    ]
}

/// What counts things may be.
const COUNT: std::ops::RangeInclusive<u64> = 1..=1_000_000;

fn one<'a>(key: &'static str, value: impl Value + 'a, about: &'static str) -> Setting<'a> {
    Setting {
        key,
        about,
        value: Box::new(value),
    }
}
