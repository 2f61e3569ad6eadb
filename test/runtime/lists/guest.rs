//! Answers lists as they came, makes some, and adds some up.

use exports::test::lists::echo::{Guest, Row};

wit_bindgen::generate!({ path: "lists", world: "guest" });

struct Component;

impl Guest for Component {
    fn bytes(value: Vec<u8>) -> Vec<u8> {
        value
    }
    fn nested(value: Vec<Vec<Vec<u32>>>) -> Vec<Vec<Vec<u32>>> {
        value
    }
    fn rows(value: Vec<Row>) -> Vec<Row> {
        value
    }
    fn make(outer: u32, inner: u32) -> Vec<Vec<u32>> {
        (0..outer).map(|row| (0..inner).map(|cell| row * inner + cell).collect()).collect()
    }
    fn sum(value: Vec<Vec<u32>>) -> u64 {
        value.iter().flatten().map(|&cell| u64::from(cell)).sum()
    }
    fn count(value: Vec<Row>) -> u32 {
        value.len() as u32
    }
}

export!(Component);
