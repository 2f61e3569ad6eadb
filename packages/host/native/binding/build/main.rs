//! Gives the add-on the guest runtime to embed.

mod embed;

fn main() {
    embed::program("hl-runtime");
}
