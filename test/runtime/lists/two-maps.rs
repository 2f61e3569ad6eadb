//! Answers two maps in one value as they came.

use exports::test::lists::two_maps::Guest;
use wit_bindgen::rt::Map;

wit_bindgen::generate!({ path: "lists", world: "two-maps-guest" });

struct Component;

type Both = (Map<String, u32>, Map<u8, String>);

impl Guest for Component {
    fn both(value: Both) -> Both {
        value
    }
}

export!(Component);
