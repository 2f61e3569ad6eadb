//! From the files of a WIT folder to resolved packages, and the choice of a world among them.

use std::collections::BTreeMap;

use wit_parser::{PackageId, Resolve, ResolveErrorKind, SourceMap, Span, UnresolvedPackageGroup, WorldId};

use crate::error::{Error, Location};

/// wit-parser counts positions over all files in 32 bits, and panics past that.
const TEXT_BYTES_MAX: usize = 64 << 20;

/// Which items marked `@unstable(feature = NAME)` are taken in. The others are left out, as if they were not there.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Features {
    #[default]
    None,
    Named(Vec<String>),
    All,
}

/// Parses `files` and resolves all names. Returns the main package's id too.
pub fn resolve(
    files: &[(impl AsRef<str>, impl AsRef<str>)],
    features: &Features,
) -> Result<(Resolve, PackageId), Error> {
    let bytes: usize = files.iter().map(|(_, text)| text.as_ref().len()).sum();
    if bytes > TEXT_BYTES_MAX {
        return Err(Error::new(format!("the WIT files hold {bytes} bytes, more than {TEXT_BYTES_MAX}")));
    }
    let mut main = SourceMap::new();
    let mut dependencies: BTreeMap<&str, SourceMap> = BTreeMap::new();
    let mut main_is_empty = true;
    for (path, text) in files {
        let path = path.as_ref();
        match path.strip_prefix("deps/") {
            Some(rest) => {
                let package = rest.split('/').next().unwrap_or(rest);
                dependencies.entry(package).or_default().push_str(path, text.as_ref());
            }
            None => {
                main_is_empty = false;
                main.push_str(path, text.as_ref());
            }
        }
    }
    if main_is_empty {
        return Err(Error::new("there is no .wit file outside deps/, so there is no main package"));
    }

    let main = parse("the main package", main)?;
    let dependencies = (dependencies.into_iter())
        .map(|(name, sources)| parse(&format!("deps/{name}"), sources))
        .collect::<Result<Vec<_>, _>>()?;
    let mut resolve = Resolve::default();
    match features {
        Features::None => {}
        Features::Named(names) => resolve.features.extend(names.iter().cloned()),
        Features::All => resolve.all_features = true,
    }
    match resolve.push_groups(main, dependencies) {
        Ok(package) => Ok((resolve, package)),
        Err(error) => {
            let location = locate(&resolve.source_map, error.kind().span());
            Err(Error::at(location, explain(&resolve.source_map, error.kind())))
        }
    }
}

fn parse(what: &str, sources: SourceMap) -> Result<UnresolvedPackageGroup, Error> {
    sources.parse().map_err(|(sources, error)| match locate(&sources, error.kind().span()) {
        Some(location) => Error::at(Some(location), error.to_string()),
        None => Error::new(format!("{what}: {error}")),
    })
}

fn explain(sources: &SourceMap, error: &ResolveErrorKind) -> String {
    match error {
        ResolveErrorKind::PackageNotFound { requested, known, .. } => {
            let known = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            format!(
                "package '{requested}' not found. known packages: {known}; put its WIT files into the folder deps/"
            )
        }
        ResolveErrorKind::DuplicatePackage { name, span2, .. } => {
            let first = sources.render_location(*span2);
            format!("package `{name}` is defined in two different locations: here and at {first}")
        }
        other => other.to_string(),
    }
}

pub fn locate(sources: &SourceMap, span: Span) -> Option<Location> {
    let range = sources.resolve_span(span)?.range;
    // wit-parser keeps the file's text to itself, so its rendering is the only way to a line and a column.
    let rendered = sources.render_location(span);
    let (rest, column) = rendered.rsplit_once(':')?;
    let (file, line) = rest.rsplit_once(':')?;
    let (line, column) = (line.parse().ok()?, column.parse().ok()?);
    Some(Location { file: file.to_owned(), line, column, width: range.len().max(1) })
}

/// Finds the world that `wanted` means: a plain name within `main`, or a full name anywhere.
pub fn select_world(resolve: &Resolve, main: PackageId, wanted: Option<&str>) -> Result<WorldId, Error> {
    let package = &resolve.packages[main];
    let choices = || package.worlds.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let Some(wanted) = wanted else {
        return match package.worlds.len() {
            0 => Err(Error::new(format!("package `{}` has no world", package.name))),
            1 => Ok(package.worlds[0]),
            _ => Err(Error::new(format!(
                "package `{}` has more than one world, choose one of {}",
                package.name,
                choices()
            ))),
        };
    };
    if !wanted.contains('/') {
        return package.worlds.get(wanted).copied().ok_or_else(|| {
            let found = if package.worlds.is_empty() { "none".to_owned() } else { choices() };
            Error::new(format!("package `{}` has no world `{wanted}`, its worlds: {found}", package.name))
        });
    }
    let full_name = |world: WorldId| {
        let package = resolve.worlds[world].package?;
        Some(resolve.id_of_name(package, &resolve.worlds[world].name))
    };
    let named = || resolve.worlds.iter().filter_map(|(id, _)| Some((id, full_name(id)?)));
    if let Some((world, _)) = named().find(|(_, name)| name == wanted) {
        return Ok(world);
    }
    let mut found: Vec<(WorldId, String)> =
        named().filter(|(_, name)| name.split('@').next() == Some(wanted)).collect();
    found.sort_by(|(_, a), (_, b)| a.cmp(b));
    match found.as_slice() {
        [(world, _)] => Ok(*world),
        [] => Err(Error::new(format!("no package here has the world `{wanted}`"))),
        several => {
            let names = several.iter().map(|(_, name)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            Err(Error::new(format!("`{wanted}` could be any of {names}, name its version too")))
        }
    }
}
