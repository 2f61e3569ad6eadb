//! Answers maps as they came, and adds one up.

use exports::test::lists::maps::Guest;
use wit_bindgen::rt::Map;

wit_bindgen::generate!({ path: "lists", world: "map-guest" });

struct Component;

impl Guest for Component {
    fn words(value: Map<String, u32>) -> Map<String, u32> {
        value
    }
    fn numbers(value: Map<u8, Vec<String>>) -> Map<u8, Vec<String>> {
        value
    }
    fn total(value: Map<String, u32>) -> u32 {
        value.into_iter().map(|(_, count)| count).sum()
    }
}

export!(Component);
