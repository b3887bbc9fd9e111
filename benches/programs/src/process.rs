//! What Linux tells about a process: the time it has had on a processor, and its memory.

use std::{fs, io, path::PathBuf};

/// A process to look at.
#[derive(Clone, Copy, Debug)]
pub struct Process(u32);

impl Process {
    #[must_use]
    pub fn new(id: u32) -> Self {
        Self(id)
    }

    #[must_use]
    pub fn own() -> Self {
        Self(std::process::id())
    }

    /// Nanoseconds on a processor, of all its threads.
    ///
    /// # Errors
    ///
    /// There is no such process, or no `/proc`.
    pub fn cpu(self) -> io::Result<u64> {
        match self.scheduled() {
            Ok(0) | Err(_) => self.ticks().map(|ticks| ticks * TICK),
            exact => exact,
        }
    }

    /// The kernel's own count, where it was built to keep it. Threads that have ended are not in it; none of the programs here
    /// ends one.
    fn scheduled(self) -> io::Result<u64> {
        let mut sum = 0;
        for thread in fs::read_dir(self.path("task"))? {
            let line = fs::read_to_string(thread?.path().join("schedstat"))?;
            sum += number(line.split(' ').next())?;
        }
        Ok(sum)
    }

    fn ticks(self) -> io::Result<u64> {
        let line = fs::read_to_string(self.path("stat"))?;
        // The name of the program stands in brackets and may hold anything.
        let after_name = line.rsplit(')').next().unwrap_or_default();
        let mut fields = after_name.split_whitespace().skip(11);
        Ok(number(fields.next())? + number(fields.next())?)
    }

    /// Bytes of memory that it has now.
    ///
    /// # Errors
    ///
    /// As [`cpu`](Self::cpu).
    pub fn resident(self) -> io::Result<u64> {
        self.memory("VmRSS:")
    }

    /// The most bytes of memory that it had since [`forget_peak`](Self::forget_peak).
    ///
    /// # Errors
    ///
    /// As [`cpu`](Self::cpu).
    pub fn peak(self) -> io::Result<u64> {
        self.memory("VmHWM:")
    }

    /// Lets the peak begin anew.
    ///
    /// # Errors
    ///
    /// It belongs to somebody else, or as [`cpu`](Self::cpu).
    pub fn forget_peak(self) -> io::Result<()> {
        fs::write(self.path("clear_refs"), "5")
    }

    fn memory(self, key: &str) -> io::Result<u64> {
        let status = fs::read_to_string(self.path("status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(key));
        number(line.and_then(|line| line.split_whitespace().next())).map(|kib| kib * 1024)
    }

    fn path(self, file: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{file}", self.0))
    }
}

/// Nanoseconds of a tick, on every Linux of today.
const TICK: u64 = 10_000_000;

fn number(text: Option<&str>) -> io::Result<u64> {
    text.and_then(|text| text.trim().parse().ok())
        .ok_or_else(|| io::Error::other("no number where /proc has one"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_time_on_a_processor() {
        let before = Process::own().cpu().unwrap();
        let mut sum = 0_u64;
        while Process::own().cpu().unwrap() == before {
            sum = std::hint::black_box(sum + 1);
        }
    }

    #[test]
    fn it_takes_ticks_too() {
        while Process::own().ticks().unwrap() == 0 {}
    }

    #[test]
    fn a_peak_is_forgotten() {
        let process = Process::own();
        drop(std::hint::black_box(vec![1_u8; 64 << 20]));
        let high = process.peak().unwrap();
        process.forget_peak().unwrap();
        assert!(process.peak().unwrap() + (32 << 20) < high);
    }

    #[test]
    fn a_process_that_is_not_there_is_an_error() {
        assert!(Process::new(u32::MAX).cpu().is_err());
    }
}
