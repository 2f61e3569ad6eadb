//! Calls the host through everything that it imports, and answers with what came back.

use exports::acme::versions1_0_0::api::Guest as First;
use exports::acme::versions2_0_0::api::Guest as Second;
use exports::counting::{Guest as Counting, Pair};
use exports::test::worlds::shared::{Guest as Shared, Item};

wit_bindgen::generate!({ path: "worlds", world: "guest", generate_all });

struct Component;

impl Guest for Component {
    fn base_name() -> String {
        log("base-name");
        "base".into()
    }
    fn label_of_named() -> String {
        "named".into()
    }
    fn find_twice(id: Id) -> Vec<Note> {
        find(id).into_iter().chain(find(id + 1)).collect()
    }
}

impl Shared for Component {
    fn twice(value: Item) -> Item {
        let asked = test::worlds::shared::Item { id: value.id, name: value.name };
        let answered = test::worlds::shared::twice(&asked);
        Item { id: answered.id * 2, name: answered.name.repeat(2) }
    }
}

impl First for Component {
    fn describe(value: u32) -> String {
        acme::versions1_0_0::api::describe(value + 1)
    }
}

impl Second for Component {
    fn describe(value: String) -> Vec<String> {
        acme::versions2_0_0::api::describe(&format!("{value}!"))
    }
}

impl Counting for Component {
    fn pairs() -> Pair {
        Pair { first: local::next(), second: local::next() }
    }
}

export!(Component);
