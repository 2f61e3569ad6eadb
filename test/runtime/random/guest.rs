//! Echoes values of random types, tells what it saw, makes some from a seed, and relays those to the host.

use exports::test::random::values::Guest;
use test::random::{host, types::*};
use wit_bindgen::rt::Map;

wit_bindgen::generate!({ path: "../../target/runtime-guests/random", world: "guest" });

struct Component;

/// Xorshift, as in `types.mjs`.
struct Random(u32);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

trait Tell {
    fn tell(&self, to: &mut String);
}

trait Make {
    fn make(next: &mut Random) -> Self;
}

macro_rules! whole {
    ($($number:ty)*) => { $(
        impl Tell for $number {
            fn tell(&self, to: &mut String) {
                to.push_str(&self.to_string());
            }
        }
        impl Make for $number {
            fn make(next: &mut Random) -> Self {
                if size_of::<Self>() == 8 {
                    // Half of them are such that a double has room for them.
                    (wide(next) as i64 >> ((next.next() & 1) * 16)) as Self
                } else {
                    next.next() as Self
                }
            }
        }
    )* };
}
whole!(u8 i8 u16 i16 u32 i32 u64 i64);

fn wide(next: &mut Random) -> u64 {
    (u64::from(next.next()) << 32) | u64::from(next.next())
}

macro_rules! float {
    ($number:ty, $bits:expr) => {
        impl Tell for $number {
            fn tell(&self, to: &mut String) {
                self.to_bits().tell(to);
            }
        }
        impl Make for $number {
            fn make(next: &mut Random) -> Self {
                let made = Self::from_bits($bits(next));
                if made.is_nan() { 0.0 } else { made }
            }
        }
    };
}
float!(f32, Random::next);
float!(f64, wide);

const CHARS: [char; 12] = [
    'a',
    '\0',
    '\u{7f}',
    'é',
    '€',
    '\u{d7ff}',
    '\u{e000}',
    '\u{feff}',
    '\u{fffd}',
    '\u{ffff}',
    '😀',
    '\u{10ffff}',
];

impl Tell for () {
    fn tell(&self, _to: &mut String) {}
}
impl Make for () {
    fn make(_next: &mut Random) -> Self {}
}

impl Tell for bool {
    fn tell(&self, to: &mut String) {
        to.push(if *self { 't' } else { 'f' });
    }
}
impl Make for bool {
    fn make(next: &mut Random) -> Self {
        next.next() & 1 == 1
    }
}

impl Tell for char {
    fn tell(&self, to: &mut String) {
        u32::from(*self).tell(to);
    }
}
impl Make for char {
    fn make(next: &mut Random) -> Self {
        CHARS[next.next() as usize % CHARS.len()]
    }
}

impl Tell for String {
    fn tell(&self, to: &mut String) {
        to.push('"');
        for one in self.chars() {
            one.tell(to);
            to.push(',');
        }
        to.push('"');
    }
}
impl Make for String {
    fn make(next: &mut Random) -> Self {
        (0..next.next() % 6).map(|_| char::make(next)).collect()
    }
}

fn tell_all<T: Tell>(all: &[T], to: &mut String) {
    to.push('[');
    for one in all {
        one.tell(to);
        to.push(';');
    }
    to.push(']');
}

impl<T: Tell> Tell for Vec<T> {
    fn tell(&self, to: &mut String) {
        tell_all(self, to);
    }
}
impl<T: Make> Make for Vec<T> {
    fn make(next: &mut Random) -> Self {
        (0..next.next() % 4).map(|_| T::make(next)).collect()
    }
}

impl<T: Tell, const N: usize> Tell for [T; N] {
    fn tell(&self, to: &mut String) {
        tell_all(self, to);
    }
}
impl<T: Make, const N: usize> Make for [T; N] {
    fn make(next: &mut Random) -> Self {
        std::array::from_fn(|_| T::make(next))
    }
}

impl<K: Tell + Ord, V: Tell> Tell for Map<K, V> {
    fn tell(&self, to: &mut String) {
        to.push('{');
        for (key, value) in self {
            key.tell(to);
            to.push(':');
            value.tell(to);
            to.push(';');
        }
        to.push('}');
    }
}
impl<K: Make + Ord, V: Make> Make for Map<K, V> {
    fn make(next: &mut Random) -> Self {
        let mut made = Self::new();
        if next.next() & 1 == 1 {
            let key = K::make(next);
            made.insert(key, V::make(next));
        }
        made
    }
}

impl<T: Tell> Tell for Option<T> {
    fn tell(&self, to: &mut String) {
        match self {
            None => to.push('n'),
            Some(value) => {
                to.push_str("s(");
                value.tell(to);
                to.push(')');
            }
        }
    }
}
impl<T: Make> Make for Option<T> {
    fn make(next: &mut Random) -> Self {
        (next.next() & 1 == 1).then(|| T::make(next))
    }
}

impl<T: Tell, E: Tell> Tell for Result<T, E> {
    fn tell(&self, to: &mut String) {
        match self {
            Ok(value) => {
                to.push_str("o(");
                value.tell(to);
            }
            Err(error) => {
                to.push_str("e(");
                error.tell(to);
            }
        }
        to.push(')');
    }
}
impl<T: Make, E: Make> Make for Result<T, E> {
    fn make(next: &mut Random) -> Self {
        if next.next() & 1 == 0 { Ok(T::make(next)) } else { Err(E::make(next)) }
    }
}

macro_rules! tuple {
    ($($part:ident)*) => {
        impl<$($part: Tell),*> Tell for ($($part,)*) {
            #[allow(non_snake_case)]
            fn tell(&self, to: &mut String) {
                let ($($part,)*) = self;
                to.push('(');
                $($part.tell(to); to.push(';');)*
                to.push(')');
            }
        }
        impl<$($part: Make),*> Make for ($($part,)*) {
            fn make(next: &mut Random) -> Self {
                ($($part::make(next),)*)
            }
        }
    };
}
tuple!(A);
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);

macro_rules! value {
    ($type:ty, $echo:ident, $tell:ident, $make:ident) => {
        fn $echo(values: Vec<$type>) -> Vec<$type> {
            values
        }
        fn $tell(value: $type) -> String {
            let mut told = String::new();
            value.tell(&mut told);
            told
        }
        fn $make(seed: u32, count: u32) -> Vec<$type> {
            let mut next = Random(seed.max(1));
            (0..count).map(|_| <$type>::make(&mut next)).collect()
        }
    };
}

/// What the host gave for values of a seed, as text.
fn relayed<T: Make + Tell>(seed: u32, count: u32, swap: impl Fn(&T) -> T) -> Vec<String> {
    let mut next = Random(seed.max(1));
    let relay = |_| {
        let mut told = String::new();
        swap(&T::make(&mut next)).tell(&mut told);
        told
    };
    (0..count).map(relay).collect()
}

/// How an import takes a value: a copy of a small one, of others a reference, of lists a slice.
trait Argument<'a, T> {
    fn of(value: &'a T) -> Self;
}

impl<'a, T: Clone> Argument<'a, T> for T {
    fn of(value: &'a T) -> Self {
        value.clone()
    }
}

impl<'a, T> Argument<'a, T> for &'a T {
    fn of(value: &'a T) -> Self {
        value
    }
}

impl<'a, T> Argument<'a, Vec<T>> for &'a [T] {
    fn of(value: &'a Vec<T>) -> Self {
        value
    }
}

fn argument<'a, T, A: Argument<'a, T>>(value: &'a T) -> A {
    A::of(value)
}

include!("../../../target/runtime-guests/random/types.rs");

export!(Component);
