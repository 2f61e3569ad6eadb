//! Gives the add-on's source the hostile guest to embed; otherwise as the add-on's own build script.

#[path = "../../../packages/host/native/binding/build/embed.rs"]
mod embed;

fn main() {
    embed::program("hl-hostile");
}
