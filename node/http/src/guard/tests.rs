//! Whose address counts.

use super::*;

fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
    let mut headers = HeaderMap::new();
    for value in forwarded {
        headers.append("x-forwarded-for", HeaderValue::from_str(value).unwrap());
    }
    let trusted: Vec<IpAddr> = trusted.iter().map(|ip| ip.parse().unwrap()).collect();
    client_of(peer.parse().unwrap(), &headers, &trusted).to_string()
}

#[test]
fn only_a_trusted_proxy_names_the_client() {
    assert_eq!(client("1.1.1.1", &["2.2.2.2"], &[]), "1.1.1.1");
    assert_eq!(client("1.1.1.1", &["2.2.2.2"], &["3.3.3.3"]), "1.1.1.1");
    assert_eq!(client("1.1.1.1", &["2.2.2.2"], &["1.1.1.1"]), "2.2.2.2");
    assert_eq!(client("1.1.1.1", &[], &["1.1.1.1"]), "1.1.1.1");
    assert_eq!(client("::ffff:1.1.1.1", &["2.2.2.2:80"], &["1.1.1.1"]), "2.2.2.2");
    assert_eq!(
        client("1.1.1.1", &["[2001:db8::1]:80"], &["::ffff:1.1.1.1"]),
        "2001:db8::1"
    );
}

#[test]
fn what_the_client_wrote_itself_does_not_count() {
    let trusted = &["1.1.1.1", "1.1.1.2"];
    // The proxy appends; what stands before is the client's own tale.
    assert_eq!(client("1.1.1.1", &["9.9.9.9, 2.2.2.2"], trusted), "2.2.2.2");
    assert_eq!(
        client("1.1.1.1", &["9.9.9.9", "2.2.2.2, 1.1.1.2"], trusted),
        "2.2.2.2"
    );
    assert_eq!(client("1.1.1.1", &["9.9.9.9, nonsense"], trusted), "1.1.1.1");
    assert_eq!(client("1.1.1.1", &["nonsense, 1.1.1.2"], trusted), "1.1.1.2");
    assert_eq!(client("1.1.1.1", &[""], trusted), "1.1.1.1");
    assert_eq!(client("1.1.1.1", &["1.1.1.2,1.1.1.1"], trusted), "1.1.1.2");
}
