//! Answers each number as it came, and tells what it was.

use exports::test::numbers::echo::Guest;
use test::numbers::host;

wit_bindgen::generate!({ path: "numbers", world: "guest" });

struct Component;

/// A float's bits, since its text has several forms.
trait Text {
    fn text(self) -> String;
}

macro_rules! whole {
    ($($number:ty)*) => { $(impl Text for $number { fn text(self) -> String { self.to_string() } })* };
}
whole!(u8 i8 u16 i16 u32 i32 u64 i64);

impl Text for f32 {
    fn text(self) -> String {
        self.to_bits().to_string()
    }
}

impl Text for f64 {
    fn text(self) -> String {
        self.to_bits().to_string()
    }
}

macro_rules! number {
    ($number:ty, $flat:ident, $list:ident, $held:ident, $text:ident, $host:ident, $pass:ident) => {
        fn $flat(value: $number) -> $number {
            value
        }
        fn $list(values: Vec<$number>) -> Vec<$number> {
            values
        }
        fn $held((first, second): (bool, Option<$number>)) -> (Option<$number>, bool) {
            (second, first)
        }
        fn $text(value: $number) -> String {
            value.text()
        }
        fn $host(value: $number) -> $number {
            host::$pass(value, &[value, value])
        }
    };
}

impl Guest for Component {
    number!(u8, flat_u8, list_u8, held_u8, text_u8, host_u8, pass_u8);
    number!(i8, flat_s8, list_s8, held_s8, text_s8, host_s8, pass_s8);
    number!(u16, flat_u16, list_u16, held_u16, text_u16, host_u16, pass_u16);
    number!(i16, flat_s16, list_s16, held_s16, text_s16, host_s16, pass_s16);
    number!(u32, flat_u32, list_u32, held_u32, text_u32, host_u32, pass_u32);
    number!(i32, flat_s32, list_s32, held_s32, text_s32, host_s32, pass_s32);
    number!(u64, flat_u64, list_u64, held_u64, text_u64, host_u64, pass_u64);
    number!(i64, flat_s64, list_s64, held_s64, text_s64, host_s64, pass_s64);
    number!(f32, flat_f32, list_f32, held_f32, text_f32, host_f32, pass_f32);
    number!(f64, flat_f64, list_f64, held_f64, text_f64, host_f64, pass_f64);
}

export!(Component);
