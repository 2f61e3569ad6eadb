//! `echo`: every value type, in and out.

use crate::exports::hl::conformance::echo::{
    Color, Failure, Guest, Many, Mixed, Permissions, Person, Point, Scalars, Shape,
};

/// Functions that return their one parameter.
macro_rules! echo {
    ($($name:ident: $type:ty;)*) => { $(fn $name(value: $type) -> $type { value })* };
}

impl Guest for crate::Component {
    echo! {
        echo_bool: bool;
        echo_u8: u8;
        echo_u16: u16;
        echo_u32: u32;
        echo_u64: u64;
        echo_s8: i8;
        echo_s16: i16;
        echo_s32: i32;
        echo_s64: i64;
        echo_f32: f32;
        echo_f64: f64;
        echo_char: char;
        echo_string: String;
        echo_bytes: Vec<u8>;
        echo_bools: Vec<bool>;
        echo_chars: Vec<char>;
        echo_f64s: Vec<f64>;
        echo_s16s: Vec<i16>;
        echo_strings: Vec<String>;
        echo_nested: Vec<Vec<Vec<u16>>>;
        echo_point: Point;
        echo_points: Vec<Point>;
        echo_scalars: Scalars;
        echo_person: Person;
        echo_people: Vec<Person>;
        echo_tuple: (u8, String, u64);
        echo_color: Color;
        echo_colors: Vec<Color>;
        echo_shape: Shape;
        echo_shapes: Vec<Shape>;
        echo_mixed: Mixed;
        echo_mixes: Vec<Mixed>;
        echo_permissions: Permissions;
        echo_many: Many;
        echo_many_list: Vec<Many>;
        echo_option: Option<String>;
        echo_deep_option: Option<Option<u32>>;
    }

    fn echo_result(value: Result<u32, String>) -> Result<Vec<u8>, String> {
        value.map(|number| number.to_le_bytes().to_vec())
    }

    fn echo_many_parameters(
        a: u8,
        b: String,
        c: u64,
        d: f32,
        e: String,
        f: i16,
        g: Point,
        h: String,
        i: Vec<u8>,
        j: bool,
        k: char,
    ) -> (u8, String, u64, f32, String, i16, Point, String, Vec<u8>, bool, char) {
        (a, b, c, d, e, f, g, h, i, j, k)
    }

    fn fail(kind: u32) -> Result<u32, Failure> {
        match kind {
            0 => Ok(7),
            1 => Err(Failure::NotFound("sku".into())),
            2 => Err(Failure::Denied),
            code => Err(Failure::Code(code)),
        }
    }
}
