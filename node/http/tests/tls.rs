//! TLS by a pinned certificate, and where it is kept.

mod support;

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use playfair_http::{
    Client, ClientError, ClientLimits, Counts, Fingerprint, Identity, IdentityError, Listener, ServerLimits,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use support::*;
use tokio::net::TcpListener;

async fn secure(identity: &Identity, limits: ServerLimits) -> Running {
    let listener = Listener::tls("127.0.0.1:0".parse().unwrap(), identity)
        .await
        .unwrap();
    Running::start(listener, Router::new().route("/", get(async || "hello")), limits)
}

fn client(address: &str, pin: &Identity) -> Client {
    Client::new(address, Some(pin.fingerprint()), ClientLimits::default()).unwrap()
}

#[tokio::test]
async fn exactly_the_pinned_certificate_is_accepted() {
    let (ours, other) = (Identity::generate().unwrap(), Identity::generate().unwrap());
    let server = secure(&ours, patient()).await;
    let address = server.bound.to_string();
    assert!(address.starts_with("https://127.0.0.1:"));
    for _ in 0..3 {
        assert_eq!(
            within(client(&address, &ours).get("/")).await.unwrap().body,
            "hello"
        );
    }
    // By any name.
    let named = address.replace("127.0.0.1", "localhost");
    assert_eq!(
        within(client(&named, &ours).get("/")).await.unwrap().body,
        "hello"
    );
    let error = within(client(&address, &other).get("/")).await.unwrap_err();
    assert!(
        matches!(error, ClientError::Connect(_)) && !error.maybe_done(),
        "{error}"
    );
    // Plain HTTP gets no answer.
    let plain = server.bound.to_string().replace("https", "http");
    let plain = Client::new(&plain, None, ClientLimits::default()).unwrap();
    assert!(within(plain.get("/")).await.is_err());
    until(|| server.counters.read().tls_failed == 2).await;
    assert_eq!(server.counters.read().requests, 4);
    server.stop().await;
}

/// Shows what it is told to, whether it has the key or not.
#[derive(Debug)]
struct Shows(Arc<rustls::sign::CertifiedKey>);

impl rustls::server::ResolvesServerCert for Shows {
    fn resolve(&self, _: rustls::server::ClientHello<'_>) -> Option<Arc<rustls::sign::CertifiedKey>> {
        Some(self.0.clone())
    }
}

#[tokio::test]
async fn a_certificate_without_its_key_is_worth_nothing() {
    let (ours, other) = (Identity::generate().unwrap(), Identity::generate().unwrap());
    for (key, accepted) in [(&ours, true), (&other, false)] {
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.key_der.clone()));
        let signing = rustls::crypto::ring::sign::any_supported_type(&der).unwrap();
        let chain = vec![CertificateDer::from(ours.cert_der.clone())];
        let shown = Arc::new(rustls::sign::CertifiedKey::new(chain, signing));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Shows(shown)));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("https://{}", listener.local_addr().unwrap());
        let impostor = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            tokio_rustls::TlsAcceptor::from(Arc::new(config))
                .accept(stream)
                .await
                .is_ok()
        });
        // Nobody answers over HTTP here: what matters is whether a request left at all.
        let asking = client(&address, &ours);
        let asked = tokio::spawn(async move { asking.get("/").await });
        let shook_hands = within(impostor).await.unwrap();
        let error = within(asked).await.unwrap().unwrap_err();
        assert_eq!(shook_hands, accepted, "{error}");
        if !accepted {
            assert!(matches!(error, ClientError::Connect(_)), "{error}");
        }
    }
}

#[tokio::test]
async fn a_slow_handshake_is_ended() {
    let limits = ServerLimits {
        tls_timeout: SOON,
        ..patient()
    };
    let server = secure(&Identity::generate().unwrap(), limits).await;
    let mut silent = server.raw().await;
    assert_eq!(rest(&mut silent).await, "");
    until(|| server.counters.read().open == 0).await;
    let expected = Counts {
        accepted: 1,
        tls_failed: 1,
        ..Counts::default()
    };
    assert_eq!(server.counters.read(), expected);
    server.stop().await;
}

#[tokio::test]
async fn beyond_the_limit_a_handshake_is_not_begun() {
    let identity = Identity::generate().unwrap();
    let limits = ServerLimits {
        connections_max: 1,
        ..patient()
    };
    let server = secure(&identity, limits).await;
    let first = client(&server.bound.to_string(), &identity);
    assert_eq!(within(first.get("/")).await.unwrap().body, "hello");
    assert_eq!(rest(&mut server.raw().await).await, "");
    assert_eq!(server.counters.read().refused_full, 1);
    server.stop().await;
}

#[test]
fn an_identity_is_kept_in_two_files() {
    let folder = Folder::new();
    let (cert, key) = (folder.join("cert.der"), folder.join("key.der"));
    let made = Identity::generate().unwrap();
    assert_ne!(made, Identity::generate().unwrap());
    made.save(&cert, &key).unwrap();
    for path in [&cert, &key] {
        assert_eq!(
            std::fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    let loaded = Identity::load(&cert, &key).unwrap();
    assert_eq!(loaded, made);
    assert_eq!(
        loaded.fingerprint(),
        Fingerprint::of(&std::fs::read(&cert).unwrap())
    );
    assert_eq!(
        Fingerprint::of(b"abc").to_string(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert!(!format!("{made:?}").contains("key_der"));
    // Saved again over the old ones.
    Identity::generate().unwrap().save(&cert, &key).unwrap();
    assert_ne!(Identity::load(&cert, &key).unwrap(), made);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2);
}

#[test]
fn an_identity_that_cannot_be_trusted_is_not_loaded() {
    let folder = Folder::new();
    let (cert, key) = (folder.join("cert.der"), folder.join("key.der"));
    let made = Identity::generate().unwrap();
    assert!(matches!(
        Identity::load(&cert, &key),
        Err(IdentityError::File(..))
    ));
    made.save(&cert, &key).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).unwrap();
    let error = Identity::load(&cert, &key).unwrap_err();
    assert!(
        matches!(error, IdentityError::Exposed(_)) && error.to_string().contains("chmod 600"),
        "{error}"
    );
    // A key of another certificate, no certificate at all, and a file of any length.
    made.save(&cert, &key).unwrap();
    std::fs::write(&cert, &Identity::generate().unwrap().cert_der).unwrap();
    assert!(matches!(
        Identity::load(&cert, &key),
        Err(IdentityError::Refused(_))
    ));
    std::fs::write(&cert, b"nonsense").unwrap();
    assert!(matches!(
        Identity::load(&cert, &key),
        Err(IdentityError::Refused(_))
    ));
    std::fs::write(&cert, vec![0; 1 << 20]).unwrap();
    assert!(matches!(
        Identity::load(&cert, &key),
        Err(IdentityError::File(..))
    ));
}
