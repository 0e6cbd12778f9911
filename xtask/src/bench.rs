//! `cargo xtask bench`: a suite's measures in release mode, held against its bars.
//!
//! A suite is an example that prints one measure per line, `name<TAB>value<TAB>unit`; its other lines are
//! passed on. A missed bar is marked, not a failure: a benchmark on a busy machine is not a test.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::args::Args;
use crate::failure::{Doing, Result, failure};
use crate::process::Process;
use crate::repo::Repo;
use crate::report;
use crate::setup;
use crate::web;
use crate::workspace::Workspace;

/// What a measure must reach.
#[derive(Clone, Copy)]
enum Bar {
    None,
    AtLeast(f64),
    AtMost(f64),
}

struct Suite {
    name: &'static str,
    about: &'static str,
    /// Package and example of each program; together they are the suite.
    programs: &'static [(&'static str, &'static str)],
    /// Whether they load what `cargo xtask web` builds.
    in_pages: bool,
    /// Every measure that the suite prints, in any order.
    bars: &'static [(&'static str, Bar)],
}

const SUITES: &[Suite] = &[
    Suite {
        name: "types",
        about: "hashing, signatures, decoding",
        programs: &[
            ("playfair-types", "bench_types"),
            ("playfair-lanes", "bench_lanes"),
        ],
        in_pages: false,
        bars: &[
            ("poseidon_per_s", Bar::AtLeast(60_000.0)),
            ("eddsa_verify_per_s", Bar::AtLeast(8_000.0)),
            ("eddsa_sign_per_s", Bar::None),
            ("decode_call_per_s", Bar::None),
            ("nodes_per_s", Bar::None),
            ("lists_per_s", Bar::None),
        ],
    },
    Suite {
        name: "tree",
        about: "Poseidon permutations per state operation, this state tree and the one it was preferred to",
        programs: &[("playfair-types", "bench_tree")],
        in_pages: false,
        bars: &[],
    },
    Suite {
        name: "runtime",
        about: "chess on the whole runtime, instances, the state tree (a million keys: two minutes)",
        programs: &[
            ("playfair-games", "bench_runtime"),
            ("playfair-runtime", "bench_engine"),
            ("playfair-state", "bench_state"),
        ],
        in_pages: false,
        bars: &[
            ("exec_chess_calls_per_s", Bar::AtLeast(5_000.0)),
            ("replay_calls_per_s", Bar::AtLeast(1_500.0)),
            ("chess_instr_per_move", Bar::AtMost(6_000.0)),
            ("instance_start_us", Bar::AtMost(10.0)),
            ("tree_batch_1k_ms", Bar::AtMost(150.0)),
        ],
    },
    Suite {
        name: "node",
        about: "a node: chess at 400 tables over HTTP, subscribers, kills, a soak of ten minutes, a move proven",
        programs: &[("playfair-games", "bench_node"), ("playfair-games", "bench_rpc")],
        in_pages: false,
        bars: &[
            ("node_calls_per_s", Bar::AtLeast(1_500.0)),
            ("ack_p50_ms", Bar::None),
            ("ack_p99_ms", Bar::AtMost(250.0)),
            ("subscribe_delta_p99_ms", Bar::None),
            ("restart_ms", Bar::None),
            ("rss_soak_growth_mb", Bar::None),
            ("soak_calls_per_s", Bar::None),
            ("crash_runs", Bar::AtLeast(20.0)),
            ("crash_calls", Bar::None),
            ("crash_losses", Bar::AtMost(0.0)),
            ("submit_to_proven_s", Bar::None),
            ("core_calls_per_s", Bar::None),
            ("core_ack_p50_ms", Bar::None),
            ("core_ack_p99_ms", Bar::None),
            ("core_stop_ms", Bar::None),
            ("core_restart_ms", Bar::None),
        ],
    },
    Suite {
        name: "proofs",
        about: "chess moves and a whole game proven, verified natively and by node (some minutes)",
        programs: &[
            ("playfair-proving", "bench_proofs"),
            ("playfair-proving", "bench_host"),
        ],
        in_pages: false,
        bars: &[
            ("move_prove_s", Bar::AtMost(3.0)),
            ("prove_peak_mb", Bar::AtMost(1_000.0)),
            ("largest_peak_mb", Bar::AtMost(4_000.0)),
            ("game6_prove_s", Bar::AtMost(40.0)),
            ("replay87_prove_s", Bar::AtMost(27.0)),
            ("replay87_proof_bytes", Bar::AtMost(60_000.0)),
            ("replay87_instr", Bar::None),
            ("replay87_rows", Bar::None),
            ("replay87_instr_per_s", Bar::AtLeast(20_000.0)),
            ("rows_per_s", Bar::AtLeast(10_000.0)),
            ("wasm_instr_per_s", Bar::None),
            ("wasm_instr_per_row", Bar::AtLeast(2.0)),
            ("witness_share", Bar::AtMost(0.15)),
            ("advice_columns", Bar::None),
            ("commitments", Bar::AtMost(110.0)),
            ("full_size_commitments", Bar::None),
            ("proof_bytes", Bar::AtMost(10_000.0)),
            ("verify_native_ms", Bar::AtMost(10.0)),
            ("verify_wasm_node_ms", Bar::AtMost(50.0)),
            ("verify50_wasm_node_ms", Bar::AtMost(1_500.0)),
            ("verifier_wasm_gz_bytes", Bar::AtMost(300_000.0)),
        ],
    },
    Suite {
        name: "browser",
        about: "the light client in Chromium: single checks, a newcomer and one who comes back",
        programs: &[
            ("playfair-light-client-page", "bench_page"),
            ("playfair-node", "bench_visit"),
        ],
        in_pages: true,
        bars: &[
            ("verifier_wasm_gz_bytes", Bar::AtMost(400_000.0)),
            ("predict_ms", Bar::AtMost(16.0)),
            ("verify_chromium_ms", Bar::AtMost(50.0)),
            ("verify_batch_chromium_ms", Bar::None),
            ("key_chromium_ms", Bar::None),
            ("certificate_chromium_ms", Bar::None),
            ("state_chromium_ms", Bar::None),
            ("sync_update_chromium_ms", Bar::AtMost(30.0)),
            ("sync_update_67_chromium_ms", Bar::AtMost(30.0)),
            ("committee_made_chromium_ms", Bar::None),
            ("open_cold_ms", Bar::AtMost(3_000.0)),
            ("open_warm_ms", Bar::AtMost(300.0)),
            ("page_gz_bytes", Bar::AtMost(1_200_000.0)),
            ("first_paint_ms", Bar::AtMost(1_500.0)),
            ("interactive_ms", Bar::AtMost(3_000.0)),
            ("cold_start_ms", Bar::AtMost(3_000.0)),
            ("warm_start_ms", Bar::AtMost(300.0)),
            ("lies_tried", Bar::AtLeast(30.0)),
            ("lies_believed", Bar::AtMost(0.0)),
        ],
    },
];

