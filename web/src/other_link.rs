//! A known chain under a link that says something else of it: nothing is followed, shown or signed before the visitor has chosen.

use crate::anchors::{self, Difference, Known, Other};
use crate::browser;
use crate::lies::digest;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub other: Rc<Other>,
}

/// What it is that differs, and what a link says of it.
fn row(difference: Difference, known: &Known, found: &Known) -> Html {
    let (what, says): (_, fn(&Known) -> Html) = match difference {
        Difference::CommitteeKey => ("Who orders the calls: the committee’s key", |link| {
            digest(&link.anchors.committee.key)
        }),
        Difference::CommitteeTerms => ("The committee’s terms", |link| {
            let committee = &link.anchors.committee;
            html! { format!("{} of {}, epoch {}", committee.threshold, committee.members, committee.epoch) }
        }),
        Difference::KeySet => ("Which proofs count: the set of verifying keys", |link| {
            digest(&link.anchors.key_set_root)
        }),
        Difference::Module => ("The rules: the chain’s first module", |link| {
            digest(&link.anchors.module)
        }),
        Difference::Setup => ("What proofs rest on", |link| {
            html! { { if link.anchors.insecure { "the development setup, whose secret everybody knows" } else { "a public setup" } } }
        }),
    };
    html! {
        <tr key={what}>
            <th scope="row">{ what }</th>
            <td data-label="The link that you know">{ says(known) }</td>
            <td data-label="This link">{ says(found) }</td>
        </tr>
    }
}

#[component]
pub fn OtherLink(props: &Props) -> Html {
    let believing = use_state_eq(|| false);
    let Other { known, found } = &*props.other;
    let differences = props.other.differences();
    let since = js_sys::Date::new(&(known.since_ms as f64).into());
    let since = since.to_date_string().as_string().unwrap_or_default();
    let set = |to: bool| {
        let believing = believing.clone();
        Callback::from(move |_: MouseEvent| believing.set(to))
    };
    let believe = {
        let found = found.clone();
        Callback::from(move |_: MouseEvent| {
            anchors::believe(&found);
            let _ = browser::window().location().reload();
        })
    };
    html! {
        <section class="card other-link" role="alert" aria-labelledby="other-link">
            <h2 id="other-link">{ "You know this chain under another link" }</h2>
            <p>{ "This link names the chain " }{ digest(&found.anchors.chain_id) }{ format!(", which this browser has known since {since}, and would have you believe somebody else about it:") }</p>
            <table class="stack">
                <thead><tr><th scope="col">{ "What differs" }</th><th scope="col">{ "The link that you know" }</th><th scope="col">{ "This link" }</th></tr></thead>
                <tbody>{ for differences.iter().map(|difference| row(*difference, known, found)) }</tbody>
            </table>
            if differences.contains(&Difference::Module) {
                <p class="warning">{ "A chain’s id is made of its first module: one of the two links is certainly false." }</p>
            }
            <p>{ "Whoever wrote a false link could show you a position that is none, and what you sign for it would count on the chain that you know. So nothing is shown yet, and your keys stay shut." }</p>
            <p class="quiet">{ "If who runs the chain has changed this, they will say so: ask them, or whoever gave you the link, on a way that you trust. Neither this page nor the node can tell you." }</p>
            <div class="buttons">
                <a class="button primary" href={known.address()}>{ "Open the link that I know" }</a>
                if *believing {
                    <button type="button" class="danger" onclick={believe}>{ "Yes, I asked: believe it, and let my keys sign for it" }</button>
                    <button type="button" onclick={set(false)}>{ "No" }</button>
                } else {
                    <button type="button" onclick={set(true)}>{ "Believe this link from now on" }</button>
                }
            </div>
        </section>
    }
}
