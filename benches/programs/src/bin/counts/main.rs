//! Runs a case so many times, for callgrind to count its instructions: `counts CASE TIMES`. `counts --list` says which
//! there are. The script `benches/counts` runs all of them.

#[path = "cases/mod.rs"]
mod cases;

use std::{env, error::Error};

use cases::{Run, case, cases};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--list"] => list(),
        [name, times] => measured(&mut (case(name)?.set_up)(), times.parse()?),
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

/// By this name the profile knows what belongs to the case.
#[inline(never)]
fn measured(run: &mut Run, times: u32) {
    for _ in 0..times {
        run();
    }
}
