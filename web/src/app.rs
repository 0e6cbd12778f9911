//! The page: its frame, the chain that it opens, and the place that is shown.

use crate::anchors::{self, Known, Other};
use crate::browser;
use crate::chain::{Action, CHOSEN, Handles, Opened, State};
use crate::explorer::Explorer;
use crate::given::Given;
use crate::js::Client;
use crate::lies::Caught;
use crate::other_link::OtherLink;
use crate::play::Play;
use crate::play::driver::Driver;
use crate::route::{Address, Route};
use crate::store::Store;
use crate::text::ago;
use crate::told::Trouble;
use crate::verify::Verify;
use crate::wallet::WalletPage;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// How far the page is.
#[derive(Clone)]
enum Phase {
    Opening,
    Failed(Trouble),
    /// The chain is known under another link.
    Warned(Rc<Other>),
    Open(Rc<Driver>),
}

/// The place behind the `#`, as it changes. Another chain's link is another page.
#[hook]
fn use_address() -> Address {
    let address = use_state(|| Address::read(&browser::fragment()));
    {
        let address = address.clone();
        use_effect_with((), move |()| {
            let begin = (*address).clone();
            let changed = Closure::<dyn Fn()>::new(move || {
                let next = Address::read(&browser::fragment());
                if next.link == begin.link {
                    address.set(next);
                } else {
                    let _ = browser::window().location().reload();
                }
            });
            browser::window().set_onhashchange(Some(changed.as_ref().unchecked_ref()));
            move || drop(changed)
        });
    }
    (*address).clone()
}

/// Follows the chain, and has its link remembered.
fn follow(client: &Client, known: &Known, store: Rc<Store<State>>) {
    let heard = known.clone();
    client.follow(move |news| {
        ask_again(&heard);
        if news.view.as_ref().is_some_and(|view| view.head.is_some()) {
            anchors::remember(&heard);
        }
        store.act(Action::Heard(Box::new(news)));
    });
    // While this one was opened, nobody listened.
    ask_again(known);
    let known = known.clone();
    browser::when_kept_elsewhere(move |name| {
        ask_again(&known);
        // Who plays here was chosen in another tab.
        if name.starts_with(CHOSEN) && name.contains("/plays-") {
            let _ = browser::window().location().reload();
        }
    });
}

/// When another link of this chain is believed by now, in another tab, the visitor is asked here, too.
fn ask_again(known: &Known) {
    if anchors::other(known).is_some() {
        let _ = browser::window().location().reload();
    }
}

#[component]
pub fn App() -> Html {
    let address = use_address();
    let store = use_memo((), |()| Store::new(State::default()));
    let chain = use_state(|| store.get());
    let phase = use_state(|| Phase::Opening);
    {
        let (store, chain, phase, address) =
            ((*store).clone(), chain.clone(), phase.clone(), address.clone());
        use_effect_with((), move |()| {
            store.listen(Callback::from(move |state| chain.set(state)));
            if address.link.is_empty() {
                browser::mark("data-ready", "no-link");
                return;
            }
            spawn_local(async move {
                let node = browser::asked("node")
                    .filter(|node| !node.is_empty())
                    .unwrap_or_else(browser::origin);
                let insecure = browser::asked("insecure").is_some();
                let follows = {
                    let store = store.clone();
                    move |client: &Client, known: &Known| follow(client, known, store)
                };
                match Handles::open(node, address, insecure, store, follows).await {
                    Ok(Opened::Ready(handles)) => {
                        phase.set(Phase::Open(Driver::new(Rc::from(handles))));
                        browser::mark("data-ready", "open");
                    }
                    Ok(Opened::Other(other)) => {
                        phase.set(Phase::Warned(Rc::from(other)));
                        browser::mark("data-ready", "warned");
                    }
                    Err(trouble) => {
                        phase.set(Phase::Failed(trouble));
                        browser::mark("data-ready", "failed");
                    }
                }
            });
        });
    }
    let content = match &*phase {
        _ if address.link.is_empty() => html! { <NoLink /> },
        Phase::Opening => {
            html! { <section class="card empty" role="status"><p>{ "Starting the light client…" }</p></section> }
        }
        Phase::Failed(trouble) => html! {
            <section class="card" role="alert">
                <h2>{ "This chain cannot be opened" }</h2>
                <p class="warning">{ &trouble.message }</p>
                <p>{ "Check that the whole link was copied: everything behind the # belongs to it." }</p>
            </section>
        },
        Phase::Warned(other) => html! { <OtherLink other={other.clone()} /> },
        Phase::Open(driver) => place(driver, &chain, &address.route),
    };
    let driver = match &*phase {
        Phase::Open(driver) => Some(driver.clone()),
        _ => None,
    };
    html! {
        <>
            <a class="skip" href="#main" onclick={Callback::from(|event: MouseEvent| {
                // The place behind the # stays.
                event.prevent_default();
                crate::play::focus_main();
            })}>{ "To the content" }</a>
            <header class="top">
                <span class="logo"><svg viewBox="0 0 32 32" aria-hidden="true" focusable="false"><use href="#logo" /></svg>{ "Playfair" }</span>
                if !address.link.is_empty() && !matches!(&*phase, Phase::Warned(_)) {
                    <nav aria-label="Page">{ for tabs(&address).into_iter() }</nav>
                }
                <Status chain={(*chain).clone()} />
            </header>
            if let Some(driver) = &driver {
                if driver.handles.anchors.insecure {
                    <p class="banner">{ "Development network: its proofs rest on a setup whose secret everybody knows. They show how it works, and convince nobody." }</p>
                }
                <Caught driver={driver.clone()} chain={(*chain).clone()} />
            }
            <main id="main" tabindex="-1">{ content }</main>
        </>
    }
}

