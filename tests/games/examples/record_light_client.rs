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
use playfair_predict::{Predicted, Predictor};
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
#[derive(Default)]
struct Foreseeing {
    keys: Vec<StateKey>,
    changed: Vec<StateKey>,
}

/// Asks what a predictor asks (tests/peers/predict-pages.mjs): in the first part for all that the later calls and a query need, in the second once
/// for all of it, and for what the first of these calls has changed.
async fn foresee(
    told: &mut Foreseeing,
    client: &mut Client<&Recorder>,
    recorder: &Recorder,
    calls: &[Vec<u8>],
) {
    let chain = format!("/v1/chains/{}", digits(&fr_to_bytes(&client.anchors().chain_id)));
    let ask = async |path: &str, body: Option<Body<'_>>| {
        let path = format!("{chain}{path}");
        let request = Request {
            path: &path,
            body,
            bytes_max: 1 << 20,
        };
        recorder.fetch(request).await.expect("an answer");
    };
    if !told.keys.is_empty() {
        client.values(&told.keys).await.expect("values");
        ask("/query", Some(Body::Json(r#"{"entry":0,"payload":"01000000"}"#))).await;
        let places: Vec<String> = told
            .changed
            .iter()
            .map(|key| format!(r#"{{"place":"{}"}}"#, digits(&key.0)))
            .collect();
        let question = format!(r#"{{"keys":[{}],"height":{}}}"#, places.join(","), CALLS[0] + 1);
        return ask("/state", Some(Body::Json(&question))).await;
    }
    ask("/module", None).await;
    let params = StateKey::of_system(SystemKey::Params);
    let read = client.values(&[params]).await.expect("values");
    let time_ms = read.time_ms + 1000;
    let (chain_id, engine) = (client.anchors().chain_id, engine(&chess().admitted));
    let mut predictor = Predictor::new(engine, chain_id, read.boundary);
    predictor.know(params, read.values[0].clone());
    told.keys.push(params);
    let mut needs = Vec::new();
    let mut asked = 0;
    while asked < 3 {
        for (key, value) in std::iter::zip(
            &needs,
            client.values(&needs).await.map_or(Vec::new(), |read| read.values),
        ) {
            predictor.know(*key, value);
            told.keys.push(*key);
        }
        let predicted = match asked {
            0 | 1 => match predictor
                .calls(if asked == 0 { &calls[..1] } else { calls }, time_ms)
                .expect("calls")
            {
                Predicted::Needs(keys) => Some(keys),
                Predicted::Will(foreseen) if asked == 0 => {
                    told.changed = foreseen.changes.into_keys().collect();
                    None
                }
                Predicted::Will(_) => None,
            },
            _ => match predictor.query(0, &1u32.to_le_bytes()).expect("a query") {
                Predicted::Needs(keys) => Some(keys),
                Predicted::Will(_) => None,
            },
        };
        asked += usize::from(predicted.is_none());
        needs = predicted.unwrap_or_default();
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
    let mut foreseeing = Foreseeing::default();
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
        // What a client asks that is denied a call which it knows, one that looks at every block, and a page that rolls the chain back.
        let mut paths = vec!["/blocks/1/tape".to_owned(), "/blocks?from=1&count=1".to_owned()];
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
        foresee(&mut foreseeing, &mut client, &new, &calls[CALLS[0]..]).await;
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
