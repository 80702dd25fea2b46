//! The table of checks that cannot be passed, and why.

use std::collections::BTreeSet;
use std::fmt;

/// A check that was skipped, or that the table says is.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Skip {
    pub(crate) scenario: String,
    pub(crate) check: String,
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.scenario, self.check)
    }
}

/// The rows of the table `| scenario | check | reason |`.
pub(super) fn read(text: &str) -> BTreeSet<Skip> {
    let rows = text.lines().map(cells).skip_while(|cells| cells != &["scenario", "check", "reason"]).skip(2);
    rows.take_while(|cells| cells.len() == 3).map(|cells| Skip { scenario: cells[0].to_owned(), check: cells[1].to_owned() }).collect()
}

/// The cells of a row, without white space and back-ticks; none for a line that is no row.
fn cells(line: &str) -> Vec<&str> {
    let inner = line.trim().strip_prefix('|').and_then(|line| line.strip_suffix('|'));
    inner.map(|inner| inner.split('|').map(|cell| cell.trim().trim_matches('`')).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_table_of_skips_is_read() {
        let text = "\
| set | passed | failed |
|---|---|---|
| a | b | c |

| scenario | check | reason |
|---|---|---|
| `one` | `x` | because |
| two | y | because |

| three | z | no longer the table |
";
        let found: Vec<String> = read(text).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["one/x", "two/y"]);
    }
}
