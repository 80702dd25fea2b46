//! What this project promises, held against what a run found.

use crate::{
    contender::{FLOOR, OURS, RMCP},
    report::{Report, Row},
};

/// A promise and whether it was kept.
#[derive(Debug)]
pub struct Goal {
    /// What is compared with what.
    pub what: String,
    /// What was found.
    pub found: f64,
    /// What it may be at most.
    pub at_most: f64,
}

impl Goal {
    fn new(what: impl Into<String>, found: Option<f64>, at_most: f64) -> Option<Self> {
        Some(Self { what: what.into(), found: found?, at_most })
    }

    /// One line for a table of goals.
    #[must_use]
    pub fn to_line(&self) -> String {
        let Self { what, found, at_most } = self;
        let verdict = if found <= at_most { "met" } else { "MISSED" };
        format!("{verdict:<7} {found:>8.3} ≤ {at_most:<8.2} {what}\n")
    }
}

/// The promises about a whole run; those whose cells were not measured are left out.
#[must_use]
pub fn of_serving(report: &Report) -> Vec<Goal> {
    let cpu = |cell: &str, pair| find(&report.cells, cell)?.ratio(pair, |figures| figures.cpu_us);
    let ours = |cell: &str| Some(find(&report.cells, cell)?.servers.get(OURS)?.cpu_us);
    let mut goals = Vec::new();
    for revision in ["2025-11-25", "2026-07-28"] {
        for width in [16, 64] {
            let cell = format!("http/{width}/add/{revision}");
            goals.push(Goal::new(format!("cpu ours/floor, {cell}"), cpu(&cell, (OURS, FLOOR)), 1.25));
        }
        let cell = format!("stdio/32/add/{revision}");
        goals.push(Goal::new(format!("cpu ours/floor, {cell}"), cpu(&cell, (OURS, FLOOR)), 3.0));
        goals.push(Goal::new(format!("cpu ours/rmcp, {cell}"), cpu(&cell, (OURS, RMCP)), 0.25));
        for transport in ["stdio/32", "http/16"] {
            let (few, many) = (format!("{transport}/add/{revision}"), format!("{transport}/add-1000-tools/{revision}"));
            let ratio = ours(&few).zip(ours(&many)).map(|(few, many)| many / few);
            // The same, but for noise and a larger hash table.
            goals.push(Goal::new(format!("cpu with 1,000 tools/with 3, {few}"), ratio, 1.1));
        }
    }
    for row in &report.session_bytes {
        goals.push(Goal::new(&row.cell, row.servers.get(OURS).copied(), 200.0));
    }
    for row in &report.start_ms {
        let behind = row.servers.get(OURS).zip(row.servers.get(FLOOR)).map(|(ours, floor)| ours - floor);
        goals.push(Goal::new(format!("ms behind the floor, {}", row.cell), behind, 2.0));
    }
    goals.into_iter().flatten().collect()
}

/// The promises about instructions per request.
#[must_use]
pub fn of_instructions(rows: &[Row<f64>]) -> Vec<Goal> {
    let mut goals = Vec::new();
    for row in rows.iter().filter(|row| row.cell.contains("/add")) {
        let ratio = |pair| row.ratio(pair, |&instructions| instructions);
        let (of_floor, of_rmcp) = if row.cell.starts_with("http") { (1.25, Some(0.25)) } else { (2.0, None) };
        goals.push(Goal::new(format!("instructions ours/floor, {}", row.cell), ratio((OURS, FLOOR)), of_floor));
        let against_rmcp =
            of_rmcp.and_then(|at_most| Goal::new(format!("instructions ours/rmcp, {}", row.cell), ratio((OURS, RMCP)), at_most));
        goals.push(against_rmcp);
    }
    goals.into_iter().flatten().collect()
}

fn find<'a, T>(rows: &'a [Row<T>], cell: &str) -> Option<&'a Row<T>> {
    rows.iter().find(|row| row.cell == cell)
}
