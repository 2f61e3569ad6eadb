//! Answers every kind of value as it came, and tells what it saw.

use exports::test::types::echo::*;

wit_bindgen::generate!({ path: "types", world: "guest" });

struct Component;

macro_rules! echo {
    ($($name:ident: $type:ty,)*) => { $(fn $name(value: $type) -> $type { value })* };
}

impl Guest for Component {
    echo! {
        echo_color: Color,
        echo_many: Many,
        echo_point: Point,
        echo_person: Person,
        echo_tree: Tree,
        echo_only: Only,
        echo_shape: Shape,
        echo_shapes: Vec<Shape>,
        echo_maybe: Option<String>,
        echo_deep: Deep,
        echo_deep_list: Vec<Deep>,
        echo_maybe_outcome: Option<Result<(), ()>>,
        echo_nested: ((u8, (bool, char)), Vec<(String, u16)>),
        echo_outcome_held: (Outcome, Outcome),
        echo_bare: (Result<(), ()>, Result<u8, ()>, Result<(), u8>),
        echo_bools: Vec<bool>,
        echo_colors: Vec<Color>,
        echo_options: Vec<Option<bool>>,
        echo_flags1: Flags1,
        echo_flags8: Flags8,
        echo_flags9: Flags9,
        echo_flags16: Flags16,
        echo_flags17: Flags17,
        echo_flags32: Flags32,
    }

    fn outcome_of(value: Outcome) -> Outcome {
        value
    }
    fn bare_of(value: Result<(), ()>) -> Result<(), ()> {
        value
    }
    fn ok_of(value: Result<String, ()>) -> Result<String, ()> {
        value
    }
    fn err_of(value: Result<(), Vec<u8>>) -> Result<(), Vec<u8>> {
        value
    }
    fn describe(value: Tree, shape: Shape, deep: Deep, set: Flags17) -> String {
        format!("{value:?} {shape:?} {deep:?} {:#x}", set.bits())
    }
    fn many_parameters(
        a: u8,
        b: String,
        c: u64,
        d: f32,
        e: Option<String>,
        f: i32,
        g: Point,
        h: Shape,
        i: Vec<u8>,
        j: bool,
        k: Color,
        l: Flags9,
        m: (char, u16),
    ) -> Vec<String> {
        vec![
            format!("{a}"),
            b,
            format!("{c}"),
            format!("{d}"),
            format!("{e:?}"),
            format!("{f}"),
            format!("{g:?}"),
            format!("{h:?}"),
            format!("{i:?}"),
            format!("{j}"),
            format!("{k:?}"),
            format!("{:#x}", l.bits()),
            format!("{m:?}"),
        ]
    }
    fn nothing() {}
}

export!(Component);
