//! From a core module and the world that it implements to a component.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::{Resolve, WorldId};

use crate::error::Error;

pub fn wrap(module: &[u8], resolve: &Resolve, world: WorldId) -> Result<Vec<u8>, Error> {
    let mut module = module.to_vec();
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8)
        .map_err(|error| Error::new(format!("the world cannot be a component's: {error:#}")))?;
    ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| Error::new(format!("the module does not implement the world: {error:#}")))
}
