//! The confirmation ladder of one call: how far it was verified, what that means, and what it took.

use crate::text::took;
use crate::told::{Rung, RungWords};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// What it is about: a move as written, or what else was done.
    pub title: AttrValue,
    /// How far it is.
    pub rung: Rung,
    /// What each rung took, ms, where this browser was there.
    pub took: [Option<f64>; 3],
    /// What the rungs say.
    pub words: Vec<RungWords>,
    /// Where the evidence is shown.
    #[prop_or_default]
    pub href: Option<AttrValue>,
}

/// What a time is of.
const fn of_what(rung: Rung) -> &'static str {
    match rung {
        Rung::Predicted => "to run the module here",
        Rung::Sequenced => "until its block was verified here",
        Rung::Proven => "until its proof was verified here",
    }
}

#[component]
pub fn Ladder(props: &Props) -> Html {
    let opened = use_state_eq(|| None::<Rung>);
    let told = opened.unwrap_or(props.rung);
    let step = |(place, rung): (usize, Rung)| {
        // A call that was met in its block was never predicted here.
        let is_reached = rung <= props.rung
            && (rung != Rung::Predicted || props.rung == Rung::Predicted || props.took[0].is_some());
        let state = match (is_reached, rung == props.rung) {
            (true, true) => "now",
            (true, false) => "reached",
            _ if rung > props.rung => "open",
            _ => "skipped",
        };
        let time = props.took[place].filter(|_| is_reached);
        let onclick = {
            let opened = opened.clone();
            Callback::from(move |_: MouseEvent| opened.set(Some(rung)))
        };
        html! {
            <li key={place} class={classes!("step", rung.name(), state)}>
                <button type="button" aria-pressed={(told == rung).to_string()} {onclick}>
                    <span class="dot" aria-hidden="true"></span>
                    <span class="name">{ rung.name() }</span>
                    <span class="time">{ match (state, time) {
                        ("open", _) => "not yet".to_owned(),
                        ("skipped", _) => "not here".to_owned(),
                        (_, Some(ms)) => took(ms),
                        _ => "verified".to_owned(),
                    } }</span>
                </button>
            </li>
        }
    };
    let words = props.words.iter().find(|words| words.name == told);
    let time = Rung::ALL
        .iter()
        .position(|rung| *rung == told)
        .and_then(|place| props.took[place]);
    html! {
        <section class="ladder" aria-label="How certain is this?">
            <h3>{ &props.title }<span class={classes!("rung", props.rung.name())}>{ props.rung.name() }</span></h3>
            <ol class="steps">{ for Rung::ALL.into_iter().enumerate().map(step) }</ol>
            if let Some(words) = words {
                <dl>
                    <div><dt>{ "What was checked" }</dt><dd>{ &words.checked }</dd></div>
                    <div><dt>{ "Who could still cheat" }</dt><dd>{ &words.cheats }</dd></div>
                    <div><dt>{ "What you hold" }</dt><dd>{ &words.holds }</dd></div>
                    if let Some(ms) = time.filter(|_| told <= props.rung) {
                        <div><dt>{ "Time" }</dt><dd>{ took(ms) }{ " " }{ of_what(told) }</dd></div>
                    }
                </dl>
            }
            if let Some(href) = &props.href {
                <a {href}>{ "Verify details" }</a>
            }
        </section>
    }
}