/// One line of a suite's output.
#[derive(Clone, Debug, PartialEq)]
struct Measure {
    name: String,
    value: f64,
    unit: String,
}

pub(crate) fn run(repo: &Repo, mut args: Args) -> Result<()> {
    let json_file = args.option("--json")?;
    let name = args.positional();
    args.finish()?;
    let Some(suite) = SUITES.iter().find(|suite| Some(suite.name) == name.as_deref()) else {
        return Err(failure!("{}", suites(name.as_deref())));
    };
    let workspace = Workspace::load(repo)?;
    for (package, example) in suite.programs {
        workspace.require(package, "example", example)?;
    }
    setup::toolchain(repo)?;
    if suite.in_pages {
        setup::peers(repo)?;
    }
    say!("== bench {}: {}", suite.name, suite.about);
    let mut measures = Vec::new();
    if suite.in_pages {
        let page = web::build(repo)?.page;
        measures.push(Measure {
            name: "page_gz_bytes".to_owned(),
            value: web::page_gz_bytes(&page) as f64,
            unit: "bytes".to_owned(),
        });
        let program = [
            "build",
            "--locked",
            "--release",
            "-p",
            "playfair-node",
            "--bin",
            "playfair",
        ];
        repo.cargo().args(program).run()?;
    }
    for program in suite.programs {
        measures.extend(measures_of(repo, program)?);
    }

    let machine = machine(repo)?;
    let rows = judge(suite.bars, &measures);
    say!(
        "\n{machine}\n\n{}",
        report::table(&["measure", "value", "unit", "bar", ""], cells(&rows))
    );
    if let Some(file) = json_file {
        write_json(Path::new(&file), suite.name, &machine, &rows)?;
        say!("\nwritten to {file}");
    }
    Ok(())
}

