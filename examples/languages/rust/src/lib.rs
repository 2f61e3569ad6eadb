//! The ledger plug-in in Rust.

mod accounts;

wit_bindgen::generate!({ world: "lender", path: "../wit" });

use acme::ledger::money::Currency;
use acme::ledger::rates::rate;
use exports::acme::ledger::ledger::{Entry, Guest, Marks, Problem, Statement};

struct Ledger;

impl Guest for Ledger {
    fn summarize(entries: Vec<Entry>) -> Result<Vec<Statement>, Problem> {
        if entries.is_empty() {
            return Err(Problem::NoEntries);
        }
        let mut statements: Vec<Statement> = Vec::new();
        for entry in entries {
            let value = value(&entry)?;
            let at = match statements.iter().position(|s| s.account == entry.account) {
                Some(at) => at,
                None => {
                    statements.push(opened(entry.account));
                    statements.len() - 1
                }
            };
            let statement = &mut statements[at];
            statement.total = statement.total.checked_add(value).ok_or(Problem::Overflow(entry.id))?;
            statement.entries += 1;
            statement.marks |= entry.marks;
            statement.notes.extend(entry.note);
        }
        Ok(statements)
    }

    fn describe(entry: Entry) -> String {
        let Entry { id, account, amount, currency, marks, note } = entry;
        let currency = match currency {
            Currency::Eur => "eur",
            Currency::Usd => "usd",
            Currency::Jpy => "jpy",
        };
        let named = [(Marks::URGENT, "urgent"), (Marks::SETTLED, "settled"), (Marks::DISPUTED, "disputed")];
        let marks: Vec<_> =
            named.iter().filter(|(mark, _)| marks.contains(*mark)).map(|(_, name)| *name).collect();
        let note = note.map_or("none".into(), |note| format!("some({note})"));
        format!("{id} {account} {amount} {currency} [{}] {note}", marks.join(" "))
    }

    fn fingerprint(data: Vec<u8>) -> u64 {
        data.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        })
    }

    fn reverse(mut data: Vec<u8>) -> Vec<u8> {
        data.reverse();
        data
    }

    fn nonce() -> Vec<u8> {
        let mut bytes = vec![0; 16];
        getrandom::fill(&mut bytes).expect("there is always randomness");
        bytes
    }

    fn fail(why: String) {
        panic!("{why}");
    }
}

/// In millionths of a euro.
fn value(entry: &Entry) -> Result<i64, Problem> {
    let rate = rate(entry.currency).ok_or(Problem::UnknownRate(entry.currency))?;
    let rate = i64::try_from(rate).map_err(|_| Problem::Overflow(entry.id))?;
    entry.amount.checked_mul(rate).ok_or(Problem::Overflow(entry.id))
}

fn opened(account: String) -> Statement {
    Statement { account, entries: 0, total: 0, marks: Marks::empty(), notes: Vec::new() }
}

export!(Ledger);
