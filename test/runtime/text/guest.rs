//! Answers text as it came, and tells its code points.

use exports::test::text::echo::Guest;
use test::text::host;

wit_bindgen::generate!({ path: "text", world: "guest" });

struct Component;

fn of(point: u32) -> char {
    char::from_u32(point).expect("a scalar value")
}

impl Guest for Component {
    fn text(text: String) -> String {
        text
    }
    fn texts(texts: Vec<String>) -> Vec<String> {
        texts
    }
    fn one(one: char) -> char {
        one
    }
    fn ones(ones: Vec<char>) -> Vec<char> {
        ones
    }
    fn code_points(text: String) -> Vec<u32> {
        text.chars().map(u32::from).collect()
    }
    fn code_point(one: char) -> u32 {
        one.into()
    }
    fn of_code_points(points: Vec<u32>) -> String {
        points.into_iter().map(of).collect()
    }
    fn of_code_point(point: u32) -> char {
        of(point)
    }
    fn through_host(text: String, one: char) -> String {
        host::pass(&text, one)
    }
}

export!(Component);
