//! Walks one world and writes down its imports and exports.

use std::collections::HashMap;

use wit_parser::{
    Function, FunctionKind as WitKind, IndexMap, Interface, InterfaceId, Resolve, WorldId, WorldItem,
    WorldKey,
};

use crate::descriptor::{
    FunctionDescriptor, FunctionKind, InterfaceDescriptor, Param, VERSION, WorldDescriptor,
};
use crate::signature::signature;
use crate::types::{TypeTable, docs_of};

pub fn describe(resolve: &Resolve, world: WorldId) -> WorldDescriptor {
    let world = &resolve.worlds[world];
    let mut walk = Walk { resolve, types: TypeTable::new(resolve, inline_names(resolve, world)) };
    let imports = walk.items(&world.imports);
    let exports = walk.items(&world.exports);
    WorldDescriptor {
        version: VERSION,
        name: match world.package {
            Some(package) => resolve.id_of_name(package, &world.name),
            None => world.name.clone(),
        },
        docs: docs_of(&world.docs, &world.stability),
        types: walk.types.into_types(),
        imports,
        exports,
    }
}

fn inline_names(resolve: &Resolve, world: &wit_parser::World) -> HashMap<InterfaceId, String> {
    (world.imports.iter().chain(&world.exports))
        .filter_map(|(key, item)| match (key, item) {
            (WorldKey::Name(name), WorldItem::Interface { id, .. })
                if resolve.interfaces[*id].name.is_none() =>
            {
                Some((*id, name.clone()))
            }
            _ => None,
        })
        .collect()
}

struct Walk<'a> {
    resolve: &'a Resolve,
    types: TypeTable<'a>,
}

impl Walk<'_> {
    /// The world's own level first, if anything stands there, then the interfaces in order.
    fn items(&mut self, items: &IndexMap<WorldKey, WorldItem>) -> Vec<InterfaceDescriptor> {
        let mut own = InterfaceDescriptor { name: None, functions: vec![], types: vec![], docs: None };
        let mut interfaces = Vec::new();
        for (key, item) in items {
            match item {
                WorldItem::Interface { id, docs: own_docs, stability, .. } => {
                    let name = self.resolve.name_world_key(key);
                    let mut interface = self.interface(name, &self.resolve.interfaces[*id]);
                    interface.docs = docs_of(own_docs, stability).or(interface.docs);
                    interfaces.push(interface);
                }
                WorldItem::Function(function) => own.functions.push(self.function(function)),
                WorldItem::Type { id, .. } => own.types.push(self.types.index(*id)),
            }
        }
        if !own.functions.is_empty() || !own.types.is_empty() {
            interfaces.insert(0, own);
        }
        interfaces
    }

    fn interface(&mut self, name: String, interface: &Interface) -> InterfaceDescriptor {
        InterfaceDescriptor {
            name: Some(name),
            types: interface.types.values().map(|id| self.types.index(*id)).collect(),
            functions: interface.functions.values().map(|function| self.function(function)).collect(),
            docs: docs_of(&interface.docs, &interface.stability),
        }
    }

    fn function(&mut self, function: &Function) -> FunctionDescriptor {
        FunctionDescriptor {
            name: function.name.clone(),
            kind: match function.kind {
                WitKind::Freestanding | WitKind::AsyncFreestanding => FunctionKind::Function,
                WitKind::Method(_) | WitKind::AsyncMethod(_) => FunctionKind::Method,
                WitKind::Static(_) | WitKind::AsyncStatic(_) => FunctionKind::Static,
                WitKind::Constructor(_) => FunctionKind::Constructor,
            },
            resource: function.kind.resource().map(|id| self.types.resource(id)),
            params: (function.params.iter())
                .map(|param| Param { name: param.name.clone(), ty: self.types.reference(&param.ty) })
                .collect(),
            result: function.result.as_ref().map(|ty| self.types.reference(ty)),
            is_async: function.kind.is_async(),
            wit: signature(self.resolve, function),
            docs: docs_of(&function.docs, &function.stability),
        }
    }
}
