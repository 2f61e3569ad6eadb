//! Empty: the guests are this crate's examples.
