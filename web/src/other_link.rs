//! A known chain under a link that says something else of it: nothing is followed, shown or signed before the visitor has chosen.

use crate::anchors::{self, Difference, Other};
use crate::browser;
use crate::lies::digest;
use crate::sure::Sure;
use crate::text::short_apart;
use crate::told::Anchors;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub other: Rc<Other>,
}

/// What a link says of something.
enum Said {
    Digits(String),
    Words(String),
}

fn said(difference: Difference, anchors: &Anchors) -> Said {
    let committee = &anchors.committee;
    match difference {
        Difference::CommitteeKey => Said::Digits(committee.key.clone()),
        Difference::CommitteeTerms => Said::Words(format!(
            "{} of {}, epoch {}",
            committee.threshold, committee.members, committee.epoch
        )),
        Difference::KeySet => Said::Digits(anchors.key_set_root.clone()),
        Difference::Module => Said::Digits(anchors.module.clone()),
        Difference::Setup if anchors.insecure => {
            Said::Words("the development setup, whose secret everybody knows".to_owned())
        }
        Difference::Setup => Said::Words("a public setup".to_owned()),
    }
}

fn title(difference: Difference) -> &'static str {
    match difference {
        Difference::CommitteeKey => "Who orders the calls: the committee’s key",
        Difference::CommitteeTerms => "The committee’s terms",
        Difference::KeySet => "Which proofs count: the set of verifying keys",
        Difference::Module => "The rules: the chain’s first module",
        Difference::Setup => "What proofs rest on",
    }
}

fn cell(said: &Said, other: &Said) -> Html {
    match (said, other) {
        (Said::Digits(digits), Said::Digits(other)) => {
            html! { <code title={digits.clone()}>{ short_apart(digits, other) }</code> }
        }
        (Said::Digits(text) | Said::Words(text), _) => html! { text },
    }
}

fn row(difference: Difference, known: &Anchors, found: &Anchors) -> Html {
    let (ours, theirs) = (said(difference, known), said(difference, found));
    html! {
        <tr key={title(difference)}>
            <th scope="row">{ title(difference) }</th>
            <td data-label="The link that you know">{ cell(&ours, &theirs) }</td>
            <td data-label="This link">{ cell(&theirs, &ours) }</td>
        </tr>
    }
}

#[component]
pub fn OtherLink(props: &Props) -> Html {
    let Other { known, found } = &*props.other;
    let differences = props.other.differences();
    let since = js_sys::Date::new(&(known.since_ms as f64).into());
    let since = since.to_date_string().as_string().unwrap_or_default();
    let believe = {
        let found = found.clone();
        Callback::from(move |_: MouseEvent| {
            anchors::believe(&found);
            let _ = browser::window().location().reload();
        })
    };
    html! {
        <section class="card other-link" role="alert" aria-labelledby="other-link">
            <h2 id="other-link" class="warning">{ "You know this chain under another link" }</h2>
            <p>{ "This link names the chain " }{ digest(&found.anchors.chain_id) }{ format!(", which this browser has known since {since}, and would have you believe somebody else about it:") }</p>
            <table class="stack">
                <thead><tr><th scope="col">{ "What differs" }</th><th scope="col">{ "The link that you know" }</th><th scope="col">{ "This link" }</th></tr></thead>
                <tbody>{ for differences.iter().map(|difference| row(*difference, &known.anchors, &found.anchors)) }</tbody>
            </table>
            if differences.contains(&Difference::Module) {
                <p class="warning">{ "A chain’s id is made of its first module: one of the two links is certainly false." }</p>
            }
            <p>{ "Whoever wrote a false link could show you a position that is none, and what you sign for it would count on the chain that you know. So nothing is shown yet, and your keys stay shut." }</p>
            <p class="quiet">{ "If who runs the chain has changed this, they will say so: ask them, or whoever gave you the link, on a way that you trust. Neither this page nor the node can tell you." }</p>
            <div class="buttons">
                <a class="button primary" href={known.address(&browser::address())}>{ "Open the link that I know" }</a>
                <Sure button="Believe this link from now on" yes="Yes, I asked: believe it, and let my keys sign for it" on_yes={believe} />
            </div>
        </section>
    }
}
