//! Prints a world back as WIT: its own package first, the packages that it uses nested behind.

use std::collections::BTreeSet;

use wit_component::WitPrinter;
use wit_parser::{PackageId, Resolve, WorldId};

use crate::error::Error;

pub fn print(resolve: &Resolve, world: WorldId) -> Result<String, Error> {
    let main = resolve.worlds[world].package.ok_or_else(|| Error::new("the world belongs to no package"))?;
    let used = packages_used_by(resolve, main);
    let nested: Vec<PackageId> =
        resolve.topological_packages().into_iter().filter(|id| *id != main && used.contains(id)).collect();
    let mut printer = WitPrinter::default();
    printer
        .print(resolve, main, &nested)
        .map_err(|error| Error::new(format!("this world cannot be printed as WIT: {error:#}")))?;
    Ok(String::from(printer.output))
}

fn packages_used_by(resolve: &Resolve, main: PackageId) -> BTreeSet<PackageId> {
    let mut used = BTreeSet::from([main]);
    let mut pending = vec![main];
    while let Some(package) = pending.pop() {
        pending.extend(resolve.package_direct_deps(package).filter(|dependency| used.insert(*dependency)));
    }
    used
}
