//! Where in the text each item of a world stands, for whoever finds fault with one later.

use std::collections::BTreeMap;

use wit_parser::{
    Function, InterfaceId, Resolve, SourceMap, Span, TypeDefKind, TypeId, World, WorldId, WorldItem,
};

use crate::error::Location;
use crate::source::locate;

/// By interface and name: `acme:shop/stock#count` for functions, `acme:shop/stock.item` for types, and
/// `acme:shop/stock.item.sku` for what is in them. The world's own level has no interface: `#count`.
pub type Places = BTreeMap<String, Location>;

/// Of a world that was read from text; what was decoded from a component has no places.
pub fn places(resolve: &Resolve, world: WorldId) -> Places {
    let mut walk = Walk { resolve, places: Places::new() };
    walk.world(&resolve.worlds[world]);
    walk.places
}

struct Walk<'a> {
    resolve: &'a Resolve,
    places: Places,
}

impl Walk<'_> {
    fn world(&mut self, world: &World) {
        for (key, item) in world.imports.iter().chain(&world.exports) {
            match item {
                WorldItem::Interface { id, .. } => self.interface(*id, &self.resolve.name_world_key(key)),
                WorldItem::Function(function) => self.function("", function),
                WorldItem::Type { id, .. } => self.definition("", *id),
            }
        }
    }

    fn interface(&mut self, id: InterfaceId, name: &str) {
        let interface = &self.resolve.interfaces[id];
        interface.functions.values().for_each(|function| self.function(name, function));
        interface.types.values().for_each(|id| self.definition(name, *id));
    }

    fn function(&mut self, owner: &str, function: &Function) {
        self.note(format!("{owner}#{}", function.name), function.span);
    }

    fn definition(&mut self, owner: &str, id: TypeId) {
        let definition = &self.resolve.types[id];
        let name = format!("{owner}.{}", definition.name.as_deref().unwrap_or_default());
        self.note(name.clone(), definition.span);
        let members: Vec<(&str, Span)> = match &definition.kind {
            TypeDefKind::Record(it) => it.fields.iter().map(|it| (it.name.as_str(), it.span)).collect(),
            TypeDefKind::Flags(it) => it.flags.iter().map(|it| (it.name.as_str(), it.span)).collect(),
            _ => vec![],
        };
        for (member, span) in members {
            self.note(format!("{name}.{member}"), span);
        }
    }

    fn note(&mut self, name: String, span: Span) {
        let sources: &SourceMap = &self.resolve.source_map;
        if let Some(location) = locate(sources, span) {
            self.places.insert(name, location);
        }
    }
}
