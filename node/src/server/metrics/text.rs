//! Prometheus' text format, version 0.0.4, by hand: what there is to say is read when it is asked for, so a library's
//! registry and recorders (twelve crates) would stand between two lines of ours.

use std::fmt::{Display, Write};

/// A page of figures.
#[derive(Default)]
pub(super) struct Page(String);

/// What a family counts.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// It only grows while the process lives.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Counts up to bounds.
    Histogram,
}

impl Page {
    /// Begins a family; its samples follow.
    pub(super) fn family(&mut self, name: &'static str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        // Writing to a string does not fail.
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    /// One figure.
    pub(super) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (place, (label, text)) in labels.iter().enumerate() {
            let begin = if place == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{begin}{label}=\"{}\"", escaped(text));
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.0, "{end} {value}");
    }

    /// The whole page.
    pub(super) fn into_text(self) -> String {
        self.0
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

/// Upper bounds of an acknowledgement's time, in seconds: the goal is 0.25.
pub(super) const BOUNDS: [f64; 13] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0,
];

/// How many took how long.
#[derive(Clone, Debug, Default)]
pub(super) struct Histogram {
    counts: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Histogram {
    pub(super) fn add(&mut self, seconds: f64) {
        for (count, bound) in self.counts.iter_mut().zip(BOUNDS) {
            *count += u64::from(seconds <= bound);
        }
        self.count += 1;
        self.sum += seconds;
    }

    pub(super) fn write(&self, page: &mut Page, name: &str, label: (&str, &str)) {
        let bucket = format!("{name}_bucket");
        for (count, bound) in self.counts.iter().zip(BOUNDS) {
            page.sample(&bucket, &[label, ("le", &bound.to_string())], count);
        }
        page.sample(&bucket, &[label, ("le", "+Inf")], self.count);
        page.sample(&format!("{name}_sum"), &[label], self.sum);
        page.sample(&format!("{name}_count"), &[label], self.count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_that_of_prometheus() {
        let mut page = Page::default();
        page.family("a_total", Kind::Counter, "As.");
        page.sample("a_total", &[], 3);
        page.sample("a_total", &[("x", "q\"\\\n"), ("y", "")], 0.5);
        let mut histogram = Histogram::default();
        histogram.add(0.1);
        histogram.add(30.0);
        histogram.write(&mut page, "h", ("c", "d"));
        let text = page.into_text();
        assert!(text.starts_with(
            "# HELP a_total As.\n# TYPE a_total counter\na_total 3\na_total{x=\"q\\\"\\\\\\n\",y=\"\"} 0.5\n"
        ));
        for line in [
            "h_bucket{c=\"d\",le=\"0.05\"} 0\n",
            "h_bucket{c=\"d\",le=\"0.1\"} 1\n",
            "h_bucket{c=\"d\",le=\"20\"} 1\n",
            "h_bucket{c=\"d\",le=\"+Inf\"} 2\n",
            "h_sum{c=\"d\"} 30.1\n",
            "h_count{c=\"d\"} 2\n",
        ] {
            assert!(text.contains(line), "no {line} in {text}");
        }
    }
}
