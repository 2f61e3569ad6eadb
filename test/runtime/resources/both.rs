//! Wraps the host's things in things of its own.

use exports::test::resources::both::{Guest, GuestThing, Thing};
use test::resources::both;

wit_bindgen::generate!({ path: "resources", world: "both-guest" });

struct Component;

struct Wrapped(both::Thing);

impl GuestThing for Wrapped {
    fn new(label: String) -> Self {
        Self(both::Thing::new(&format!("host {label}")))
    }
    fn label(&self) -> String {
        format!("guest {}", self.0.label())
    }
}

impl Guest for Component {
    type Thing = Wrapped;

    fn relabel(it: Thing) -> Thing {
        Thing::new(Wrapped(both::relabel(it.into_inner::<Wrapped>().0)))
    }
}

export!(Component);
