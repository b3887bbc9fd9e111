//! Prints what each case allocates: how often, how many bytes, and how many it holds at most. A program of its own,
//! because to count allocations takes instructions.

#[path = "counts/cases/mod.rs"]
mod cases;

use allocation_counter::{AllocationInfo, measure};
use cases::{Case, Run, cases};

fn main() {
    for case in cases() {
        let all = allocated(case);
        let runs = f64::from(case.times) * f64::from(case.units);
        println!(
            "{}\t{:.5}\t{:.3}\t{}",
            case.name,
            each(all.count_total, runs),
            each(all.bytes_total, runs),
            all.bytes_max,
        );
    }
}

/// In all runs together.
fn allocated(case: &Case) -> AllocationInfo {
    let mut run = (case.set_up)();
    if case.times > 1 {
        run();
        run();
    }
    measure(|| repeat(&mut run, case.times))
}

fn repeat(run: &mut Run, times: u32) {
    for _ in 0..times {
        run();
    }
}

#[expect(clippy::cast_precision_loss, reason = "no case allocates that much")]
fn each(total: u64, runs: f64) -> f64 {
    total as f64 / runs
}
