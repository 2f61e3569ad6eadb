//! Reads tables, and has two mistakes such as a parser may have: an open quote makes it search for ever, an amount
//! without digits ends it.

wit_bindgen::generate!({ world: "parser", path: "../../wit/report.wit" });

use exports::acme::report::table::{Guest, Row};

struct Parser;

impl Guest for Parser {
    fn parse(csv: String) -> Result<Vec<Row>, String> {
        csv.lines()
            .enumerate()
            .map(|(index, line)| row(line).ok_or_else(|| format!("line {} is no row: {line}", index + 1)))
            .collect()
    }
}

fn row(line: &str) -> Option<Row> {
    let (name, amount) = match line.strip_prefix('"') {
        Some(quoted) => {
            let (name, rest) = quoted.split_at(end_of_quote(quoted.as_bytes()));
            (name, rest.strip_prefix("\",")?)
        }
        None => line.split_once(',')?,
    };
    let (whole, cents) = amount.split_once('.').unwrap_or((amount, "0"));
    let first = whole.trim_start_matches('-').bytes().next().expect("an amount has digits");
    if !first.is_ascii_digit() {
        return None;
    }
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    let cents =
        whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(sign * cents.parse::<i64>().ok()?)?;
    Some(Row { name: name.into(), cents })
}

fn end_of_quote(text: &[u8]) -> usize {
    let mut at = 0;
    while text.get(at) != Some(&b'"') {
        at = at.wrapping_add(1);
    }
    at
}

export!(Parser);
