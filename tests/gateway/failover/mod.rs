//! The same provider again, or the next one: the whole stack below the router, over providers within the process.

mod again;
mod budget;
mod early;
mod ejection;
mod empty;
mod endpoints;
mod gone;
mod next;
mod sockets;
mod total;
mod world;
