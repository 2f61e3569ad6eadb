//! The component: buckets of its own, and what it does with the host's connections.

mod buckets;
mod users;

wit_bindgen::generate!({ world: "handles", path: "wit" });

struct Component;

export!(Component);
