//! Says in one line what is in a table. Reads it by one import, writes amounts by another, and does not know who is behind
//! them.

use std::sync::atomic::{AtomicU32, Ordering};

wit_bindgen::generate!({ world: "reporter", path: "../../wit/report.wit" });

use acme::report::{money, table};
use exports::acme::report::report::Guest;

struct Reporter;

static REPORTS: AtomicU32 = AtomicU32::new(0);

impl Guest for Reporter {
    fn render(csv: String) -> Result<String, String> {
        let report = REPORTS.fetch_add(1, Ordering::Relaxed) + 1;
        let rows = table::parse(&csv).map_err(|why| format!("report {report}: {why}"))?;
        let total = rows.iter().map(|row| row.cents).sum();
        Ok(format!("report {report}: {} rows, {} in all", rows.len(), money::show(total)))
    }
}

export!(Reporter);
