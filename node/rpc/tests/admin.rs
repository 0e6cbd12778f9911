//! The operator's service, over its Unix socket.

mod support;

use http::HeaderMap;
use playfair_host::Host;
use playfair_http::{
    Bound, Client, ClientLimits, Counters, GuardLimits, Listener, Message, ServerLimits, Shutdown,
    WebSocketLimits, guard, serve,
};
use playfair_rpc::{ADMIN_BODY_BYTES_MAX, admin, admin_openapi};
use playfair_runtime::local::{Players, Start};
use playfair_types::Encode;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::link::ChainLink;
use playfair_types::vk::VkSet;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use support::COUNTER;

struct Operator {
    client: Client,
    host: Arc<Host>,
    shutdown: Shutdown,
    serving: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Operator {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let host = Arc::new(Host::open(&folder.path().join("data"), Arc::new(|_| Ok(()))).unwrap());
        let path = folder.path().join("admin.sock");
        let listener = Listener::unix(&path).await.unwrap();
        let shutdown = Shutdown::new();
        let limits = GuardLimits {
            body_bytes_max: ADMIN_BODY_BYTES_MAX,
            ..GuardLimits::default()
        };
        let serving = tokio::spawn(serve(
            listener,
            guard(admin(Arc::clone(&host)), &limits),
            ServerLimits::default(),
            shutdown.clone(),
            Counters::new(),
        ));
        Self {
            client: Client::new(&format!("unix:{}", path.display()), None, ClientLimits::default()).unwrap(),
            host,
            shutdown,
            serving,
            _folder: folder,
        }
    }

    async fn stop(self) {
        self.shutdown.stop();
        self.serving.await.unwrap();
        self.host.stop();
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.client.get(&format!("/admin/v1{path}")).await.unwrap();
        (
            answer.status.as_u16(),
            serde_json::from_slice(&answer.body).unwrap(),
        )
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let path = format!("/admin/v1{path}");
        let answer = self
            .client
            .post(&path, "application/json", body.to_string())
            .await
            .unwrap();
        (
            answer.status.as_u16(),
            serde_json::from_slice(&answer.body).unwrap(),
        )
    }

    async fn upload(&self, module: Vec<u8>) -> (u16, Value) {
        let path = "/admin/v1/modules";
        let answer = self
            .client
            .post(path, "application/octet-stream", module)
            .await
            .unwrap();
        (
            answer.status.as_u16(),
            serde_json::from_slice(&answer.body).unwrap(),
        )
    }

    /// A chain of the counter.
    async fn chain(&self) -> Value {
        let (status, uploaded) = self.upload(wat::parse_str(COUNTER).unwrap()).await;
        assert_eq!(status, 200, "{uploaded}");
        let new = json!({
            "name": "one",
            "rules": {"module": uploaded["hash"], "time_ms": 1_700_000_000_000u64},
            "settings": {"interval_ms": 5},
        });
        let (status, made) = self.post("/chains", &new).await;
        assert_eq!(status, 201, "{made}");
        made
    }
}

fn code(answer: &Value) -> &str {
    answer["error"]["code"]
        .as_str()
        .unwrap_or_else(|| panic!("no error: {answer}"))
}

