//! The component: `echo` returns what it is given, `run` does what its name says.

mod echo;
mod run;

wit_bindgen::generate!({ world: "conformance", path: "wit", generate_all });

struct Component;

impl Guest for Component {
    fn version() -> String {
        env!("CARGO_PKG_VERSION").into()
    }
}

export!(Component);
