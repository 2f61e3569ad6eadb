//! Prints a world back as WIT: its own package first, the packages that it uses nested behind.

use std::collections::BTreeSet;

use wit_component::WitPrinter;
use wit_parser::{PackageId, Resolve, Stability, WorldId, WorldItem};

use crate::error::Error;

pub fn print(resolve: &Resolve, world: WorldId) -> Result<String, Error> {
    let main = resolve.worlds[world].package.ok_or_else(|| Error::new("the world belongs to no package"))?;
    let used = packages_used_by(resolve, main);
    let nested: Vec<PackageId> =
        resolve.topological_packages().into_iter().filter(|id| *id != main && used.contains(id)).collect();
    print_packages(&ungated(resolve), main, &nested)
}

/// One package alone.
pub fn print_package(resolve: &Resolve, package: PackageId) -> Result<String, Error> {
    print_packages(resolve, package, &[])
}

fn print_packages(resolve: &Resolve, main: PackageId, nested: &[PackageId]) -> Result<String, Error> {
    let mut printer = WitPrinter::default();
    printer
        .print(resolve, main, nested)
        .map_err(|error| Error::new(format!("this world cannot be printed as WIT: {error:#}")))?;
    Ok(String::from(printer.output))
}

/// What was asked for by its feature must not be left out by whoever reads the text next.
fn ungated(resolve: &Resolve) -> Resolve {
    let mut resolve = resolve.clone();
    let open = |stability: &mut Stability| {
        if matches!(stability, Stability::Unstable { .. }) {
            *stability = Stability::Unknown;
        }
    };
    for (_, world) in resolve.worlds.iter_mut() {
        open(&mut world.stability);
        for item in world.imports.values_mut().chain(world.exports.values_mut()) {
            match item {
                WorldItem::Interface { stability, .. } => open(stability),
                WorldItem::Function(function) => open(&mut function.stability),
                WorldItem::Type { .. } => {}
            }
        }
    }
    for (_, interface) in resolve.interfaces.iter_mut() {
        open(&mut interface.stability);
        interface.functions.values_mut().for_each(|function| open(&mut function.stability));
    }
    resolve.types.iter_mut().for_each(|(_, definition)| open(&mut definition.stability));
    resolve
}

fn packages_used_by(resolve: &Resolve, main: PackageId) -> BTreeSet<PackageId> {
    let mut used = BTreeSet::from([main]);
    let mut pending = vec![main];
    while let Some(package) = pending.pop() {
        pending.extend(resolve.package_direct_deps(package).filter(|dependency| used.insert(*dependency)));
    }
    used
}
