//! What each host function costs: rows of the machine, and gas. One call of it, beside nothing.

use playfair_proving::host_calls::{Bench, DATA, HostCall, ZEROS, function};

fn main() {
    let f = function;
    let before: [HostCall; 1] = [(f("set"), [DATA, 8, DATA, 32])];
    let list: &[(&str, HostCall)] = &[
        ("input", (f("input"), [40_000, 0, 0, 0])),
        ("output 0", (f("output"), [DATA, 0, 0, 0])),
        ("output 1", (f("output"), [DATA, 1, 0, 0])),
        ("output 32", (f("output"), [DATA, 32, 0, 0])),
        ("output 95", (f("output"), [DATA, 95, 0, 0])),
        ("output 97", (f("output"), [DATA, 97, 0, 0])),
        ("output 1024", (f("output"), [DATA, 1024, 0, 0])),
        ("get 32", (f("get"), [DATA, 8, ZEROS, 32])),
        ("get none", (f("get"), [DATA, 16, ZEROS, 32])),
        ("set 0", (f("set"), [DATA, 8, DATA, 0])),
        ("set 32", (f("set"), [DATA, 8, DATA + 8, 32])),
        ("set new 32", (f("set"), [DATA, 16, DATA + 8, 32])),
        ("set new 4096", (f("set"), [DATA, 16, DATA + 8, 4096])),
        ("set key 64", (f("set"), [DATA, 64, DATA + 8, 32])),
        ("remove", (f("remove"), [DATA, 8, 0, 0])),
        ("exists", (f("exists"), [DATA, 8, 0, 0])),
        ("emit 0", (f("emit"), [1, DATA, 0, 0])),
        ("emit 1", (f("emit"), [1, DATA, 1, 0])),
        ("emit 73", (f("emit"), [1, DATA, 73, 0])),
        ("emit 1024", (f("emit"), [1, DATA, 1024, 0])),
        ("caller", (f("caller"), [ZEROS, 0, 0, 0])),
        ("value", (f("value"), [ZEROS, 0, 0, 0])),
        ("chain_id", (f("chain_id"), [ZEROS, 0, 0, 0])),
        ("height", (f("height"), [0; 4])),
        ("time", (f("time"), [0; 4])),
        ("randomness", (f("randomness"), [ZEROS, 0, 0, 0])),
        ("balance", (f("balance"), [DATA, ZEROS, 0, 0])),
        ("transfer 0", (f("transfer"), [DATA, ZEROS, 0, 0])),
        ("transfer 1", (f("transfer"), [DATA, DATA + 24 - 8, 0, 0])),
        ("withdraw", (f("withdraw"), [DATA, DATA, 0, 0])),
        ("poseidon2", (f("poseidon2"), [DATA, ZEROS, 0, 0])),
        ("poseidon5", (f("poseidon5"), [DATA, ZEROS, 0, 0])),
        ("log 32", (f("log"), [DATA, 32, 0, 0])),
        ("memory.grow", (f("memory.grow"), [1, 0, 0, 0])),
        ("memory.fill 0", (f("memory.fill"), [DATA, 7, 0, 0])),
        ("memory.fill 1", (f("memory.fill"), [DATA, 7, 1, 0])),
        ("memory.fill 15", (f("memory.fill"), [DATA + 1, 7, 14, 0])),
        ("memory.fill 4096", (f("memory.fill"), [DATA, 7, 4096, 0])),
        ("memory.copy 4096", (f("memory.copy"), [ZEROS, DATA, 4096, 0])),
        (
            "memory.copy apart",
            (f("memory.copy"), [ZEROS + 1, DATA + 2, 4096, 0]),
        ),
    ];
    let bench = Bench::default();
    let whole = bench.whole(&before, &[]);
    println!("a call of nothing: {} rows, {} gas", whole.rows, whole.gas);
    println!("{:20} {:>14} {:>14} {:>14}", "", "one", "again", "64 times");
    for (name, call) in list {
        let costs = [1, 2, 64].map(|times| bench.cost(&before, &vec![*call; times]));
        let show = |rows: i64, gas: i64| format!("{rows} / {gas}");
        println!(
            "{name:20} {:>14} {:>14} {:>14}",
            show(costs[0].rows, costs[0].gas),
            show(costs[1].rows - costs[0].rows, costs[1].gas - costs[0].gas),
            show(costs[2].rows / 64, costs[2].gas / 64),
        );
    }
}
