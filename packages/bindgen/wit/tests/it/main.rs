//! What the crate promises: descriptors for every WIT feature, signatures, errors with their place.

mod component;
mod descriptor;
mod errors;
mod features;
mod memory;
mod places;
mod signatures;

use hl_wit::{World, describe_wit};
use serde_json::Value;

/// Describes the only world of one WIT file.
fn describe(wit: &str) -> World {
    describe_wit(&[("world.wit", wit)], None).unwrap_or_else(|error| panic!("{error}"))
}

/// The same as JSON, which is what readers see.
fn json(wit: &str) -> Value {
    serde_json::to_value(describe(wit).descriptor).unwrap()
}

/// The descriptor's type of that name.
fn named<'a>(descriptor: &'a Value, name: &str) -> &'a Value {
    let types = descriptor["types"].as_array().unwrap();
    types.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("no type {name} in {descriptor:#}"))
}
