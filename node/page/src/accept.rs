//! `Accept-Encoding` (RFC 9110, section 12.5.3): in which encoding a client would like a file.

use http::{HeaderMap, header};

/// How a file's bytes are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Brotli,
    Gzip,
    /// As they are.
    Identity,
}

/// The most that a client can wish for, in thousandths.
const WHOLE: u16 = 1_000;

/// What the client said of each encoding: none where it said nothing.
#[derive(Default)]
struct Wishes {
    brotli: Option<u16>,
    gzip: Option<u16>,
    identity: Option<u16>,
    others: Option<u16>,
}

/// The encoding, of those that there are, that the client likes best; of several the smallest. What it did not speak of is sent as it is: so is everything
/// to a client that allows nothing, since that is of more use than an error.
pub(crate) fn choose(headers: &HeaderMap, has_brotli: bool, has_gzip: bool) -> Encoding {
    let wishes = wishes(headers);
    let wish = |said: Option<u16>| said.or(wishes.others).unwrap_or(0);
    let mut best = (Encoding::Identity, wish(wishes.identity));
    for (encoding, is_there, said) in [
        (Encoding::Gzip, has_gzip, wishes.gzip),
        (Encoding::Brotli, has_brotli, wishes.brotli),
    ] {
        let wish = wish(said);
        if is_there && wish > 0 && wish >= best.1 {
            best = (encoding, wish);
        }
    }
    best.0
}

fn wishes(headers: &HeaderMap) -> Wishes {
    let mut wishes = Wishes::default();
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    for item in lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
    {
        let (coding, weight) = match item.split_once(';') {
            Some((coding, parameter)) => (coding, weight(parameter)),
            None => (item, Some(WHOLE)),
        };
        // What cannot be read was not said.
        let Some(weight) = weight else { continue };
        let place = match coding.trim().to_ascii_lowercase().as_str() {
            "br" => &mut wishes.brotli,
            "gzip" | "x-gzip" => &mut wishes.gzip,
            "identity" => &mut wishes.identity,
            "*" => &mut wishes.others,
            _ => continue,
        };
        *place = Some(weight);
    }
    wishes
}

/// `q=0.25` in thousandths (section 12.4.2): at most three digits after the point, at most 1.
fn weight(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.trim().split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, part) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths = format!("{part:0<3}").parse::<u16>().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(WHOLE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(lines: &[&str], has_brotli: bool, has_gzip: bool) -> Encoding {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::ACCEPT_ENCODING, line.parse().unwrap());
        }
        choose(&headers, has_brotli, has_gzip)
    }

    #[test]
    fn the_client_chooses_and_the_smallest_wins_a_tie() {
        use Encoding::{Brotli, Gzip, Identity};
        for (lines, wanted) in [
            (&["gzip, deflate, br, zstd"][..], Brotli),
            (&["gzip", "br"], Brotli),
            (&["BR;q=1.000, gzip;q=1"], Brotli),
            (&["br;q=0.5, gzip;q=0.75"], Gzip),
            (&["x-gzip"], Gzip),
            (&["gzip ; q=0.001"], Gzip),
            (&["*"], Brotli),
            (&["br;q=0, *;q=0.5"], Gzip),
            (&["*;q=0"], Identity),
            (&["identity, br;q=0.9"], Identity),
            (&["identity;q=0.5, gzip;q=0.5"], Gzip),
            (&["identity;q=0, gzip;q=0.1"], Gzip),
            (&["br;q=0, gzip;q=0.000"], Identity),
            (&["deflate, zstd"], Identity),
            (&[], Identity),
            (&[""], Identity),
            (&["identity;q=0"], Identity),
            // What is no weight was not said.
            (&["br;q=2, gzip;q=0.1234, x-gzip;q=-1"], Identity),
            (&["br;q=, gzip;level=9"], Identity),
            (&["br;q=1.001, gzip;q=0.2"], Gzip),
            (&[",;,;q=1,br;;q=1,"], Identity),
        ] {
            assert_eq!(chosen(lines, true, true), wanted, "{lines:?}");
        }
        assert_eq!(chosen(&["br, gzip"], false, true), Gzip);
        assert_eq!(chosen(&["br"], false, true), Identity);
        assert_eq!(chosen(&["br, gzip"], false, false), Identity);
    }
}
