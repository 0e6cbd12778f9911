//! Verify: whom the page starts from, what it checked, and what it caught.

use crate::browser;
use crate::chain::{Handles, State};
use crate::lies::{Told, digest};
use crate::text::{ago, took};
use crate::told::Role;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties)]
pub struct Props {
    pub handles: Rc<Handles>,
    pub chain: Rc<State>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.handles, &other.handles) && Rc::ptr_eq(&self.chain, &other.chain)
    }
}

#[component]
pub fn Verify(props: &Props) -> Html {
    let now = crate::play::use_now(1_000, true);
    let (handles, chain) = (&props.handles, &props.chain);
    let anchors = &handles.anchors;
    let committee = &anchors.committee;
    let view = chain.view.as_ref();
    let head = view.and_then(|view| view.head.as_ref());
    let proven = view.and_then(|view| view.proven.as_ref());
    let role = match chain.role {
        Role::Leader | Role::Alone => "This tab asks the node itself.",
        Role::Follower => {
            "Another tab of this page asks the node; this one reads what that one kept, as strictly as after a reload."
        }
    };
    html! {
        <div class="verify columns">
            <section class="card" aria-labelledby="whom">
                <h2 id="whom">{ "Whom you start from" }</h2>
                <dl>
                    <div><dt>{ "This code" }</dt><dd>{ "served by " }<strong>{ browser::origin() }</strong>{ ". Whoever serves a page could serve another one: compare " }
                        <a href="bundle.json">{ "its digest" }</a>{ " with the published one, or serve it yourself." }</dd></div>
                    <div><dt>{ "The link" }</dt><dd>{ "names the chain " }{ digest(&anchors.chain_id) }{ ", its first module " }{ digest(&anchors.module) }{ " and the keys of its proofs " }{ digest(&anchors.key_set_root) }
                        { ". Whoever gave it to you is whom you believe; the node is not." }</dd></div>
                    <div><dt>{ "The committee" }</dt><dd>{ format!("{} of {} sign each block (epoch {}), key ", committee.threshold, committee.members, committee.epoch) }{ digest(&committee.key) }</dd></div>
                    <div><dt>{ "The setup" }</dt><dd>{ if anchors.insecure { "for development: everybody knows its secret, so proofs convince nobody but developers" } else { "a public one, of which one honest participant is enough" } }</dd></div>
                </dl>
            </section>
            <section class="card" aria-labelledby="now">
                <h2 id="now">{ "What is verified now" }</h2>
                <dl>
                    <div><dt>{ "Certified" }</dt><dd>{ match head {
                        Some(head) => html! { <>{ format!("block {}, sealed {}, digest ", head.height, ago(now - head.time_ms as f64)) }{ digest(&head.digest) }</> },
                        None => html! { "no block yet" },
                    } }</dd></div>
                    <div><dt>{ "Proven" }</dt><dd>{ match (proven, view.and_then(|view| view.proven_block)) {
                        (Some(proven), Some(block)) => format!("{} records by {} proofs; all of block {block} and before", proven.frames, proven.proofs),
                        (Some(proven), None) => format!("{} records by {} proofs", proven.frames, proven.proofs),
                        _ => "nothing yet".to_owned(),
                    } }</dd></div>
                    <div><dt>{ "Checks" }</dt><dd>{ format!("{} held in this tab since you opened it", chain.held) }</dd></div>
                    <div><dt>{ "Tabs" }</dt><dd>{ role }</dd></div>
                </dl>
                <p class="quiet">{ "A node that keeps silent cannot be told from a slow network: look at the age of the last block." }</p>
            </section>
            <section class="card wide" aria-labelledby="rungs">
                <h2 id="rungs">{ "The rungs" }</h2>
                <div class="scroll" tabindex="0" role="region" aria-labelledby="rungs">
                    <table class="stack">
                        <thead><tr><th scope="col">{ "Rung" }</th><th scope="col">{ "What is checked" }</th><th scope="col">{ "Who could still cheat" }</th><th scope="col">{ "What you hold" }</th></tr></thead>
                        <tbody>
                            { for handles.ladder.iter().map(|words| html! {
                                <tr key={words.name.name()}>
                                    <th scope="row"><span class={classes!("rung", words.name.name())}>{ words.name.name() }</span></th>
                                    <td data-label="What is checked">{ &words.checked }</td>
                                    <td data-label="Who could still cheat">{ &words.cheats }</td>
                                    <td data-label="What you hold">{ &words.holds }</td>
                                </tr>
                            }) }
                        </tbody>
                    </table>
                </div>
            </section>
            <section class="card wide" aria-labelledby="caught">
                <h2 id="caught">{ "Lies that were caught" }</h2>
                if chain.lies.is_empty() {
                    <p class="quiet">{ "None so far. In a game, “Make the node lie” shows how one is caught." }</p>
                }
                { for chain.lies.iter().map(|lie| html! { <Told lie={lie.clone()} /> }) }
            </section>
            <section class="card wide" aria-labelledby="checks">
                <h2 id="checks">{ "Checks that held, the newest first" }</h2>
                <div class="scroll tall" tabindex="0" role="region" aria-labelledby="checks">
                    <table class="checks">
                        <thead><tr><th scope="col">{ "Check" }</th><th scope="col">{ "What" }</th><th scope="col">{ "Against what" }</th><th scope="col">{ "Took" }</th></tr></thead>
                        <tbody>
                            { for chain.checks.iter().map(|check| html! {
                                <tr><th scope="row">{ &check.kind }if check.is_heard { <span class="quiet">{ " in another tab" }</span> }</th><td>{ &check.what }</td><td>{ &check.against }</td><td class="number">{ took(check.micros as f64 / 1e3) }</td></tr>
                            }) }
                        </tbody>
                    </table>
                </div>
            </section>
        </div>
    }
}
