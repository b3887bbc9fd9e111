use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::target::Target;

/// The places at downstreams that take only so many requests at once, by the ids of these. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(Arc<Mutex<HashMap<Arc<str>, Arc<Room>>>>);

/// Where the requests to one downstream are.
#[derive(Debug)]
struct Room {
    free: Arc<Semaphore>,
    size: Mutex<Size>,
}

#[derive(Debug)]
struct Size {
    places: usize,
    /// How many more are taken, because there were more when they were taken.
    surplus: usize,
}

/// The right to be one of the requests to a downstream. Whoever has waited longest gets it when this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    room: Arc<Room>,
    permit: Option<OwnedSemaphorePermit>,
}

/// What resolves to a place. Who drops it is out of the line.
pub(super) type Waiting = Pin<Box<dyn Future<Output = Place> + Send>>;

/// A way in.
pub(super) enum Entry {
    /// There is no limit.
    Free,
    Taken(Place),
    Waiting(Waiting),
}

impl Places {
    /// Enters the room of a target, which is of the size that this target says from now on; who is in it stays.
    pub(super) fn enter(&self, target: &Target) -> Entry {
        let Some(places) = target.max_in_flight() else {
            return Entry::Free;
        };
        let room = self.room(target.id());
        room.resize(places.clamp(1, Semaphore::MAX_PERMITS));
        let free = Arc::clone(&room.free);
        match Arc::clone(&free).try_acquire_owned() {
            Ok(permit) => Entry::Taken(Place::new(room, permit)),
            Err(_) => Entry::Waiting(Box::pin(async move {
                let permit = free.acquire_owned().await.expect("nobody closes it");
                Place::new(room, permit)
            })),
        }
    }

    fn room(&self, id: &Arc<str>) -> Arc<Room> {
        let mut rooms = locked(&self.0);
        if let Some(room) = rooms.get(id) {
            return Arc::clone(room);
        }
        // Those that a configuration of old had are gone when the last one has left.
        rooms.retain(|_, room| Arc::strong_count(room) > 1);
        Arc::clone(rooms.entry(Arc::clone(id)).or_default())
    }
}

impl Default for Room {
    fn default() -> Self {
        Self {
            free: Arc::new(Semaphore::new(0)),
            size: Mutex::new(Size {
                places: 0,
                surplus: 0,
            }),
        }
    }
}

impl Room {
    fn resize(&self, places: usize) {
        let mut size = locked(&self.size);
        let fewer = size.places.saturating_sub(places);
        let more = places.saturating_sub(size.places);
        let allowed = more.min(size.surplus);
        size.surplus = size.surplus - allowed + fewer;
        self.free.add_permits(more - allowed);
        size.surplus -= self.free.forget_permits(size.surplus);
        size.places = places;
    }
}

impl Place {
    fn new(room: Arc<Room>, permit: OwnedSemaphorePermit) -> Self {
        Self {
            room,
            permit: Some(permit),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut size = locked(&self.room.size);
        let Some(permit) = self.permit.take() else {
            return;
        };
        if size.surplus > 0 {
            size.surplus -= 1;
            permit.forget();
        } else {
            drop(permit);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing in there is ever half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
