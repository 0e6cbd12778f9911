//! Where a service is reached: a TCP address, the same with TLS, or a Unix socket.
//!
//! A **Unix socket** is for its owner alone: mode 0600 from the first moment, for it is made in a folder that nobody
//! else may enter (`<path>~`) and moved from there. A lock file beside it (`<path>.lock`, which stays) says who may replace it, so of two processes
//! that start at once one is refused. What lies at the path is replaced only if it is a socket that nobody answers;
//! any other file, and a socket that answers, is left alone and the listener refused.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio_rustls::TlsAcceptor;

use crate::peer::Peer;
use crate::tls::{Identity, IdentityError};

/// A stream of bytes in both directions.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}
/// Whichever transport it is.
pub(crate) type BoxIo = Box<dyn Io>;

/// A place that accepts connections already; nothing answers them until it is served.
#[derive(Debug)]
pub struct Listener {
    pub(crate) socket: Socket,
    pub(crate) tls: Option<Tls>,
    bound: Bound,
}

/// Where a listener is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Plain HTTP at this address; the port is the real one.
    Tcp(SocketAddr),
    /// HTTP in TLS at this address.
    Tls(SocketAddr),
    /// HTTP over the socket at this path.
    Unix(PathBuf),
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Bound::Tcp(addr) => write!(f, "http://{addr}"),
            Bound::Tls(addr) => write!(f, "https://{addr}"),
            Bound::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// Why a listener cannot be.
#[derive(Debug)]
pub enum ListenError {
    /// The address cannot be bound.
    Address(SocketAddr, io::Error),
    /// Another process serves this Unix socket.
    InUse(PathBuf),
    /// Something that is no socket lies at the path.
    NotASocket(PathBuf),
    /// The Unix socket or its lock file cannot be made.
    Path(PathBuf, io::Error),
    /// The certificate or key cannot be used.
    Identity(IdentityError),
}

impl std::fmt::Display for ListenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ListenError::Address(addr, error) => write!(f, "cannot listen at {addr}: {error}"),
            ListenError::InUse(path) => write!(
                f,
                "{} is served by another process; stop that one or choose another path",
                path.display()
            ),
            ListenError::NotASocket(path) => write!(
                f,
                "{} is no socket and is not replaced; move it or choose another path",
                path.display()
            ),
            ListenError::Path(path, error) => write!(f, "cannot listen at {}: {error}", path.display()),
            ListenError::Identity(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for ListenError {}

impl Listener {
    /// Listens at a TCP address. Port 0 takes a free one, which [`Listener::bound`] tells.
    pub async fn tcp(addr: SocketAddr) -> Result<Listener, ListenError> {
        let (socket, addr) = bind_tcp(addr).await?;
        Ok(Listener {
            socket,
            tls: None,
            bound: Bound::Tcp(addr),
        })
    }

    /// Listens at a TCP address for TLS, with this certificate and key.
    pub async fn tls(addr: SocketAddr, identity: &Identity) -> Result<Listener, ListenError> {
        let config = identity.server_config().map_err(ListenError::Identity)?;
        let (socket, addr) = bind_tcp(addr).await?;
        Ok(Listener {
            socket,
            tls: Some(Tls(config.into())),
            bound: Bound::Tls(addr),
        })
    }

    /// Listens at a Unix socket. The file is removed when the listener goes.
    pub async fn unix(path: impl Into<PathBuf>) -> Result<Listener, ListenError> {
        let path = path.into();
        Ok(Listener {
            socket: Socket::Unix(UnixSocket::bind(&path).await?),
            tls: None,
            bound: Bound::Unix(path),
        })
    }

    /// Where it is reached.
    pub fn bound(&self) -> &Bound {
        &self.bound
    }
}

async fn bind_tcp(addr: SocketAddr) -> Result<(Socket, SocketAddr), ListenError> {
    let failed = |error| ListenError::Address(addr, error);
    let listener = TcpListener::bind(addr).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((Socket::Tcp(listener), bound))
}

/// [`TlsAcceptor`], which has no `Debug`.
pub(crate) struct Tls(pub(crate) TlsAcceptor);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

/// What new connections come from.
pub(crate) trait Accept: Send {
    fn accept(&self) -> impl Future<Output = io::Result<(BoxIo, Peer)>> + Send;
}

/// What the operating system listens with.
#[derive(Debug)]
pub(crate) enum Socket {
    Tcp(TcpListener),
    Unix(UnixSocket),
}

impl Accept for Socket {
    async fn accept(&self) -> io::Result<(BoxIo, Peer)> {
        match self {
            Socket::Tcp(listener) => {
                let (stream, addr) = listener.accept().await?;
                // Answers are written whole: waiting to fill a packet only delays them.
                let _ = stream.set_nodelay(true);
                Ok((Box::new(stream), Peer::Tcp(addr)))
            }
            Socket::Unix(socket) => {
                let (stream, _) = socket.listener.accept().await?;
                Ok((Box::new(stream), Peer::Unix))
            }
        }
    }
}

/// A bound Unix socket, its file and the right to it.
#[derive(Debug)]
pub(crate) struct UnixSocket {
    listener: UnixListener,
    path: PathBuf,
    /// Device and inode of the file that this process made.
    made: (u64, u64),
    /// Locked as long as this lives.
    _lock: File,
}

impl UnixSocket {
    async fn bind(path: &Path) -> Result<UnixSocket, ListenError> {
        let failed = |error| ListenError::Path(path.to_owned(), error);
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(with_end(path, ".lock"))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ListenError::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        refuse_if_alive(path).await?;
        // Whoever has the lock has this folder too. What lies there is left from a crash.
        let private = with_end(path, "~");
        let beside = private.join("s");
        refuse_if_alive(&beside).await?;
        gone(fs::remove_file(&beside)).map_err(failed)?;
        gone(fs::remove_dir(&private)).map_err(failed)?;
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&private)
            .map_err(failed)?;
        let bind = || {
            let listener = UnixListener::bind(&beside)?;
            fs::set_permissions(&beside, fs::Permissions::from_mode(0o600))?;
            let made = fs::symlink_metadata(&beside)?;
            fs::rename(&beside, path)?;
            Ok((listener, made))
        };
        let bound = bind();
        // After a failure the socket may lie in it still.
        if bound.is_err() {
            let _ = fs::remove_file(&beside);
        }
        let emptied = fs::remove_dir(&private);
        let (listener, made) = bound.map_err(failed)?;
        emptied.map_err(failed)?;
        Ok(UnixSocket {
            listener,
            path: path.to_owned(),
            made: (made.dev(), made.ino()),
            _lock: lock,
        })
    }
}

impl Drop for UnixSocket {
    fn drop(&mut self) {
        // Only what this process made: somebody may have put another file there.
        let ours = fs::symlink_metadata(&self.path).is_ok_and(|file| (file.dev(), file.ino()) == self.made);
        if ours {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Fails unless the path is free or holds a socket that nobody answers.
async fn refuse_if_alive(path: &Path) -> Result<(), ListenError> {
    let failed = |error| ListenError::Path(path.to_owned(), error);
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
        Ok(file) if !file.file_type().is_socket() => return Err(ListenError::NotASocket(path.to_owned())),
        Ok(_) => {}
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
        // It vanished meanwhile.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        // Somebody listens, with too many waiting already.
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(ListenError::InUse(path.to_owned())),
        Err(error) => Err(failed(error)),
        Ok(_) => Err(ListenError::InUse(path.to_owned())),
    }
}

/// What was to be removed is gone, also if it was before.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(end);
    path.into()
}
