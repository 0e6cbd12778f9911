//! Progress of a long proof: a bar on a terminal, a line a segment elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use playfair_node::prove::cut::Cut;
use playfair_proofs_prover::fast::Stage;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Counts rows.
pub struct Meter {
    /// On a terminal.
    bar: Option<ProgressBar>,
    begin: Instant,
    segments: usize,
    total: usize,
    /// Segments and rows that are done.
    done: (AtomicUsize, AtomicUsize),
}

impl Meter {
    /// Begins to count to `total` rows in so many segments.
    ///
    /// # Panics
    /// Never: the style is a good one.
    #[must_use]
    pub fn new(segments: usize, total: usize) -> Self {
        let style = "segment {prefix} [{wide_bar}] {msg}";
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
            bar.set_style(ProgressStyle::with_template(style).expect("a template"));
            bar
        });
        let meter = Self {
            bar,
            begin: Instant::now(),
            segments,
            total,
            done: (AtomicUsize::new(0), AtomicUsize::new(0)),
        };
        meter.show(0);
        meter
    }

    /// A stage of a segment of `rows` rows begins.
    pub fn stage(&self, rows: usize, stage: Stage) {
        self.show((rows as f64 * share(stage)) as usize);
    }

    /// A segment is done.
    pub fn segment(&self, cut: &Cut, took: Duration) {
        let number = self.done.0.fetch_add(1, Ordering::Relaxed) + 1;
        let done = self.done.1.fetch_add(cut.rows, Ordering::Relaxed) + cut.rows;
        self.show(0);
        if self.bar.is_none() {
            println!(
                "segment {number} of {}: blocks {} to {}, {} rows in {:.1} s; {}",
                self.segments,
                cut.blocks.start + 1,
                cut.blocks.end,
                cut.rows,
                took.as_secs_f64(),
                text(done, self.total, self.begin.elapsed())
            );
        }
    }

    fn show(&self, within: usize) {
        let Some(bar) = &self.bar else { return };
        let done = (self.done.1.load(Ordering::Relaxed) + within).min(self.total);
        let number = (self.done.0.load(Ordering::Relaxed) + 1).min(self.segments);
        bar.set_prefix(format!("{number} of {}", self.segments));
        bar.set_message(text(done, self.total, self.begin.elapsed()));
        bar.set_position(done as u64);
    }

    /// Takes the bar away, or ends the lines.
    pub fn clear(&self) {
        match &self.bar {
            Some(bar) => bar.finish_and_clear(),
            None => println!(),
        }
    }
}

/// The share of a segment's time that lies before a stage, as measured with 2^14 rows.
fn share(stage: Stage) -> f64 {
    match stage {
        Stage::Advice => 0.03,
        Stage::Bus => 0.3,
        Stage::Quotient(coset) => 0.4 + 0.1 * coset as f64,
        Stage::Pieces => 0.8,
        Stage::Opening => 0.87,
        Stage::Done => 1.0,
    }
}

/// `3000 of 12000 rows, 1000 rows/s, 9 s left`.
fn text(done: usize, total: usize, took: Duration) -> String {
    let rate = done as f64 / took.as_secs_f64().max(1e-3);
    let counted = format!("{done} of {total} rows");
    if done == 0 {
        return counted;
    }
    let left = (total - done) as f64 / rate;
    format!("{counted}, {rate:.0} rows/s, {left:.0} s left")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_how_fast_how_long() {
        let second = Duration::from_secs(1);
        assert_eq!(text(0, 12, second), "0 of 12 rows");
        assert_eq!(
            text(3000, 12_000, 3 * second),
            "3000 of 12000 rows, 1000 rows/s, 9 s left"
        );
    }

    #[test]
    fn stages_go_forward() {
        let stages = [
            Stage::Advice,
            Stage::Bus,
            Stage::Quotient(0),
            Stage::Quotient(3),
            Stage::Pieces,
            Stage::Opening,
            Stage::Done,
        ];
        let shares = stages.map(share);
        assert!(shares.is_sorted() && shares[6] == 1.0);
    }
}
