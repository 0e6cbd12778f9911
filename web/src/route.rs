//! Where on the page: what stands behind the `#`. First the chain's link, which no server sees, then the place.
//!
//! ```text
//! #pf1.LINK                    play: the lobby
//! #pf1.LINK/game/12            a game: for its players, for who is invited, for who watches
//! #pf1.LINK/verify             what was checked
//! #pf1.LINK/explorer           blocks;  /explorer/block/12  /explorer/call/ID  /explorer/state
//! #pf1.LINK/wallet             keys;  /wallet/as/ACCOUNT/PLACE  a key of an account that was given to this browser
//! ```

use crate::given::Given;

/// A place on the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Route {
    /// Begin a game.
    #[default]
    Lobby,
    /// A game by its number.
    Game(u32),
    /// What was checked.
    Verify,
    /// The chain's blocks.
    Blocks,
    /// One block.
    Block(u64),
    /// One call by its id.
    Call(String),
    /// Values by their keys.
    State,
    /// Keys.
    Wallet,
    /// A key of another account, given to this browser.
    Given(Given),
}

/// The chain's link and the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub link: String,
    pub route: Route,
}

impl Address {
    /// What stands behind the `#`, with or without it. What is no place is the lobby.
    #[must_use]
    pub fn read(fragment: &str) -> Self {
        let text = fragment.strip_prefix('#').unwrap_or(fragment);
        let mut parts = text.split('/');
        let link = parts.next().unwrap_or_default().to_owned();
        let parts: Vec<&str> = parts.collect();
        Self {
            link,
            route: Route::read(&parts),
        }
    }

    /// The text behind the `#` of another place on the same chain.
    #[must_use]
    pub fn to(&self, route: &Route) -> String {
        format!("#{}{}", self.link, route.path())
    }
}

impl Route {
    fn read(parts: &[&str]) -> Self {
        let route = match *parts {
            ["game", number] => number.parse().ok().map(Self::Game),
            ["verify"] => Some(Self::Verify),
            ["explorer"] => Some(Self::Blocks),
            ["explorer", "block", height] => height.parse().ok().map(Self::Block),
            ["explorer", "call", id] => is_id(id).then(|| Self::Call(id.to_owned())),
            ["explorer", "state"] => Some(Self::State),
            ["wallet"] => Some(Self::Wallet),
            ["wallet", "as", account, place] => Given::read(&format!("{account}/{place}")).map(Self::Given),
            _ => None,
        };
        route.unwrap_or_default()
    }

    fn path(&self) -> String {
        match self {
            Self::Lobby => String::new(),
            Self::Game(number) => format!("/game/{number}"),
            Self::Verify => "/verify".to_owned(),
            Self::Blocks => "/explorer".to_owned(),
            Self::Block(height) => format!("/explorer/block/{height}"),
            Self::Call(id) => format!("/explorer/call/{id}"),
            Self::State => "/explorer/state".to_owned(),
            Self::Wallet => "/wallet".to_owned(),
            Self::Given(given) => format!("/wallet/as/{}", given.write()),
        }
    }
}

/// A call's id has 64 hexadecimal digits.
#[must_use]
pub fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_read_as_it_was_written() {
        let address = Address::read("#pf1.abc");
        assert_eq!(
            (address.link.as_str(), &address.route),
            ("pf1.abc", &Route::Lobby)
        );
        let places = [
            Route::Lobby,
            Route::Game(12),
            Route::Verify,
            Route::Blocks,
            Route::Block(1 << 40),
            Route::Call("0a".repeat(32)),
            Route::State,
            Route::Wallet,
            Route::Given(Given::new(&"0a".repeat(20), 15).unwrap()),
        ];
        for route in places {
            let read = Address::read(&address.to(&route));
            assert_eq!((read.link.as_str(), read.route), ("pf1.abc", route));
        }
    }

    #[test]
    fn what_is_no_place_is_the_lobby() {
        for text in [
            "",
            "#",
            "#pf1.x/game/-1",
            "#pf1.x/game/4294967296",
            "#pf1.x/explorer/call/zz",
            "#pf1.x/a/b/c/d",
            "#pf1.x/wallet/as/0a/1",
        ] {
            assert_eq!(Address::read(text).route, Route::Lobby, "{text}");
        }
        for place in ["0", "16", "+1", "01", "", "256"] {
            let text = format!("#pf1.x/wallet/as/{}/{place}", "0a".repeat(20));
            assert_eq!(Address::read(&text).route, Route::Lobby, "{text}");
        }
    }
}
