//! Records what a real node answers to a light client, for tests/fixtures/light-client/chess.json:
//!
//! ```text
//! playfair dev contracts-wasm/chess --fresh --data FOLDER          prints `link     http://127.0.0.1:8480/#pf1...`
//! cargo run -p playfair-games --example record_light_client -- 'URL#LINK' FOLDER > tests/fixtures/light-client/chess.json
//! ```
//!
//! The folder is the network's, for its committee's key: with it tests lie as a committee could.

use playfair_games::chess::{Match, recorded};
use playfair_games::module::{chess, engine};
use playfair_http::{Client as Http, ClientLimits};
use playfair_light_client_core::{Body, Client, Platform, Request, Response, Rung, Unreachable, digits};
use playfair_light_client_tests::scenario::{anchors, look};
use playfair_light_client_tests::table::{Answers, Recorded, bytes, name};
use playfair_predict::{Predicted, Predictor, Unpredictable};
use playfair_runtime::Wasmtime;
use playfair_runtime::local::Players;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::state::{StateKey, SystemKey};
use playfair_types::tape::call_message;
use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Calls of the game in the first part, and in both.
const CALLS: [usize; 2] = [6, 14];

struct Recorder {
    http: Http,
    answers: RefCell<Answers>,
}

impl Platform for &Recorder {
    async fn fetch(&self, request: Request<'_>) -> Result<Response, Unreachable> {
        let answer = match request.body {
            None => self.http.get(request.path).await,
            Some(Body::Json(text)) => {
                self.http
                    .post(request.path, "application/json", text.to_owned())
                    .await
            }
            Some(Body::Bytes(bytes)) => {
                let kind = "application/octet-stream";
                self.http.post(request.path, kind, bytes.to_vec()).await
            }
        };
        let answer = answer.map_err(|error| Unreachable(error.to_string()))?;
        let answer = Response {
            status: answer.status.as_u16(),
            body: answer.body.to_vec(),
        };
        self.answers.borrow_mut().insert(name(&request), answer.clone());
        Ok(answer)
    }

    fn now_ms(&self) -> u64 {
        0
    }

    fn micros(&self) -> u64 {
        0
    }

    async fn load(&self, _: &str) -> Option<Vec<u8>> {
        None
    }

    async fn store(&self, _: &str, _: &[u8]) {}
}

/// A client that is recorded, and the answers that it has had since they were last taken.
fn recorder(http: &Http) -> Recorder {
    Recorder {
        http: http.clone(),
        answers: RefCell::default(),
    }
}

/// A page that predicts: the keys that it needed, in their order, and what the first call changes.
struct Foreseeing {
    keys: Vec<StateKey>,
    changed: Vec<StateKey>,
}

/// Reads what a prediction needs until it is there.
async fn learn<T>(
    predictor: &mut Predictor<Wasmtime>,
    client: &mut Client<&Recorder>,
    keys: &mut Vec<StateKey>,
    predict: impl Fn(&Predictor<Wasmtime>) -> Result<Predicted<T>, Unpredictable>,
) -> T {
    loop {
        match predict(predictor).expect("a prediction") {
            Predicted::Will(told) => return told,
            Predicted::Needs(needs) => {
                let read = client.values(&needs).await.expect("values");
                for (key, value) in needs.into_iter().zip(read.values) {
                    predictor.know(key, value);
                    keys.push(key);
                }
            }
        }
    }
}

/// What a predictor asks in the first part (tests/peers/predict-pages.mjs): all that the later calls and a query need.
async fn foresee(client: &mut Client<&Recorder>, calls: &[Vec<u8>]) -> Foreseeing {
    let params = StateKey::of_system(SystemKey::Params);
    let read = client.values(&[params]).await.expect("values");
    let (chain_id, time_ms) = (client.anchors().chain_id, read.time_ms + 1000);
    let mut predictor = Predictor::new(engine(&chess().admitted), chain_id, read.boundary);
    predictor.know(params, read.values[0].clone());
    let mut keys = vec![params];
    let first = learn(&mut predictor, client, &mut keys, |it| {
        it.calls(&calls[..1], time_ms)
    })
    .await;
    learn(&mut predictor, client, &mut keys, |it| it.calls(calls, time_ms)).await;
    learn(&mut predictor, client, &mut keys, |it| {
        it.query(0, &1u32.to_le_bytes())
    })
    .await;
    Foreseeing {
        keys,
        changed: first.changes.into_keys().collect(),
    }
}

