//! A deed that cannot be taken back: its button asks a second time.

use web_sys::HtmlElement;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// What the first button says.
    pub button: AttrValue,
    /// What is done to what, where several buttons say the same.
    #[prop_or_default]
    pub label: Option<AttrValue>,
    /// What is to be known before it is done.
    #[prop_or_default]
    pub warning: Option<AttrValue>,
    /// What the button says that does it.
    pub yes: AttrValue,
    #[prop_or_default]
    pub disabled: bool,
    pub on_yes: Callback<MouseEvent>,
}

#[component]
pub fn Sure(props: &Props) -> Html {
    let asked = use_state_eq(|| false);
    let (first, no) = (use_node_ref(), use_node_ref());
    {
        // Who uses the keyboard is asked where he is, and goes on there after a no.
        let (first, no) = (first.clone(), no.clone());
        let was = use_mut_ref(|| false);
        use_effect_with(*asked, move |asked| {
            if was.replace(*asked) != *asked {
                let place = if *asked { no } else { first };
                let _ = place.cast::<HtmlElement>().map(|button| button.focus());
            }
        });
    }
    let set = |to: bool| {
        let asked = asked.clone();
        Callback::from(move |_: MouseEvent| asked.set(to))
    };
    if !*asked {
        return html! { <button type="button" aria-label={props.label.clone()} disabled={props.disabled} onclick={set(true)} ref={first}>{ &props.button }</button> };
    }
    let yes = {
        let (asked, on_yes) = (asked.clone(), props.on_yes.clone());
        Callback::from(move |event: MouseEvent| {
            // The second click of a double click was meant for the button that was there before.
            if event.detail() > 1 {
                return;
            }
            asked.set(false);
            on_yes.emit(event);
        })
    };
    html! {
        <div class="buttons" role="group" aria-label={props.label.clone().unwrap_or_else(|| props.button.clone())}>
            { for props.warning.iter().map(|warning| html! { <p class="warning" role="alert">{ warning }</p> }) }
            <button type="button" class="danger" disabled={props.disabled} onclick={yes}>{ &props.yes }</button>
            <button type="button" onclick={set(false)} ref={no}>{ "No" }</button>
        </div>
    }
}