#[tokio::test]
async fn a_chain_is_made_and_led_through_its_life() {
    let operator = Operator::start().await;
    assert_eq!(operator.get("/chains").await, (200, json!([])));
    let made = operator.chain().await;
    assert_eq!(
        (&made["status"], &made["wish"], &made["height"]),
        (&json!("running"), &json!("running"), &json!(0))
    );
    assert_eq!(
        (&made["settings"]["interval_ms"], &made["settings"]["cache_mb"]),
        (&json!(5), &json!(32))
    );
    assert_eq!(operator.get("/modules").await, (200, json!([made["module"]])));
    let chain = operator.host.chain("one").unwrap();
    let mut players = Players::of(chain.id);
    for _ in 0..3 {
        chain
            .submit(players.call("anna", 0, b"").unwrap())
            .unwrap()
            .await
            .unwrap()
            .unwrap();
    }
    for (order, status) in [
        ("pause", "paused"),
        ("archive", "archived"),
        ("resume", "running"),
    ] {
        let (found, shown) = operator.post(&format!("/chains/one/{order}"), &Value::Null).await;
        assert_eq!(
            (found, &shown["status"], &shown["wish"]),
            (200, &json!(status), &json!(status))
        );
        assert_eq!(
            shown["height"],
            if status == "archived" {
                Value::Null
            } else {
                json!(3)
            }
        );
    }
    chain
        .submit(players.call("anna", 0, b"").unwrap())
        .unwrap()
        .await
        .unwrap()
        .unwrap();
    let (status, shown) = operator.post("/chains/one/checkpoint", &Value::Null).await;
    assert_eq!((status, &shown["checkpointed"]), (200, &json!(5)));
    let (status, shown) = operator
        .post(
            "/chains/one/settings",
            &json!({"interval_ms": 9, "retain_blocks": 7}),
        )
        .await;
    assert_eq!(status, 200);
    let settings = &shown["settings"];
    assert_eq!(
        (
            &settings["interval_ms"],
            &settings["retain_blocks"],
            &settings["cache_mb"]
        ),
        (&json!(9), &json!(7), &json!(32))
    );
    chain
        .submit(players.call("anna", 0, b"").unwrap())
        .unwrap()
        .await
        .unwrap()
        .unwrap();
    let (_, all) = operator.get("/chains").await;
    assert_eq!(all[0]["height"], 5);
    assert_eq!(operator.get("/chains/one").await.1["name"], "one");
    operator.post("/chains/one/archive", &Value::Null).await;
    let (status, refused) = operator.post("/chains/one/checkpoint", &Value::Null).await;
    assert_eq!((status, code(&refused)), (503, "unavailable"));
    operator.stop().await;
}

#[tokio::test]
async fn a_set_of_keys_is_taken_and_named() {
    let operator = Operator::start().await;
    let made = operator.chain().await;
    let path = format!("/admin/v1/chains/{}/key-sets", made["id"].as_str().unwrap());
    let give = async |bytes: Vec<u8>, path: &str| {
        let answer = operator
            .client
            .post(path, "application/octet-stream", bytes)
            .await
            .unwrap();
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        (answer.status.as_u16(), body)
    };
    let mut set = VkSet::default();
    set.digests[0] = Some(playfair_types::Fr::from(9u64));
    let (status, given) = give(set.encode(), &path).await;
    let root: String = fr_to_bytes(&set.root())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!((status, &given["root"]), (200, &json!(root)));
    let link = ChainLink::from_text(given["link"].as_str().unwrap()).unwrap();
    assert_eq!(link.vk_set_root, set.root());
    let id: String = fr_to_bytes(&link.chain_id)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(made["id"], json!(id));
    let (status, refused) = give(vec![0; 5], &path).await;
    assert_eq!((status, code(&refused)), (400, "bad_request"));
    assert_eq!(
        give(set.encode(), "/admin/v1/chains/nothing/key-sets").await.0,
        404
    );
    operator.stop().await;
}

#[tokio::test]
async fn a_chain_of_its_records_bytes_is_the_same_chain() {
    let operator = Operator::start().await;
    let made = operator.chain().await;
    let module = operator.host.chain("one").unwrap().record().genesis.params.module;
    let start = Start {
        time_ms: playfair_types::bounded::U48::new(1_700_000_000_000).unwrap(),
        ..Start::of(module)
    };
    let digits = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    // The rules by name made the record that these bytes are: so it is there already.
    let genesis = digits(&start.genesis().encode());
    let (status, refused) = operator
        .post("/chains", &json!({"name": "two", "genesis": genesis}))
        .await;
    assert_eq!((status, code(&refused)), (409, "exists"));
    let other = Start {
        salt: [1; 31],
        ..start
    };
    let genesis = digits(&other.genesis().encode());
    let (status, two) = operator
        .post("/chains", &json!({"name": "two", "genesis": genesis}))
        .await;
    assert_eq!(status, 201);
    assert_ne!(two["id"], made["id"]);
    operator.stop().await;
}

