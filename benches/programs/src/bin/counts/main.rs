//! Runs a case so many times, for callgrind to count its instructions: `counts CASE TIMES`. `counts --list` says which
//! there are. The script `benches/counts` runs all of them.

#[path = "cases/mod.rs"]
mod cases;

use std::{env, error::Error};

use cases::{Case, Run, cases};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--list"] => list(),
        [name, times] => count(case(name)?, times.parse()?),
        _ => return Err("counts --list, or counts CASE TIMES".into()),
    }
    Ok(())
}

/// Each with the units that a run is counted by, and how often it is run at most.
fn list() {
    for case in cases() {
        println!("{}\t{}\t{}", case.name, case.units, case.times);
    }
}

fn case(name: &str) -> Result<&'static Case, Box<dyn Error>> {
    let found = cases().find(|case| case.name == name);
    found.ok_or_else(|| format!("no case is named {name}").into())
}

fn count(case: &Case, times: u32) {
    let mut run = (case.set_up)();
    // What is done only once is not what a case is about. Where it is run only once it doesn't show.
    if times > 1 {
        run();
        run();
    }
    measured(&mut run, times);
}

/// By this name the profile knows what belongs to the case.
#[inline(never)]
fn measured(run: &mut Run, times: u32) {
    for _ in 0..times {
        run();
    }
}
