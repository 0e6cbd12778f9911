//! The wallet: the keys that this browser keeps and their backup, who may act for the visitor, and for whom the visitor acts.

mod acting;
mod allow;
mod backup;
mod device;
mod keys;
mod powers;
mod sessions;

use crate::given::Given;
use crate::play::driver::Driver;
use acting::Acting;
use backup::{Backup, Restore};
use device::{DeviceKey, GivenKey};
use keys::Keys;
use std::cell::Cell;
use std::rc::Rc;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub driver: Rc<Driver>,
    /// The key that a link says was given to this browser.
    pub given: Option<Given>,
}

/// What shows something of the visitor's keys.
#[derive(Properties, PartialEq)]
pub struct OfKeys {
    pub driver: Rc<Driver>,
    /// Another number when keys have changed.
    pub changed: u32,
    pub on_change: Callback<()>,
}

#[component]
pub fn WalletPage(props: &Props) -> Html {
    let changed = use_state_eq(|| 0u32);
    let count = use_memo((), |()| Cell::new(0u32));
    let on_change = {
        // Counted apart from what is drawn: two changes may end on one drawing.
        let (changed, count) = (changed.clone(), count.clone());
        Callback::from(move |()| {
            let next = count.get() + 1;
            count.set(next);
            changed.set(next);
        })
    };
    let driver = &props.driver;
    if driver.handles.wallet.is_none() {
        return html! { <section class="card"><h2>{ "Wallet" }</h2><p class="warning">{ "This browser lets the page keep no keys (a private window?): you can watch games, but not play." }</p></section> };
    }
    let kept = driver.caller.given();
    let offered = props.given.clone().filter(|given| kept.as_ref() != Some(given));
    let given = |given: Given, is_kept: bool| {
        let key = given.write();
        html! { <GivenKey {key} driver={driver.clone()} {given} {is_kept} on_change={on_change.clone()} /> }
    };
    html! {
        <div class="wallet columns">
            { for offered.map(|offered| given(offered, false)) }
            { for kept.map(|kept| given(kept, true)) }
            <Keys driver={driver.clone()} changed={*changed} on_change={on_change.clone()} />
            <Acting driver={driver.clone()} changed={*changed} on_change={on_change.clone()} />
            <DeviceKey driver={driver.clone()} changed={*changed} on_change={on_change.clone()} />
            <Backup handles={driver.handles.clone()} on_change={on_change.clone()} />
            <Restore handles={driver.handles.clone()} {on_change} />
        </div>
    }
}
