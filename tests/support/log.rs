//! What is logged while tests run.

// Each test binary that takes this in uses a part of it.
#![allow(dead_code, unreachable_pub)]

use std::{
    cell::RefCell,
    env,
    fmt::Debug,
    fs::File,
    io::{self, Write},
    sync::{LazyLock, Once},
};

use tracing_subscriber::filter::LevelFilter;

/// The variable that names the file into which a test binary logs.
pub const VARIABLE: &str = "CANARY_LOG";

static FILE: LazyLock<Option<File>> = LazyLock::new(|| {
    let path = env::var_os(VARIABLE)?;
    let file = File::options().create(true).append(true).open(path);
    Some(file.expect("it can be written"))
});

thread_local! {
    /// What was logged on this thread, which is what one test did, since it was asked for.
    static KEPT: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Logs everything from now on, whichever test it is of, into the file that [`VARIABLE`] names. Without one, nothing.
pub fn observe() {
    if FILE.is_some() {
        everything();
    }
}

/// Writes into that file what a test was told.
pub fn note(told: &dyn Debug) {
    if let Some(mut file) = FILE.as_ref() {
        let told = format!("told {told:?}\n");
        file.write_all(told.as_bytes()).expect("it can be written");
    }
}

/// Keeps all that is logged on this thread from now on.
pub fn keep() {
    KEPT.with_borrow_mut(|kept| {
        kept.get_or_insert_default();
    });
    everything();
}

/// What was kept.
pub fn kept() -> String {
    let kept = KEPT.with_borrow(|kept| kept.clone().unwrap_or_default());
    String::from_utf8_lossy(&kept).into_owned()
}

/// One subscriber for all threads, because others miss what was first met elsewhere.
fn everything() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(|| Log)
            .init();
    });
}

struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        KEPT.with_borrow_mut(|kept| {
            if let Some(kept) = kept {
                kept.extend_from_slice(bytes);
            }
        });
        match FILE.as_ref() {
            // Appended at once, so lines of several threads stay whole.
            Some(mut file) => file.write(bytes),
            None => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
