//! Answers lists of a fixed length as they came.

use exports::test::lists::fixed::{Guest, Square};

wit_bindgen::generate!({ path: "lists", world: "fixed-guest" });

struct Component;

impl Guest for Component {
    fn numbers(value: [u32; 4]) -> [u32; 4] {
        value
    }
    fn squares(value: Square) -> Square {
        value
    }
    fn words(value: [String; 2]) -> [String; 2] {
        value
    }
    fn listed(value: Vec<[u8; 2]>) -> Vec<[u8; 2]> {
        value
    }
}

export!(Component);
