//! What the operating system says about this process and its disk.

use rustix::process::{Resource, getrlimit};
use std::path::Path;

/// Descriptors for everything but clients' connections: files of chains, sockets, the runtime.
const DESCRIPTORS_OWN: u64 = 512;

/// Warns when the limit of open files is below what the limit of connections asks for: the system would refuse
/// connections before we can say why, and files of chains with them.
pub(super) fn check_descriptors(connections_max: usize) {
    let wanted = DESCRIPTORS_OWN.saturating_add(connections_max as u64);
    if let Some(limit) = getrlimit(Resource::Nofile).current
        && limit < wanted
    {
        tracing::warn!(
            limit,
            wanted,
            "the limit of open files is below what server.connections_max needs: raise it (ulimit -n, or LimitNOFILE in a \
             systemd unit), or lower server.connections_max"
        );
    }
}

/// Bytes free for this process on a folder's disk, and bytes in all.
pub(super) fn disk(folder: &Path) -> Option<(u64, u64)> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some((
        disk.f_bavail.saturating_mul(disk.f_frsize),
        disk.f_blocks.saturating_mul(disk.f_frsize),
    ))
}

/// Bytes of memory that the process has, where the system tells.
pub(super) fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib.saturating_mul(1_024))
}

/// Files that the process has open, where the system tells.
pub(super) fn descriptors() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/fd").ok()?.count())
}
