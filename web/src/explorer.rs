//! The explorer: blocks, their calls, and values by their keys, each as far as it was verified here.

use crate::browser;
use crate::chain::{Handles, State};
use crate::form::typed;
use crate::lies::digest;
use crate::route::{Route, is_id};
use crate::text::{ago, bytes, hex};
use crate::told::{Block, BlockHead, Call, Outcome, Rung, Trouble, Values};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Blocks of a list.
const BLOCKS: u64 = 20;

#[derive(Properties)]
pub struct Props {
    pub handles: Rc<Handles>,
    pub chain: Rc<State>,
    pub route: Route,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.handles, &other.handles)
            && Rc::ptr_eq(&self.chain, &other.chain)
            && self.route == other.route
    }
}

type Asking<T> = Pin<Box<dyn Future<Output = Result<T, Trouble>>>>;

/// Asks again whenever `about` is another one; the last answer stays until there is a new one. So `about` may only change in what makes an answer older:
/// a component that is about another thing is another one, by its key.
#[hook]
fn use_asked<K: Clone + PartialEq + 'static, T: 'static>(
    about: K,
    handles: &Rc<Handles>,
    ask: impl FnOnce(K) -> Asking<T> + 'static,
) -> Option<Rc<Result<T, Trouble>>> {
    let answer = use_state(|| None::<(K, Rc<Result<T, Trouble>>)>);
    {
        let (answer, handles) = (answer.clone(), handles.clone());
        use_effect_with(about.clone(), move |about| {
            let about = about.clone();
            spawn_local(async move {
                let told = ask(about.clone())
                    .await
                    .map_err(|trouble| handles.caught(trouble));
                answer.set(Some((about, Rc::new(told))));
            });
        });
    }
    answer.as_ref().map(|(_, told)| Rc::clone(told))
}

/// A page's part that waits, failed, or is there.
fn shown<T>(answer: &Option<Rc<Result<T, Trouble>>>, show: impl FnOnce(&T) -> Html) -> Html {
    match answer.as_deref() {
        None => {
            html! { <p class="quiet" role="status">{ "Asking the node, and checking what it says…" }</p> }
        }
        Some(Err(trouble)) => html! { <p class="warning" role="alert">{ &trouble.message }</p> },
        Some(Ok(told)) => show(told),
    }
}

fn rung(rung: Rung) -> Html {
    html! { <span class={classes!("rung", rung.name())}>{ rung.name() }</span> }
}

fn outcome(outcome: &Outcome) -> String {
    match outcome.detail {
        Some(detail) if detail > 0 => format!("{} ({detail})", outcome.name),
        _ => outcome.name.clone(),
    }
}

#[component]
pub fn Explorer(props: &Props) -> Html {
    let handles = &props.handles;
    let link = |route: Route, name: &str| {
        let current = (route == props.route).then_some("page");
        html! { <a href={handles.to(&route)} aria-current={current}>{ name }</a> }
    };
    html! {
        <div class="explorer">
            <div class="bar">
                <nav aria-label="Explorer">{ link(Route::Blocks, "Blocks") }{ link(Route::State, "State") }</nav>
                <Search handles={handles.clone()} />
            </div>
            { match &props.route {
                Route::Block(height) => html! { <BlockPage key={*height} handles={handles.clone()} height={*height} chain={props.chain.clone()} /> },
                Route::Call(id) => html! { <CallPage key={id.clone()} handles={handles.clone()} id={id.clone()} chain={props.chain.clone()} /> },
                Route::State => html! { <StatePage handles={handles.clone()} /> },
                _ => html! { <Blocks handles={handles.clone()} chain={props.chain.clone()} /> },
            } }
        </div>
    }
}

#[derive(Properties)]
struct OfChain {
    handles: Rc<Handles>,
    #[prop_or_default]
    chain: Rc<State>,
}

impl PartialEq for OfChain {
    fn eq(&self, other: &Self) -> bool {
        self.handles == other.handles && Rc::ptr_eq(&self.chain, &other.chain)
    }
}

