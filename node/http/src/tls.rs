//! TLS by one certificate: making it, keeping it, serving with it, and accepting exactly it.
//!
//! There is no authority and no name: a client knows the very certificate that the server must show (*pinned*), and
//! the handshake's signature proves that the server has its key. So names, dates and chains in it are not looked at;
//! to replace a certificate is to tell every client. TLS 1.3 only, keys and signatures by `ring`.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, ServerConfig, SignatureScheme};
use sha2::{Digest, Sha256};

/// No file of ours is longer: a certificate of [`Identity::generate`] has some 400 bytes.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// A server's certificate and the key to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The certificate, X.509 in DER. It is public.
    pub cert_der: Vec<u8>,
    /// The private key, PKCS #8 in DER. It is secret.
    pub key_der: Vec<u8>,
}

/// Why an identity cannot be made, kept or used.
#[derive(Debug)]
pub enum IdentityError {
    /// A file could not be read or written.
    File(PathBuf, io::Error),
    /// Others may read the private key.
    Exposed(PathBuf),
    /// The library refused the certificate or key.
    Refused(String),
}

impl std::fmt::Display for IdentityError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            IdentityError::File(path, error) => write!(f, "{}: {error}", path.display()),
            IdentityError::Exposed(path) => write!(
                f,
                "{0}: others may read this private key; make a new one, or `chmod 600 {0}` if nobody did",
                path.display()
            ),
            IdentityError::Refused(why) => write!(f, "the certificate or its key cannot be used: {why}"),
        }
    }
}

impl std::error::Error for IdentityError {}

/// Keys are never printed.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({})", self.fingerprint())
    }
}

/// The SHA-256 of a certificate: what people compare, and what a client pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Of a certificate, X.509 in DER.
    pub fn of(cert_der: &[u8]) -> Fingerprint {
        Fingerprint(Sha256::digest(cert_der).into())
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Identity {
    /// A new key (P-256) and a certificate signed with it.
    pub fn generate() -> Result<Identity, IdentityError> {
        let made = rcgen::generate_simple_self_signed(vec!["playfair".to_owned()])
            .map_err(|error| IdentityError::Refused(error.to_string()))?;
        Ok(Identity {
            cert_der: made.cert.der().to_vec(),
            key_der: made.signing_key.serialize_der(),
        })
    }

    /// The certificate's fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.cert_der)
    }

    /// Writes both files with mode 0600, each whole or not at all. The key is written first: a certificate that
    /// is there has its key.
    pub fn save(&self, cert: &Path, key: &Path) -> Result<(), IdentityError> {
        write_whole(key, &self.key_der)?;
        write_whole(cert, &self.cert_der)
    }

    /// Reads both files. A key that others may read is refused, and so is a key of another certificate.
    pub fn load(cert: &Path, key: &Path) -> Result<Identity, IdentityError> {
        let mode = fs::metadata(key)
            .map_err(|error| IdentityError::File(key.to_owned(), error))?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            return Err(IdentityError::Exposed(key.to_owned()));
        }
        let identity = Identity {
            cert_der: read_short(cert)?,
            key_der: read_short(key)?,
        };
        identity.server_config()?;
        Ok(identity)
    }

    /// How a server speaks TLS as this identity. Fails if key and certificate do not belong together.
    pub(crate) fn server_config(&self) -> Result<Arc<ServerConfig>, IdentityError> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key_der.clone()));
        let refused = |error: rustls::Error| IdentityError::Refused(error.to_string());
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(refused)?
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(self.cert_der.clone())], key)
            .map_err(refused)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// How a client speaks TLS with the one server that shows this certificate.
pub(crate) fn pinned_config(pinned: Fingerprint) -> Result<Arc<ClientConfig>, IdentityError> {
    let provider = provider();
    let pin = Pin {
        pinned,
        provider: provider.clone(),
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| IdentityError::Refused(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(pin))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // The name in the greeting would tell an eavesdropper whom we call, and the server has one certificate.
    config.enable_sni = false;
    Ok(Arc::new(config))
}

/// Named, for a process may link more than one.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Accepts one certificate.
#[derive(Debug)]
struct Pin {
    pinned: Fingerprint,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if Fingerprint::of(shown) == self.pinned {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::ApplicationVerificationFailure,
            ))
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, signature, known)
    }

    /// The certificate is public; that this one is signed with its key is what keeps impostors out.
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// Writes a file beside the place and moves it there, so that the place never holds half of it.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), IdentityError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let write = || {
        // What lies there is left from a write that was interrupted; its mode may be any.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().map_err(|error| IdentityError::File(path.to_owned(), error))
}

fn read_short(path: &Path) -> Result<Vec<u8>, IdentityError> {
    let read = || {
        let mut bytes = Vec::new();
        io::Read::read_to_end(
            &mut io::Read::take(fs::File::open(path)?, FILE_BYTES_MAX + 1),
            &mut bytes,
        )?;
        if bytes.len() as u64 > FILE_BYTES_MAX {
            return Err(io::Error::other("too long for a certificate or key"));
        }
        Ok(bytes)
    };
    read().map_err(|error| IdentityError::File(path.to_owned(), error))
}
