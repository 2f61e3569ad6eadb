//! What is done with the host's connections.

use std::cell::RefCell;

use crate::Component;
use crate::exports::hl::handles::users::Guest;
use crate::hl::handles::connections::{self, Connection};

thread_local! {
    static KEPT: RefCell<Vec<Connection>> = const { RefCell::new(Vec::new()) };
}

fn last_kept() -> Option<Connection> {
    KEPT.with_borrow_mut(Vec::pop)
}

impl Guest for Component {
    fn keep(connection: Connection) {
        KEPT.with_borrow_mut(|kept| kept.push(connection));
    }

    fn kept() -> u32 {
        KEPT.with_borrow(|kept| kept.len() as u32)
    }

    fn give_back() -> Option<Connection> {
        last_kept()
    }

    fn drop_kept() {
        KEPT.with_borrow_mut(Vec::clear);
    }

    fn send(connection: &Connection, text: String) -> String {
        connection.send(&text)
    }

    fn dial(to: String, text: String) -> String {
        Connection::new(&to).send(&text)
    }

    fn dial_best(of: Vec<String>) -> String {
        Connection::best(&of).send("best")
    }

    fn visit(to: String) -> Result<String, String> {
        connections::open(&to).map(|connection| connections::show(&connection))
    }

    fn hand_over_kept() {
        while let Some(connection) = last_kept() {
            connections::hand_over(connection);
        }
    }

    fn fail_with_kept() {
        panic!("{} are kept", Self::kept());
    }
}