fn tabs(address: &Address) -> Vec<Html> {
    let route = &address.route;
    let tabs = [
        (
            Route::Lobby,
            "Play",
            matches!(route, Route::Lobby | Route::Game(_)),
        ),
        (Route::Verify, "Verify", *route == Route::Verify),
        (
            Route::Blocks,
            "Explorer",
            matches!(
                route,
                Route::Blocks | Route::Block(_) | Route::Call(_) | Route::State
            ),
        ),
        (
            Route::Wallet,
            "Wallet",
            matches!(route, Route::Wallet | Route::Given(_)),
        ),
    ];
    let tab = |(to, name, is_here): (Route, &'static str, bool)| {
        html! { <a key={name} href={address.to(&to)} aria-current={is_here.then_some("page")}>{ name }</a> }
    };
    tabs.into_iter().map(tab).collect()
}

fn place(driver: &Rc<Driver>, chain: &UseStateHandle<Rc<State>>, route: &Route) -> Html {
    let (driver, handles, chain) = (driver.clone(), driver.handles.clone(), (**chain).clone());
    match route {
        Route::Lobby => html! { <Play {driver} {chain} number={None::<u32>} /> },
        Route::Game(number) => html! { <Play {driver} {chain} number={Some(*number)} /> },
        Route::Verify => html! { <Verify {handles} {chain} /> },
        Route::Wallet => html! { <WalletPage {driver} given={None::<Given>} /> },
        Route::Given(given) => html! { <WalletPage {driver} given={Some(given.clone())} /> },
        route => html! { <Explorer {handles} {chain} route={route.clone()} /> },
    }
}

#[derive(Properties)]
struct StatusProps {
    chain: Rc<State>,
}

impl PartialEq for StatusProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.chain, &other.chain)
    }
}

/// How far the chain is verified, and how old that is: the age is the visitor's only sign of a node that keeps silent.
#[component]
fn Status(props: &StatusProps) -> Html {
    let now = crate::play::use_now(1_000, true);
    let chain = &props.chain;
    let view = chain.view.as_ref();
    let head = view.and_then(|view| view.head.as_ref());
    let trouble = chain.trouble.as_ref().map(|trouble| match trouble.kind.as_str() {
        "unreachable" => "the node does not answer",
        "lie" if trouble.lie.as_ref().is_some_and(|lie| lie.made) => "the lie was caught",
        "lie" => "the node lies",
        "frozen" => "the committee was caught",
        "setup" => "its proofs are not believed here",
        "crashed" | "closed" => "the light client has ended: load the page again",
        _ => "the node refuses",
    });
    html! {
        <p class={classes!("status", trouble.map(|_| "bad"))} data-height={head.map_or_else(String::new, |head| head.height.to_string())}>
            if let Some(text) = trouble {
                <strong>{ if chain.is_heard { "another tab: " } else { "" } }{ text }</strong>{ " · " }
            }
            { match head {
                Some(head) => format!("block {}, {}", head.height, ago(now - head.time_ms as f64)),
                None => "no verified block yet".to_owned(),
            } }
            if let Some(block) = view.and_then(|view| view.proven_block) {
                <span class="proven-to">{ format!(" · proven to {block}") }</span>
            }
        </p>
    }
}

/// Whom to start from is nobody's to choose but the visitor's.
#[component]
fn NoLink() -> Html {
    let field = use_node_ref();
    let onsubmit = {
        let field = field.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let text = field
                .cast::<HtmlInputElement>()
                .map(|field| field.value())
                .unwrap_or_default();
            let link = text.rsplit('#').next().unwrap_or_default().trim().to_owned();
            if !link.is_empty() {
                browser::go(&format!("#{link}"));
            }
        })
    };
    html! {
        <section class="card">
            <h2>{ "Which chain?" }</h2>
            <p>{ "This page follows the chain that its address names: what stands behind the #, and begins with pf1. It says whom to believe, so it is nothing that a server could fill in." }</p>
            <form class="search" {onsubmit}>
                <input type="text" aria-label="Link of a chain" placeholder="pf1.…" ref={field} />
                <button type="submit" class="primary">{ "Open" }</button>
            </form>
            <p class="quiet">{ "Who runs the chain, or who invited you, has the link. `playfair dev` prints one for a network on your machine." }</p>
        </section>
    }
}