/// Runs one program in release mode and collects what it measures.
fn measures_of(repo: &Repo, (package, example): &(&str, &str)) -> Result<Vec<Measure>> {
    let mut measures = Vec::new();
    let mut bad_lines = Vec::new();
    let args = [
        "run",
        "--locked",
        "--release",
        "-p",
        package,
        "--example",
        example,
    ];
    let program = repo
        .cargo()
        .args(args)
        .env("PLAYFAIR_PROGRAM", repo.target().join("release/playfair"));
    setup::for_tests(repo, program).run_watching_stdout(|line| match parse(line) {
        Line::Measure(measure) => measures.push(measure),
        Line::Bad => bad_lines.push(line.to_owned()),
        Line::Other => say!("{line}"),
    })?;
    match bad_lines.first() {
        Some(line) => Err(failure!("{example} printed a line that is no measure: `{line}`")),
        None => Ok(measures),
    }
}

fn suites(asked: Option<&str>) -> String {
    let mut text = match asked {
        Some(name) => format!("there is no suite `{name}`"),
        None => "no suite was named".to_owned(),
    };
    text.push_str("\nusage: cargo xtask bench SUITE [--json FILE]\nsuites:");
    for suite in SUITES {
        text.push_str(&format!("\n  {}  {}", suite.name, suite.about));
    }
    text
}

#[derive(Debug, PartialEq)]
enum Line {
    Measure(Measure),
    /// Has tabs, hence means to be a measure, and is not.
    Bad,
    Other,
}

fn parse(line: &str) -> Line {
    if !line.contains('\t') {
        return Line::Other;
    }
    let fields: Vec<&str> = line.split('\t').collect();
    let [name, value, unit] = fields[..] else {
        return Line::Bad;
    };
    match value.trim().parse::<f64>() {
        Ok(value) if value.is_finite() && !name.trim().is_empty() => Line::Measure(Measure {
            name: name.trim().to_owned(),
            value,
            unit: unit.trim().to_owned(),
        }),
        _ => Line::Bad,
    }
}

/// A measure beside its bar.
struct Judged {
    name: String,
    measure: Option<Measure>,
    bar: Bar,
}

impl Judged {
    fn value(&self) -> Option<f64> {
        self.measure.as_ref().map(|measure| measure.value)
    }

    /// `None` where there is no bar. A measure that was not taken missed its bar.
    fn met(&self) -> Option<bool> {
        match self.bar {
            Bar::None => None,
            Bar::AtLeast(least) => Some(self.value().is_some_and(|value| value >= least)),
            Bar::AtMost(most) => Some(self.value().is_some_and(|value| value <= most)),
        }
    }
}

/// The bars' measures in the bars' order, then those that no bar knows.
fn judge(bars: &[(&str, Bar)], measures: &[Measure]) -> Vec<Judged> {
    let find = |name: &str| measures.iter().find(|measure| measure.name == name).cloned();
    let known = bars.iter().map(|(name, bar)| Judged {
        name: (*name).to_owned(),
        measure: find(name),
        bar: *bar,
    });
    let unknown = measures
        .iter()
        .filter(|measure| !bars.iter().any(|(name, _)| *name == measure.name));
    let unknown = unknown.map(|measure| Judged {
        name: measure.name.clone(),
        measure: Some(measure.clone()),
        bar: Bar::None,
    });
    known.chain(unknown).collect()
}

fn cells(rows: &[Judged]) -> Vec<Vec<String>> {
    let cells = rows.iter().map(|row| {
        let (value, unit) = match &row.measure {
            Some(measure) => (number(measure.value), measure.unit.clone()),
            None => ("not measured".to_owned(), String::new()),
        };
        let bar = match row.bar {
            Bar::None => String::new(),
            Bar::AtLeast(least) => format!(">= {}", number(least)),
            Bar::AtMost(most) => format!("<= {}", number(most)),
        };
        let verdict = match row.met() {
            None => "",
            Some(true) => "met",
            Some(false) => "MISSED",
        };
        vec![row.name.clone(), value, unit, bar, verdict.to_owned()]
    });
    cells.collect()
}

/// Large numbers whole, small ones to three decimals.
fn number(value: f64) -> String {
    if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.3}")
    }
}

fn write_json(file: &Path, suite: &str, machine: &str, rows: &[Judged]) -> Result<()> {
    let text = format!("{:#}\n", to_json(suite, machine, rows));
    fs::write(file, text).doing(format_args!("write {}", file.display()))
}

