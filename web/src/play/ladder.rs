//! The confirmation ladder of one call: how far it was verified, what that means, and what it took.

use super::clock::use_now;
use crate::text::{seconds, took};
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
    /// How long it waits for its proof; none when it does not.
    #[prop_or_default]
    pub queue: Option<Queue>,
    /// Where the evidence is shown.
    #[prop_or_default]
    pub href: Option<AttrValue>,
}

/// The wait between *sequenced* and *proven*: other calls are before it, and proving takes its time.
#[derive(Clone, Copy, PartialEq)]
pub struct Queue {
    /// When its block was made, ms since 1970.
    pub since_ms: f64,
    /// How long others waited lately, ms.
    pub usual_ms: Option<f64>,
}

impl Queue {
    fn waited(&self, now_ms: f64) -> String {
        seconds(now_ms - self.since_ms)
    }

    /// In words.
    fn told(&self, now_ms: f64) -> String {
        let usual = self.usual_ms.map_or_else(String::new, |usual| {
            format!("; in this game it took {} lately", seconds(usual))
        });
        format!("{} in the queue for its proof{usual}", self.waited(now_ms))
    }
}

/// What a time is of.
const fn of_what(rung: Rung) -> &'static str {
    match rung {
        Rung::Predicted => "to run the module here",
        Rung::Sequenced => "until its block was verified here",
        Rung::Proven => "in the queue for its proof, until that was verified here",
    }
}

#[component]
pub fn Ladder(props: &Props) -> Html {
    let opened = use_state_eq(|| None::<Rung>);
    let told = opened.unwrap_or(props.rung);
    let queue = props.queue.filter(|_| props.rung == Rung::Sequenced);
    let now = use_now(1_000, queue.is_some());
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
                        ("open", _) => match queue.filter(|_| rung == Rung::Proven) {
                            Some(queue) => format!("queued {}", queue.waited(now)),
                            None => "not yet".to_owned(),
                        },
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
                    if let Some(queue) = queue {
                        <div><dt>{ "Queue" }</dt><dd>{ queue.told(now) }</dd></div>
                    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_whole_seconds_and_never_below_none() {
        let queue = Queue {
            since_ms: 10_000.0,
            usual_ms: None,
        };
        assert_eq!(queue.told(12_900.0), "2 s in the queue for its proof");
        // This machine's clock may be behind.
        assert_eq!(queue.waited(9_000.0), "0 s");
        let usual = Queue {
            usual_ms: Some(4_200.0),
            ..queue
        };
        assert_eq!(
            usual.told(110_000.0),
            "1 min 40 s in the queue for its proof; in this game it took 4 s lately"
        );
    }
}
