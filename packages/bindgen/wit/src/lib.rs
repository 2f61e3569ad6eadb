//! Describes a WIT world: from WIT text or from a built component to one [`WorldDescriptor`].
//!
//! The descriptor is plain data (JSON) in which all types stand in one table and refer to each other by
//! index, always backwards, so that a reader needs neither recursion nor this crate. It is made here
//! alone, so that the generator, the compiler and the host can never read the same WIT differently.

#[cfg(target_family = "wasm")]
mod abi;
mod component;
mod describe;
pub mod descriptor;
mod error;
mod places;
mod signature;
mod source;
mod text;
mod types;
mod wrap;

pub use descriptor::WorldDescriptor;
pub use error::{Error, Location};
pub use source::Features;

/// A world as this crate hands it out.
#[derive(Clone, Debug, serde::Serialize)]
pub struct World {
    pub descriptor: WorldDescriptor,
    /// The world's package and those that it uses, printed as one WIT file that can be parsed again.
    pub wit: String,
    /// Where its functions, types, fields and flags stand, if it was read from text.
    pub places: places::Places,
}

/// Describes one world of a WIT folder.
///
/// `files` are pairs of path and text. Paths are relative to the folder and separated by `/`: those under
/// `deps/` are dependencies (`deps/io.wit`, or `deps/io/*.wit`), all others are the main package.
/// `world` is a plain name (`shop`) or a full one (`acme:shop/shop@1.0.0`), and may be left out when the
/// main package has exactly one world. Items that are marked as unstable are left out.
///
/// # Errors
/// What is wrong, and where in which file, when the text is not WIT, when something that it names is
/// missing, or when the world cannot be chosen.
pub fn describe_wit(
    files: &[(impl AsRef<str>, impl AsRef<str>)],
    world: Option<&str>,
) -> Result<World, Error> {
    describe_wit_with(files, world, &Features::None)
}

/// Likewise, with the unstable items of `features`.
///
/// # Errors
/// As [`describe_wit`].
pub fn describe_wit_with(
    files: &[(impl AsRef<str>, impl AsRef<str>)],
    world: Option<&str>,
    features: &Features,
) -> Result<World, Error> {
    let (resolve, package) = source::resolve(files, features)?;
    let world = source::select_world(&resolve, package, world)?;
    describe(&resolve, world)
}

/// Describes the world that a built component implements. Its name is always `root:component/root`.
///
/// # Errors
/// When `bytes` are not a component (it says what they are instead), or not a valid one.
pub fn describe_component(bytes: &[u8]) -> Result<World, Error> {
    let (resolve, world) = component::decode(bytes)?;
    describe(&resolve, world)
}

/// The text of a WIT package in binary form, as dependencies may be.
///
/// # Errors
/// When `bytes` are something else.
pub fn package_text(bytes: &[u8]) -> Result<String, Error> {
    let (resolve, package) = component::decode_package(bytes)?;
    text::print_package(&resolve, package)
}

/// Makes a component from a core module whose exports and imports are named and typed as the canonical ABI has it.
///
/// # Errors
/// As [`describe_wit`]; and when the module is none, or lacks something that the world needs.
pub fn wrap_module(
    module: &[u8],
    files: &[(impl AsRef<str>, impl AsRef<str>)],
    world: Option<&str>,
    features: &Features,
) -> Result<Vec<u8>, Error> {
    let (resolve, package) = source::resolve(files, features)?;
    let world = source::select_world(&resolve, package, world)?;
    wrap::wrap(module, &resolve, world)
}

fn describe(resolve: &wit_parser::Resolve, world: wit_parser::WorldId) -> Result<World, Error> {
    Ok(World {
        descriptor: describe::describe(resolve, world),
        wit: text::print(resolve, world)?,
        places: places::places(resolve, world),
    })
}
