//! `playfair-fuzz <target> [--seconds N] [--seed S]`: runs one fuzz target, or `all`, for N seconds (default 60).
//!
//! A failing input is printed as hexadecimal together with the seed of its round.

use playfair_fuzz::mutate::mutate;
use playfair_fuzz::random::Random;
use playfair_fuzz::targets::{self, Target};
use std::process::ExitCode;
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<(), String> {
    let names = || {
        targets::all()
            .map(|target| target.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let usage = || {
        format!(
            "usage: playfair-fuzz <target|all> [--seconds N] [--seed S]\ntargets: {}",
            names()
        )
    };
    let (name, options) = args.split_first().ok_or_else(usage)?;
    let (mut seconds, mut seed) = (60, 1);
    for pair in options.chunks(2) {
        match pair {
            [flag, value] if flag == "--seconds" => seconds = value.parse().map_err(|_| usage())?,
            [flag, value] if flag == "--seed" => seed = value.parse().map_err(|_| usage())?,
            _ => return Err(usage()),
        }
    }
    let chosen: Vec<&Target> = targets::all()
        .filter(|target| name == "all" || target.name == name)
        .collect();
    if chosen.is_empty() {
        return Err(usage());
    }
    let each = Duration::from_secs(seconds) / u32::try_from(chosen.len()).unwrap_or(u32::MAX);
    for target in chosen {
        fuzz(target, each, seed)?;
    }
    Ok(())
}

fn fuzz(target: &Target, time: Duration, seed: u64) -> Result<(), String> {
    let (end, mut round, mut accepted) = (Instant::now() + time, seed, 0u64);
    while Instant::now() < end {
        for _ in 0..64 {
            let mut random = Random::new(round);
            let mut bytes = (target.sample)(&mut random);
            mutate(&mut random, &mut bytes);
            let outcome = std::panic::catch_unwind(|| (target.check)(&bytes));
            match outcome {
                Ok(ok) => accepted += u64::from(ok),
                Err(_) => {
                    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                    return Err(format!("{} fails at seed {round} on {hex}", target.name));
                }
            }
            round = round.wrapping_add(1);
        }
    }
    println!(
        "{}: {} inputs, {accepted} accepted, none broke the rules",
        target.name,
        round.wrapping_sub(seed)
    );
    Ok(())
}
