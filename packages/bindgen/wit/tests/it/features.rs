//! What is marked as unstable is there if it is asked for; what is deprecated says so.

use hl_wit::{Features, World, describe_wit, describe_wit_with};
use serde_json::{Value, json};

const WIT: &str = "package a:b@1.2.0;
    interface parts {
        /// Has a better one.
        @since(version = 1.0.0)
        @deprecated(version = 1.1.0)
        old: func();
        @since(version = 1.0.0)
        @deprecated(version = 1.2.0)
        type legacy = u8;
        @unstable(feature = draft)
        record sketch { text: string }
        @unstable(feature = draft)
        drafted: func(sketch: sketch);
        @unstable(feature = dream)
        dreamt: func();
    }
    world w {
        import parts;
        @unstable(feature = draft)
        export parts;
        @unstable(feature = dream)
        export sleep: func();
    }";

fn with(features: &Features) -> World {
    describe_wit_with(&[("a.wit", WIT)], None, features).unwrap_or_else(|error| panic!("{error}"))
}

fn names(interface: &Value) -> Vec<&str> {
    interface["functions"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect()
}

#[test]
fn unstable_items_are_there_if_their_feature_is_named() {
    let cases: [(Features, &[&str], usize); 3] = [
        (Features::None, &["old"], 0),
        (Features::Named(vec!["draft".to_owned(), "other".to_owned()]), &["old", "drafted"], 1),
        (Features::All, &["old", "drafted", "dreamt"], 2),
    ];
    for (features, imported, exports) in cases {
        let descriptor = serde_json::to_value(with(&features).descriptor).unwrap();
        assert_eq!(names(&descriptor["imports"][0]), imported, "{features:?}");
        assert_eq!(descriptor["exports"].as_array().unwrap().len(), exports, "{features:?}");
    }
}

#[test]
fn their_text_can_be_read_without_naming_the_feature_again() {
    let drafted = with(&Features::Named(vec!["draft".to_owned()]));
    let again = describe_wit(&[("all.wit", &drafted.wit)], None).unwrap();
    assert_eq!(again.descriptor, drafted.descriptor);
    assert!(!drafted.wit.contains("dreamt"), "{}", drafted.wit);
}

#[test]
fn what_is_deprecated_says_so_in_its_comment() {
    let descriptor = serde_json::to_value(with(&Features::None).descriptor).unwrap();
    let old = &descriptor["imports"][0]["functions"][0];
    assert_eq!(old["docs"], json!("Has a better one.\n\n@deprecated since version 1.1.0"));
    assert_eq!(descriptor["types"][0]["docs"], json!("@deprecated since version 1.2.0"));
}