fn to_json(suite: &str, machine: &str, rows: &[Judged]) -> Value {
    let measures = rows.iter().map(|row| {
        let bar = match row.bar {
            Bar::None => Value::Null,
            Bar::AtLeast(least) => json!({ "at_least": least }),
            Bar::AtMost(most) => json!({ "at_most": most }),
        };
        let (value, unit) = row
            .measure
            .as_ref()
            .map(|measure| (measure.value, &measure.unit))
            .unzip();
        json!({ "name": row.name, "value": value, "unit": unit, "bar": bar, "met": row.met() })
    });
    json!({ "suite": suite, "machine": machine, "measures": measures.collect::<Vec<_>>() })
}

/// Cores, memory, processor, compiler, load: what a number means nothing without.
fn machine(repo: &Repo) -> Result<String> {
    let cores = std::thread::available_parallelism().map_or(1, |number| number.get());
    let rustc = Process::new("rustc", &repo.root).args(["--version"]).capture()?;
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let model =
        field(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let memory = match field(&read("/proc/meminfo"), "MemTotal")
        .as_deref()
        .and_then(gibibytes)
    {
        Some(gib) => format!("{gib:.0} GiB"),
        None => "memory unknown".to_owned(),
    };
    let load = read("/proc/loadavg");
    let load = load.split_whitespace().next().unwrap_or("unknown");
    Ok(format!(
        "machine: {cores} cores, {memory}, {model}, {}; load {load} in the last minute",
        rustc.trim()
    ))
}

/// The value of `name : value` in a file of /proc.
fn field(text: &str, name: &str) -> Option<String> {
    let mut fields = text.lines().filter_map(|line| line.split_once(':'));
    fields
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim().to_owned())
}

fn gibibytes(kibibytes: &str) -> Option<f64> {
    let number: f64 = kibibytes.strip_suffix("kB")?.trim().parse().ok()?;
    Some(number / (1 << 20) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(name: &str, value: f64) -> Measure {
        Measure {
            name: name.to_owned(),
            value,
            unit: "1/s".to_owned(),
        }
    }

    #[test]
    fn lines_are_measures_mistakes_or_something_else() {
        assert_eq!(parse("a\t12.5\t1/s"), Line::Measure(measure("a", 12.5)));
        assert_eq!(parse("warming up"), Line::Other);
        for bad in [
            "a\tfast\t1/s",
            "a\t1",
            "a\t1\t1/s\tmore",
            "\t1\t1/s",
            "a\tNaN\t1/s",
        ] {
            assert_eq!(parse(bad), Line::Bad, "{bad}");
        }
    }

    #[test]
    fn bars_are_met_missed_or_absent() {
        let bars = [
            ("fast", Bar::AtLeast(10.0)),
            ("slow", Bar::AtLeast(10.0)),
            ("big", Bar::AtMost(2.0)),
            ("small", Bar::AtMost(2.0)),
            ("gone", Bar::AtLeast(1.0)),
        ];
        let rows = judge(
            &bars,
            &[
                measure("slow", 9.0),
                measure("fast", 10.0),
                measure("big", 3.0),
                measure("small", 2.0),
                measure("new", 1.0),
            ],
        );
        let met: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.met())).collect();
        assert_eq!(
            met,
            [
                ("fast", Some(true)),
                ("slow", Some(false)),
                ("big", Some(false)),
                ("small", Some(true)),
                ("gone", Some(false)),
                ("new", None)
            ]
        );
        let cells = cells(&rows);
        assert_eq!(cells[1], ["slow", "9.000", "1/s", ">= 10.000", "MISSED"]);
        assert_eq!(cells[2][3], "<= 2.000");
        assert_eq!(cells[4][1], "not measured");
    }

    #[test]
    fn json_says_what_the_table_says() {
        let rows = judge(
            &[("fast", Bar::AtLeast(10.0)), ("gone", Bar::None)],
            &[measure("fast", 10.0)],
        );
        let json = to_json("s", "m", &rows);
        assert_eq!(json["measures"][0]["met"], true);
        assert_eq!(json["measures"][0]["bar"]["at_least"], 10.0);
        assert_eq!(json["measures"][1]["value"], Value::Null);
    }

    #[test]
    fn an_unknown_suite_lists_those_there_are() {
        assert!(suites(Some("x")).contains("no suite `x`") && suites(None).contains("\n  types  "));
    }

    #[test]
    fn proc_files_are_read() {
        assert_eq!(
            field("MemTotal:   2097152 kB\n", "MemTotal")
                .as_deref()
                .and_then(gibibytes),
            Some(2.0)
        );
        assert_eq!(
            field("model name\t: A CPU\n", "model name").as_deref(),
            Some("A CPU")
        );
    }
}
