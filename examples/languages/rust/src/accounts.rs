//! Resources: accounts are this plug-in's, logs are the app's.

use std::cell::{Cell, RefCell};

use crate::Ledger;
use crate::exports::acme::ledger::accounts::{Account, AccountBorrow, Guest, GuestAccount, Log};

pub struct Book {
    name: String,
    balance: Cell<i32>,
}

thread_local! {
    static KEPT: RefCell<Option<Log>> = const { RefCell::new(None) };
}

impl Guest for Ledger {
    type Account = Book;

    fn open(count: u32) -> Vec<Account> {
        (0..count).map(|_| Account::new(Book::new(String::new()))).collect()
    }

    fn note(to: &Log, text: String) -> u32 {
        to.write(&text)
    }

    fn report(title: String, text: String) -> u32 {
        Log::new(&title).write(&text)
    }

    fn keep(log: Log) {
        KEPT.set(Some(log));
    }

    fn give_back() -> Option<Log> {
        KEPT.take()
    }
}

impl GuestAccount for Book {
    fn new(name: String) -> Self {
        Self { name, balance: Cell::new(0) }
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn post(&self, amount: i32) -> Result<i32, String> {
        if amount == 0 {
            return Err("nothing to post".into());
        }
        self.balance.set(self.balance.get() + amount);
        Ok(self.balance.get())
    }

    fn merge(into: Account, other: AccountBorrow<'_>) -> Account {
        let book = into.get::<Book>();
        book.balance.set(book.balance.get() + other.get::<Book>().balance.get());
        into
    }
}
