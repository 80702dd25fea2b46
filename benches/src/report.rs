//! The results: absolute figures first, then how the servers compare.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use serde::Serialize;

use crate::{
    Doing, Result,
    cell::Figures,
    contender::{FLOOR, OURS, RMCP},
};

/// Everything one run found.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// The processor, and how many cores the run could use.
    pub machine: String,
    /// How the run was made.
    pub settings: String,
    /// The cells, in the order they are printed.
    pub cells: Vec<Row<Figures>>,
    /// Milliseconds from start to first answer.
    pub start_ms: Vec<Row<f64>>,
    /// Bytes per idle legacy session.
    pub session_bytes: Vec<Row<f64>>,
}

/// What the servers did in one cell.
#[derive(Debug, Serialize)]
pub struct Row<T> {
    /// The name of the cell.
    pub cell: String,
    /// The result of each server, by name.
    pub servers: BTreeMap<&'static str, T>,
}

/// The comparisons that are made, where both servers were measured.
pub const PAIRS: [(&str, &str); 3] = [(OURS, FLOOR), (OURS, RMCP), (RMCP, FLOOR)];

const SERVERS: [&str; 3] = [OURS, RMCP, FLOOR];
type Of = fn(&Figures) -> f64;
const RATIOS: [(&str, Of); 4] = [
    ("cpu", |figures| figures.cpu_us),
    ("req/s", |figures| figures.per_second),
    ("p50", |figures| figures.p50_us),
    ("peak", |figures| figures.peak_kib),
];

impl<T> Row<T> {
    /// `of` one server as a multiple of `of` another.
    pub fn ratio(&self, (one, other): (&str, &str), of: impl Fn(&T) -> f64) -> Option<f64> {
        Some(of(self.servers.get(one)?) / of(self.servers.get(other)?))
    }
}

impl Report {
    /// An empty report about this machine.
    #[must_use]
    pub fn new(settings: String) -> Self {
        Self { machine: machine(), settings, ..Self::default() }
    }

    /// The tables, as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n{}\n", self.machine, self.settings);
        self.write_cells(&mut text);
        self.write_ratios(&mut text);
        write_values(&mut text, "ms from start to first answer", &self.start_ms);
        write_values(&mut text, "bytes per idle legacy session", &self.session_bytes);
        text
    }

    /// Writes the report as JSON.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if the file cannot be written.
    ///
    /// # Panics
    /// Never: a report always serialises.
    pub fn save(&self, path: &Path) -> Result<()> {
        let json = serde_json::to_vec_pretty(self).expect("a report is numbers and names");
        fs::write(path, json).doing(format!("writing {}", path.display()))
    }

    fn write_cells(&self, text: &mut String) {
        if self.cells.is_empty() {
            return;
        }
        line(text, "", "cell", &["server", "req/s", "p50 µs", "p99 µs", "cpu µs", "driver µs", "peak MiB", "answer B"]);
        for row in &self.cells {
            let mut cell = row.cell.as_str();
            for (name, figures) in ordered(row) {
                let Figures { per_second, p50_us, p99_us, cpu_us, driver_us, peak_kib, answer_bytes } = figures;
                let columns = [
                    name.to_owned(),
                    format!("{per_second:.0}"),
                    format!("{p50_us:.1}"),
                    format!("{p99_us:.1}"),
                    format!("{cpu_us:.2}"),
                    format!("{driver_us:.2}"),
                    format!("{:.1}", peak_kib / 1024.0),
                    format!("{answer_bytes:.0}"),
                ];
                line(text, "", cell, &columns);
                cell = "";
            }
        }
    }

    fn write_ratios(&self, text: &mut String) {
        let pairs: Vec<_> = PAIRS.into_iter().filter(|&(one, other)| self.measured(one) && self.measured(other)).collect();
        if pairs.is_empty() {
            return;
        }
        let mut columns = Vec::new();
        for (name, _) in RATIOS {
            columns.extend(pairs.iter().map(|(one, other)| format!("{name} {}/{}", initial(one), initial(other))));
        }
        let legend = "\nratios: o ours, r rmcp, f floor; cpu, p50 and peak are better when smaller, req/s when larger";
        text.push_str(legend);
        line(text, "\n", "cell", &columns);
        for row in &self.cells {
            let mut columns = Vec::new();
            for (_, of) in RATIOS {
                columns.extend(pairs.iter().map(|&pair| ratio(row.ratio(pair, of))));
            }
            line(text, "", &row.cell, &columns);
        }
    }

    fn measured(&self, server: &str) -> bool {
        self.cells.iter().any(|row| row.servers.contains_key(server))
    }
}

fn write_values(text: &mut String, title: &str, rows: &[Row<f64>]) {
    if rows.is_empty() {
        return;
    }
    let pairs = PAIRS.map(|(one, other)| format!("{}/{}", initial(one), initial(other)));
    let header: Vec<_> = SERVERS.into_iter().map(str::to_owned).chain(pairs).collect();
    line(text, "\n", title, &header);
    for row in rows {
        let values = SERVERS.map(|name| row.servers.get(name).map_or("–".into(), |value| format!("{value:.2}")));
        let ratios = PAIRS.map(|pair| ratio(row.ratio(pair, |&value| value)));
        line(text, "", &row.cell, &values.into_iter().chain(ratios).collect::<Vec<_>>());
    }
}

/// One line of a table: a wide first column, then right-aligned ones.
pub fn line(text: &mut String, before: &str, first: &str, columns: &[impl AsRef<str>]) {
    let _ = write!(text, "{before}{first:<34}");
    for column in columns {
        let _ = write!(text, " {:>10}", column.as_ref());
    }
    text.push('\n');
}

/// A ratio for a table, or a dash where there is none.
#[must_use]
pub fn ratio(ratio: Option<f64>) -> String {
    ratio.map_or("–".into(), |ratio| format!("{ratio:.2}"))
}

fn ordered<T>(row: &Row<T>) -> impl Iterator<Item = (&'static str, &T)> {
    SERVERS.into_iter().filter_map(|name| Some((name, row.servers.get(name)?)))
}

fn initial(name: &str) -> &str {
    &name[..1]
}

fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{model}, {cores} cores, Linux {}", kernel.trim())
}
