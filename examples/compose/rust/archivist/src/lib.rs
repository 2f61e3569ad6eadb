//! Keeps volumes: a resource of its own, which somebody else holds.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering};

wit_bindgen::generate!({ world: "archivist", path: "../../wit/volumes.wit" });

use exports::acme::volumes::archive::{Guest, GuestVolume};

struct Archivist;

static OPEN: AtomicU32 = AtomicU32::new(0);

struct Volume {
    lines: RefCell<Vec<String>>,
}

impl Guest for Archivist {
    type Volume = Volume;

    fn open() -> u32 {
        OPEN.load(Ordering::Relaxed)
    }
}

impl GuestVolume for Volume {
    fn new(title: String) -> Self {
        OPEN.fetch_add(1, Ordering::Relaxed);
        Self { lines: RefCell::new(vec![title]) }
    }

    fn append(&self, line: String) {
        self.lines.borrow_mut().push(line);
    }

    fn text(&self) -> String {
        self.lines.borrow().join("\n")
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }
}

export!(Archivist);
