//! The two clocks (FIDE article 6), in milliseconds of the time that is passed in.

use crate::rules::Side;

/// The time that each player has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// Time at the start, in milliseconds; 0 for a game without clocks.
    pub base_ms: u32,
    /// Time added after each move, in milliseconds. It counts for nothing without clocks.
    pub increment_ms: u32,
}

/// The clocks of a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clocks {
    pub(super) control: Control,
    /// Time left to White and Black when the running clock began to run.
    pub(super) left_ms: [u32; 2],
    /// When the clock of the player to move began to run.
    pub(super) moved_at_ms: u64,
}

impl Clocks {
    /// Clocks that begin to run at `now_ms`.
    pub(super) const fn start(control: Control, now_ms: u64) -> Self {
        Self {
            control: Control {
                base_ms: control.base_ms,
                increment_ms: if control.base_ms == 0 {
                    0
                } else {
                    control.increment_ms
                },
            },
            left_ms: [control.base_ms; 2],
            moved_at_ms: now_ms,
        }
    }

    /// Time left to a side when the running clock began to run.
    #[inline(always)]
    pub(super) const fn left_ms(&self, side: Side) -> u32 {
        match side {
            Side::White => self.left_ms[0],
            Side::Black => self.left_ms[1],
        }
    }

    /// What is left at `now_ms` to the side whose clock runs: at least 1 with clocks, nothing if its flag has fallen. A
    /// time before the last move counts as that of the last move.
    #[inline(always)]
    pub(super) const fn running(&self, side: Side, now_ms: u64) -> Option<u32> {
        if self.control.base_ms == 0 {
            return Some(0);
        }
        let used = now_ms.saturating_sub(self.moved_at_ms);
        let left = self.left_ms(side) as u64;
        if used >= left {
            None
        } else {
            Some((left - used) as u32)
        }
    }

    /// Stops the clock of a side with `left_ms` left, adds its increment and starts the other's.
    #[inline(always)]
    pub(super) fn press(&mut self, side: Side, left_ms: u32, now_ms: u64) {
        self.set(side, left_ms.saturating_add(self.control.increment_ms));
        self.moved_at_ms = self.moved_at_ms.max(now_ms);
    }

    /// Sets the time left to a side.
    #[inline(always)]
    pub(super) const fn set(&mut self, side: Side, left_ms: u32) {
        match side {
            Side::White => self.left_ms[0] = left_ms,
            Side::Black => self.left_ms[1] = left_ms,
        }
    }

    /// Whether a game without clocks has no times, which is how it is stored.
    #[inline(always)]
    pub(super) const fn is_valid(&self) -> bool {
        self.control.base_ms != 0 || self.control.increment_ms | self.left_ms[0] | self.left_ms[1] == 0
    }
}
