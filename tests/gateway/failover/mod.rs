//! The same provider again, or the next one: the whole stack below the router, over providers within the process.

mod again;
mod budget;
mod gone;
mod next;
mod total;
mod world;
