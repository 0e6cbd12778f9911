//! For whom the visitor plays, where it is not himself.

use super::driver::Driver;
use crate::lies::digest;
use crate::route::Route;
use yew::prelude::*;

/// Says so on what he plays at.
pub fn acts_for(driver: &Driver) -> Html {
    let Some(given) = driver.caller.given() else {
        return Html::default();
    };
    html! {
        <p class="quiet acts-for">{ "You play for account " }{ digest(&given.account) }{ ", with a key that it gave this browser. " }
            <a href={driver.handles.to(&Route::Wallet)}>{ "Change that" }</a></p>
    }
}
