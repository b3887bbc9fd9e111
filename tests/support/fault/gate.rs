//! A pause that a test ends.

use tokio::sync::watch;

/// Where scripts wait until a test lets them go on. Clones are the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate(watch::Sender<State>);

#[derive(Debug, Default)]
struct State {
    arrived: usize,
    open: bool,
}

impl Gate {
    /// A closed one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets through who waits, and all who come later.
    pub fn open(&self) {
        self.0.send_modify(|state| state.open = true);
    }

    /// Waits until this many have come to the gate: all steps before it are done then.
    pub async fn reached(&self, count: usize) {
        let mut states = self.0.subscribe();
        let reached = states.wait_for(|state| state.arrived >= count).await;
        reached.expect("this gate sends");
    }

    pub(super) async fn pass(&self) {
        self.0.send_modify(|state| state.arrived += 1);
        let mut states = self.0.subscribe();
        let opened = states.wait_for(|state| state.open).await;
        opened.expect("this gate sends");
    }
}
