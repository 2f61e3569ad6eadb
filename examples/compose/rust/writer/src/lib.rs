//! Writes into volumes that are kept elsewhere.

use std::cell::RefCell;

wit_bindgen::generate!({ world: "writer", path: "../../wit/volumes.wit" });

use acme::volumes::archive::Volume;
use exports::acme::volumes::minutes::Guest;

struct Writer;

thread_local! {
    static HELD: RefCell<Vec<Volume>> = const { RefCell::new(Vec::new()) };
}

impl Guest for Writer {
    fn take(title: String, lines: Vec<String>) -> String {
        let volume = Volume::new(&title);
        for line in &lines {
            volume.append(line);
        }
        volume.text()
    }

    fn hold(title: String) {
        HELD.with_borrow_mut(|held| held.push(Volume::new(&title)));
    }

    fn fail() {
        panic!("the writer is out of ink");
    }
}

export!(Writer);
