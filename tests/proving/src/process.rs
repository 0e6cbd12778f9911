//! What this process has used so far, from /proc.

use std::fs;
use std::time::Duration;

/// Clock ticks a second in /proc, on every Linux that Rust knows.
const TICKS: u64 = 100;

/// The most memory that was ever resident, in bytes; `None` where there is no /proc.
#[must_use]
pub fn peak_bytes() -> Option<u64> {
    peak(&fs::read_to_string("/proc/self/status").ok()?)
}

fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Processor time of all threads; `None` where there is no /proc. What a busy machine adds to the clock is not in it.
#[must_use]
pub fn cpu() -> Option<Duration> {
    used(&fs::read_to_string("/proc/self/stat").ok()?)
}

fn used(stat: &str) -> Option<Duration> {
    // The name in parentheses may hold anything; user and system ticks are the 12th and 13th fields after it.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    let all = ticks()? + ticks()?;
    Some(Duration::from_millis(all * 1000 / TICKS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_proc_are_read() {
        assert_eq!(
            peak("VmPeak:\t 9 kB\nVmHWM:\t    2048 kB\n"),
            Some(2 * 1024 * 1024)
        );
        assert_eq!(peak("Name: x\n"), None);
        let stat = "7 (a) b) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20\n";
        assert_eq!(used(stat), Some(Duration::from_secs(2)));
        assert_eq!(used("7 (a) S 1 2"), None);
    }
}