/// A height is a block's, 64 digits are a call's.
fn place_of(text: &str) -> Option<Route> {
    let text = text.to_lowercase();
    match text.parse() {
        Ok(height) => Some(Route::Block(height)),
        Err(_) => is_id(&text).then_some(Route::Call(text)),
    }
}

/// A block by its height, or a call by its id.
#[component]
fn Search(props: &OfChain) -> Html {
    let wrong = use_state_eq(|| false);
    let onsubmit = {
        let (handles, wrong) = (props.handles.clone(), wrong.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let route = typed(&event).and_then(|text| place_of(&text));
            wrong.set(route.is_none());
            if let Some(route) = route {
                browser::go(&handles.to(&route));
            }
        })
    };
    html! {
        <form class="search" role="search" {onsubmit}>
            <input type="text" aria-label="Height of a block, or id of a call" placeholder="Block height or call id" aria-invalid={wrong.to_string()} />
            <button type="submit">{ "Show" }</button>
            if *wrong { <span class="warning" role="alert">{ "A number, or 64 digits" }</span> }
        </form>
    }
}

/// The last blocks.
#[component]
fn Blocks(props: &OfChain) -> Html {
    let head = props
        .chain
        .view
        .as_ref()
        .and_then(|view| view.head.as_ref())
        .map(|head| head.height);
    let client = props.handles.client.clone();
    let blocks = use_asked(head, &props.handles, move |head| {
        Box::pin(async move {
            let Some(head) = head else { return Ok(Vec::new()) };
            let from = head.saturating_sub(BLOCKS - 1);
            client.blocks(from, head - from + 1).await
        })
    });
    let now = crate::play::use_now(1_000, true);
    let row = |block: &BlockHead| {
        html! {
            <tr key={block.height}>
                <th scope="row"><a href={props.handles.to(&Route::Block(block.height))}>{ block.height }</a></th>
                <td>{ rung(block.rung) }</td>
                <td class="number">{ block.records }</td>
                <td>{ ago(now - block.time_ms as f64) }</td>
                <td>{ digest(&block.digest) }</td>
            </tr>
        }
    };
    html! {
        <section class="card" aria-labelledby="blocks">
            <h2 id="blocks">{ "The last blocks" }</h2>
            { shown(&blocks, |blocks| html! {
                <div class="scroll" tabindex="0" role="region" aria-labelledby="blocks">
                    <table>
                        <thead><tr><th scope="col">{ "Height" }</th><th scope="col">{ "Rung" }</th><th scope="col">{ "Records" }</th><th scope="col">{ "Sealed" }</th><th scope="col">{ "Digest" }</th></tr></thead>
                        <tbody>{ for blocks.iter().rev().map(row) }</tbody>
                    </table>
                    if blocks.is_empty() { <p class="quiet">{ "No block is certified yet." }</p> }
                </div>
            }) }
            <p class="quiet">{ "An idle chain makes no blocks." }</p>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct OfBlock {
    handles: Rc<Handles>,
    chain: Rc<State>,
    height: u64,
}

/// What is proven of the chain: what was only sequenced may be more by now.
fn frames(chain: &State) -> u64 {
    chain
        .view
        .as_ref()
        .and_then(|view| view.proven.as_ref())
        .map_or(0, |proven| proven.frames)
}

/// One block with all that is in it.
#[component]
fn BlockPage(props: &OfBlock) -> Html {
    let handles = props.handles.clone();
    let block = use_asked(
        (props.height, frames(&props.chain)),
        &props.handles,
        move |(height, _)| Box::pin(async move { handles.block(height).await }),
    );
    let show = |block: &Block| {
        html! {
            <>
                <dl>
                    <div><dt>{ "Digest" }</dt><dd>{ digest(&block.digest) }{ " on " }{ digest(&block.parent) }</dd></div>
                    <div><dt>{ "State root" }</dt><dd>{ digest(&block.state_root) }</dd></div>
                    <div><dt>{ "Time" }</dt><dd>{ String::from(js_sys::Date::new(&(block.time_ms as f64).into()).to_iso_string()) }</dd></div>
                </dl>
                <div class="scroll" tabindex="0" role="region" aria-label="Records">
                    <table>
                        <thead><tr><th scope="col">{ "Record" }</th><th scope="col">{ "Kind" }</th><th scope="col">{ "By" }</th><th scope="col">{ "Entry" }</th><th scope="col">{ "Outcome" }</th><th scope="col">{ "Gas" }</th></tr></thead>
                        <tbody>
                            { for block.records.iter().map(|record| html! {
                                <tr key={record.index}>
                                    <th scope="row">{ match &record.id {
                                        Some(id) => html! { <a href={props.handles.to(&Route::Call(id.clone()))}>{ crate::text::short(id) }</a> },
                                        None => html! { record.index },
                                    } }</th>
                                    <td>{ &record.kind }</td>
                                    <td>{ record.signed.as_ref().map_or_else(Html::default, |signed| digest(&signed.account)) }</td>
                                    <td class="number">{ record.signed.as_ref().map_or_else(String::new, |signed| signed.entry.to_string()) }</td>
                                    <td>{ outcome(&record.outcome) }</td>
                                    <td class="number">{ record.gas_used }</td>
                                </tr>
                            }) }
                        </tbody>
                    </table>
                </div>
                <p class="quiet">{ "These are all of the block's records: they were held against its header, and its header against the committee's certificate." }</p>
            </>
        }
    };
    html! {
        <section class="card">
            <h2>{ format!("Block {}", props.height) }{ match block.as_deref() { Some(Ok(block)) => rung(block.rung), _ => Html::default() } }</h2>
            { shown(&block, show) }
            <nav class="pages" aria-label="Other blocks">
                if props.height > 0 { <a href={props.handles.to(&Route::Block(props.height - 1))}>{ "← before" }</a> }
                <a href={props.handles.to(&Route::Block(props.height + 1))}>{ "after →" }</a>
            </nav>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct OfCall {
    handles: Rc<Handles>,
    chain: Rc<State>,
    id: AttrValue,
}

/// One call.
#[component]
fn CallPage(props: &OfCall) -> Html {
    let handles = props.handles.clone();
    let call = use_asked(
        (props.id.clone(), frames(&props.chain)),
        &props.handles,
        move |(id, _)| Box::pin(async move { handles.call(&id).await }),
    );
    let show = |call: &Call| {
        html! {
            <>
                <dl>
                    <div><dt>{ "In" }</dt><dd><a href={props.handles.to(&Route::Block(call.height))}>{ format!("block {}", call.height) }</a>{ format!(", record {}", call.index) }</dd></div>
                    <div><dt>{ "Outcome" }</dt><dd>{ outcome(&call.outcome) }{ format!(", {} gas", call.gas_used) }</dd></div>
                    if let Some(signed) = &call.signed {
                        <div><dt>{ "Signed by" }</dt><dd>{ digest(&signed.account) }{ format!(", nonce {}", signed.nonce) }</dd></div>
                        <div><dt>{ "Entry" }</dt><dd>{ signed.entry }{ " with " }<code class="bytes">{ or_nothing(&signed.payload) }</code></dd></div>
                    }
                    <div><dt>{ "Output" }</dt><dd><code class="bytes">{ or_nothing(&call.output) }</code></dd></div>
                    { for call.events.iter().map(|event| html! { <div><dt>{ format!("Event {}", event.topic) }</dt><dd><code class="bytes">{ or_nothing(&event.data) }</code></dd></div> }) }
                </dl>
                { props.handles.words(call.rung).map_or_else(Html::default, |words| html! {
                    <dl class="words">
                        <div><dt>{ "What was checked" }</dt><dd>{ &words.checked }</dd></div>
                        <div><dt>{ "Who could still cheat" }</dt><dd>{ &words.cheats }</dd></div>
                        <div><dt>{ "What you hold" }</dt><dd>{ &words.holds }</dd></div>
                    </dl>
                }) }
            </>
        }
    };
    html! {
        <section class="card">
            <h2>{ "Call " }{ digest(&props.id) }{ match call.as_deref() { Some(Ok(call)) => rung(call.rung), _ => Html::default() } }</h2>
            { shown(&call, show) }
        </section>
    }
}

fn or_nothing(digits: &str) -> String {
    if digits.is_empty() {
        "nothing".to_owned()
    } else {
        digits.to_owned()
    }
}

/// A key as it is typed: digits behind `0x`, else text.
fn key(text: &str) -> Option<Vec<u8>> {
    let key = match text.strip_prefix("0x") {
        Some(digits) => bytes(digits)?,
        None => text.as_bytes().to_vec(),
    };
    (!key.is_empty() && key.len() <= 64).then_some(key)
}

/// Values by their keys.
#[component]
fn StatePage(props: &OfChain) -> Html {
    let asked = use_state_eq(|| None::<Vec<u8>>);
    let wrong = use_state_eq(|| false);
    let onsubmit = {
        let (asked, wrong) = (asked.clone(), wrong.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let found = typed(&event).and_then(|text| key(&text));
            wrong.set(found.is_none());
            if found.is_some() {
                asked.set(found);
            }
        })
    };
    html! {
        <section class="card" aria-labelledby="state">
            <h2 id="state">{ "State by key" }</h2>
            <form class="search" {onsubmit}>
                <input type="text" aria-label="Key" placeholder={format!("0x{} (game 1), or text", hex(&crate::play::abi::game_key(1)))} aria-invalid={wrong.to_string()} />
                <button type="submit">{ "Prove it" }</button>
                if *wrong { <span class="warning" role="alert">{ "1 to 64 bytes: text, or digits behind 0x" }</span> }
            </form>
            if let Some(key) = &*asked {
                <Value key={hex(key)} handles={props.handles.clone()} of={key.clone()} />
            }
            <p class="quiet">{ "Keys are hashed: nobody can list what exists, but whoever knows a key can prove its value, or that it has none." }</p>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct OfKey {
    handles: Rc<Handles>,
    of: Vec<u8>,
}

/// One value, at the head and after the newest proven block.
#[component]
fn Value(props: &OfKey) -> Html {
    let (client, client2) = (props.handles.client.clone(), props.handles.client.clone());
    let certified = use_asked(props.of.clone(), &props.handles, move |key| {
        Box::pin(async move { client.values(&[key]).await })
    });
    let proven = use_asked(props.of.clone(), &props.handles, move |key| {
        Box::pin(async move { client2.proven_values(&[key]).await })
    });
    let value = |values: &Values| {
        let Some(value) = values.values.first() else {
            return Html::default();
        };
        html! {
            <div class="value">
                <p>{ rung(values.rung) }{ format!(" after block {}", values.height) }</p>
                { match value {
                    Some(value) => html! { <code class="bytes">{ or_nothing(value) }</code> },
                    None => html! { <p>{ "There is no such value. That is verified: absence has a proof, too." }</p> },
                } }
            </div>
        }
    };
    html! {
        <>
            <p>{ "Key " }<code>{ format!("0x{}", hex(&props.of)) }</code></p>
            { shown(&certified, value) }
            { shown(&proven, |proven| proven.as_ref().map_or_else(|| html! { <p class="quiet">{ "No block is proven to its end yet." }</p> }, value)) }
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::{key, place_of};
    use crate::route::Route;

    #[test]
    fn blocks_have_heights_and_calls_have_ids() {
        let id = "0A".repeat(32);
        assert_eq!(place_of(&id), Some(Route::Call(id.to_lowercase())));
        assert_eq!(place_of("12"), Some(Route::Block(12)));
        assert_eq!(["", "-1", "0a"].map(place_of), [None, None, None]);
    }

    #[test]
    fn keys_are_text_or_digits() {
        assert_eq!(key("0x0001ff"), Some(vec![0, 1, 255]));
        assert_eq!(key("abc"), Some(b"abc".to_vec()));
        for wrong in ["", "0x", "0x0", "0xgg", &"x".repeat(65)] {
            assert_eq!(key(wrong), None, "{wrong}");
        }
    }
}