/// And in the second part: all of it once more, what the module answers, and what the first of the calls has changed.
async fn look_back(told: &Foreseeing, client: &mut Client<&Recorder>, recorder: &Recorder, chain: &str) {
    client.values(&told.keys).await.expect("values");
    let places = told.changed.iter();
    let places: Vec<String> = places
        .map(|key| format!(r#"{{"place":"{}"}}"#, digits(&key.0)))
        .collect();
    let changed = format!(r#"{{"keys":[{}],"height":{}}}"#, places.join(","), CALLS[0] + 1);
    let query = r#"{"entry":0,"payload":"01000000"}"#;
    for (path, question) in [("/state", changed.as_str()), ("/query", query)] {
        let request = Request {
            path: &format!("{chain}{path}"),
            body: Some(Body::Json(question)),
            bytes_max: 1 << 20,
        };
        recorder.fetch(request).await.expect("an answer");
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut args = std::env::args().skip(1);
    let (url, folder) = args
        .next()
        .zip(args.next())
        .expect("the page's address, and the network's folder");
    let (address, link) = url.split_once('#').expect("a link behind the #");
    let http = Http::new(address.trim_end_matches('/'), None, ClientLimits::default()).expect("an address");
    let anchors = anchors(link);
    let mut players = Players::of(anchors.chain_id);
    let game = Match::of(&recorded()[0], 1);
    let calls = game.opening(&mut players).into_iter().chain(game.moves());
    let calls: Vec<Vec<u8>> = calls.take(CALLS[1]).map(|call| call.sign(&mut players)).collect();
    let account = players.id(&game.white).0;
    let ids: Vec<[u8; 32]> = calls
        .iter()
        .map(|call| fr_to_bytes(&call_message(anchors.chain_id, call).expect("a call")))
        .collect();
    let chain = format!("/v1/chains/{}", digits(&fr_to_bytes(&anchors.chain_id)));

    // One that is not recorded submits, and waits until all is proven.
    let live = recorder(&http);
    let mut live = Client::new(&live, anchors.clone());
    let follower = recorder(&http);
    let mut follower_client = Client::new(&follower, anchors.clone());
    let mut parts = Vec::new();
    let mut foreseen = None;
    let mut begin = 0;
    for end in CALLS {
        for call in &calls[begin..end] {
            live.submit(call).await.expect("it is sealed");
        }
        loop {
            live.head().await.expect("a head");
            while live.prove().await.expect("proofs") > 0 {}
            if live.call(&ids[end - 1]).await.expect("a call").rung == Rung::Proven {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        // One that has followed so far, and one that comes new.
        let seen = look(&mut follower_client, &ids[..end], account)
            .await
            .expect("the truth");
        eprintln!("{seen:?}");
        let new = recorder(&http);
        let mut client = Client::new(&new, anchors.clone());
        let again = look(&mut client, &ids[..end], account).await.expect("the truth");
        assert_eq!(again, seen);
        client.submit(&calls[end - 1]).await.expect("the same call again");
        // What a client asks that is denied a call which it knows, one that looks at every block, and a page that
        // predicts or rolls the chain back.
        let mut paths = ["/blocks/1/tape", "/blocks?from=1&count=1", "/module/instrumented"]
            .map(str::to_owned)
            .to_vec();
        paths.push(format!("/blocks?from={}&count=1", seen.height - 1));
        paths.extend((0..=seen.height).map(|height| format!("/blocks/{height}")));
        for path in paths {
            let path = Request {
                path: &format!("{chain}{path}"),
                body: None,
                bytes_max: 1 << 20,
            };
            (&new).fetch(path).await.expect("an answer");
        }
        match &foreseen {
            None => foreseen = Some(foresee(&mut client, &calls[CALLS[0]..]).await),
            Some(told) => look_back(told, &mut client, &new, &chain).await,
        }
        let mut answers = follower.answers.take();
        answers.append(&mut new.answers.borrow_mut());
        parts.push(answers);
        begin = end;
    }
    let chain = digits(&fr_to_bytes(&anchors.chain_id));
    let secret = Path::new(&folder)
        .join("chains")
        .join(chain)
        .join("committee.key");
    let secret = fs::read_to_string(&secret).unwrap_or_else(|error| panic!("{}: {error}", secret.display()));
    let recorded = Recorded {
        link: link.to_owned(),
        committee_secret: bytes(secret.trim()).try_into().expect("a key of 32 bytes"),
        last_call: calls[CALLS[1] - 1].clone(),
        calls: [ids[..CALLS[0]].to_vec(), ids[CALLS[0]..].to_vec()],
        account,
        parts: parts.try_into().expect("two parts"),
    };
    print!("{}", recorded.write());
}
