//! A text that is there to be taken elsewhere.

use crate::browser;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub text: AttrValue,
    /// What it is.
    pub label: AttrValue,
    /// What the button says.
    pub button: AttrValue,
    #[prop_or_default]
    pub id: Option<AttrValue>,
    #[prop_or_default]
    pub is_primary: bool,
}

#[component]
pub fn Copy(props: &Props) -> Html {
    let copied = use_state_eq(|| None::<AttrValue>);
    let field = use_node_ref();
    let onclick = {
        let (copied, text, field) = (copied.clone(), props.text.clone(), field.clone());
        Callback::from(move |_: MouseEvent| {
            // Where the browser forbids it, the text is selected at least.
            if let Some(field) = field.cast::<HtmlInputElement>() {
                field.select();
            }
            let (copied, text) = (copied.clone(), text.clone());
            spawn_local(async move {
                let clipboard = browser::window().navigator().clipboard();
                let is_copied = JsFuture::from(clipboard.write_text(&text)).await.is_ok();
                copied.set(is_copied.then_some(text));
            });
        })
    };
    let is_copied = copied.as_ref() == Some(&props.text);
    html! {
        <div class="copy">
            <input type="text" readonly={true} id={props.id.clone()} value={props.text.clone()} aria-label={props.label.clone()} ref={field} />
            <button type="button" class={classes!(props.is_primary.then_some("primary"))} {onclick}>
                { if is_copied { AttrValue::from("Copied") } else { props.button.clone() } }
            </button>
        </div>
    }
}
