//! Each function answers its own name.

use exports::test::names::words::{Guest as Words, Keyword, Literal, Reserved, Switches};

wit_bindgen::generate!({ path: "names", world: "guest", generate_all });

struct Component;

macro_rules! named {
    ($($function:ident($($parameter:ident),*) $name:literal,)*) => {
        $(fn $function($($parameter: u8),*) -> String {
            $(let _ = $parameter;)*
            $name.into()
        })*
    };
}

impl Words for Component {
    fn echo(value: Reserved) -> Reserved {
        value
    }
    fn keywords(value: Vec<Keyword>) -> Vec<Keyword> {
        value
    }
    fn literals(value: Literal) -> Literal {
        value
    }
    fn switches_of(value: Switches) -> Switches {
        value
    }
    named! {
        delete(_class) "delete",
        new() "new",
        await_() "await",
        default() "default",
        function(_function) "function",
        arguments(_arguments, _eval, _this) "arguments",
        this() "this",
        null() "null",
        then() "then",
        to_string() "to-string",
        value_of() "value-of",
        has_own_property() "has-own-property",
        prototype() "prototype",
        name() "name",
        length() "length",
        http_get() "HTTP-get",
        v1_x2() "v1-x2",
        exports() "exports",
        task() "task",
    }
}

impl exports::test::names::shared::Guest for Component {
    fn which() -> String {
        "shared".into()
    }
}

impl exports::one::same::same::Guest for Component {
    fn which() -> String {
        "one".into()
    }
}

impl exports::two::same::same::Guest for Component {
    fn which() -> String {
        "two".into()
    }
}

impl exports::words_too::Guest for Component {
    fn which() -> String {
        "words-too".into()
    }
}

impl Guest for Component {
    fn shared_too() -> String {
        "shared-too".into()
    }
    fn shared() -> String {
        "of the world".into()
    }
}

export!(Component);