#[tokio::test]
async fn what_cannot_be_is_told_why() {
    let operator = Operator::start().await;
    let made = operator.chain().await;
    let module = &made["module"];
    let zeros = "00".repeat(31);
    for (new, status, expected) in [
        (json!({"name": "x"}), 400, "bad_request"),
        (json!({"name": "x", "genesis": "00"}), 400, "bad_request"),
        (
            json!({"name": "x", "genesis": "00", "rules": {"module": module}}),
            400,
            "bad_request",
        ),
        (
            json!({"name": "x", "rules": {"module": "00"}}),
            400,
            "bad_request",
        ),
        (
            json!({"name": "x", "rules": {"module": zeros}}),
            404,
            "unknown_module",
        ),
        (json!({"name": "X", "rules": {"module": module}}), 400, "bad_name"),
        (json!({"name": "one", "rules": {"module": module}}), 409, "exists"),
        (
            json!({"name": "x", "rules": {"module": module, "time_ms": u64::MAX}}),
            400,
            "bad_request",
        ),
        (
            json!({"name": "x", "rules": {"module": module, "init": "00".repeat(5000)}}),
            400,
            "bad_request",
        ),
        (
            json!({"name": "x", "rules": {"module": module, "balances": [{"account": "00".repeat(20), "amount": "0"}]}}),
            400,
            "bad_request",
        ),
        (
            json!({"name": "x", "rules": {"module": module, "unknown": 1}}),
            422,
            "unprocessable",
        ),
        (
            json!({"name": "x", "rules": {"module": module}, "settings": {"interval_ms": -1}}),
            422,
            "unprocessable",
        ),
    ] {
        let (found, refused) = operator.post("/chains", &new).await;
        assert_eq!((found, code(&refused)), (status, expected), "{new}: {refused}");
    }
    for (bytes, status, expected) in [
        (Vec::new(), 422, "module_refused"),
        (b"\0asm\x01\0\0\0".to_vec(), 422, "module_refused"),
        (vec![0; ADMIN_BODY_BYTES_MAX + 1], 413, "too_large"),
    ] {
        let (found, refused) = operator.upload(bytes).await;
        assert_eq!((found, code(&refused)), (status, expected), "{refused}");
    }
    for path in ["/chains/nobody/pause", "/chains/nobody/checkpoint"] {
        let (found, refused) = operator.post(path, &Value::Null).await;
        assert_eq!((found, code(&refused)), (404, "unknown_chain"));
    }
    operator.stop().await;
}

#[tokio::test]
async fn an_operator_hears_what_was_said_and_what_is_said() {
    let operator = Operator::start().await;
    operator.chain().await;
    let chain = operator.host.chain("one").unwrap();
    let mut players = Players::of(chain.id);
    let mut revert = async || {
        let call = players.call("anna", 1, b"").unwrap();
        chain.submit(call).unwrap().await.unwrap().unwrap()
    };
    revert().await;
    let path = "/admin/v1/chains/one/logs";
    let limits = WebSocketLimits::default();
    let mut socket = operator
        .client
        .websocket(path, HeaderMap::new(), &limits)
        .await
        .unwrap();
    let mut expected = 1;
    while expected <= 3 {
        let message = tokio::time::timeout(Duration::from_secs(60), socket.next()).await;
        let Message::Text(text) = message.unwrap().unwrap().unwrap() else {
            continue;
        };
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            line,
            json!({"height": expected, "index": 1, "kind": "reverted", "text": "not today"})
        );
        expected += 1;
        revert().await;
    }
    operator.shutdown.stop();
    let mut closed = false;
    while let Some(Ok(message)) = socket.next().await {
        closed |= matches!(message, Message::Close(_));
    }
    assert!(closed);
    operator.stop().await;
}

#[tokio::test]
async fn nobody_gets_there_over_a_network() {
    let operator = Operator::start().await;
    let listener = Listener::tcp("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let Bound::Tcp(address) = listener.bound().clone() else {
        panic!("{:?}", listener.bound());
    };
    let router = guard(admin(Arc::clone(&operator.host)), &GuardLimits::default());
    let shutdown = operator.shutdown.clone();
    let serving = tokio::spawn(serve(
        listener,
        router,
        ServerLimits::default(),
        shutdown,
        Counters::new(),
    ));
    let client = Client::new(&format!("http://{address}"), None, ClientLimits::default()).unwrap();
    for path in [
        "/admin/v1/chains",
        "/admin/v1/openapi.json",
        "/admin/v1/chains/one/logs",
    ] {
        let refused = client.get(path).await.unwrap().success().unwrap_err();
        assert_eq!(refused.status.as_u16(), 403, "{path}");
    }
    operator.shutdown.stop();
    serving.await.unwrap();
    operator.stop().await;
}

#[test]
fn the_description_names_every_route() {
    let document = serde_json::to_value(admin_openapi()).unwrap();
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths.len(), 10, "{paths:?}");
    assert!(paths.iter().all(|path| path.starts_with("/admin/v1/")));
}
