//! Rows under headings, aligned.

use std::io::{self, IsTerminal as _};

use terminal_size::{Width, terminal_size_of};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::{plain, say};

/// Between two columns.
const GAP: usize = 2;
/// The least that is left of a last column on a narrow terminal.
const NARROWEST: usize = 20;

/// Rows under headings.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with headings, and no rows yet.
    pub(crate) fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self { rows: vec![headings.map(str::to_owned).to_vec()] }
    }

    /// Adds a row. Of each cell, the first line is shown.
    pub(crate) fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.rows.push(cells.map(|cell| plain(cell.trim().lines().next().unwrap_or_default()).replace('\t', " ")).to_vec());
    }

    /// Whether there are only headings.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }

    /// Prints the table, and an empty line after it; on a terminal, the last column is cut so that a row is one line.
    ///
    /// # Errors
    /// When the output is closed.
    pub(crate) fn print(&self) -> io::Result<()> {
        let out = io::stdout();
        let width = if out.is_terminal() { terminal_size_of(out).map(|(Width(width), _)| width.into()) } else { None };
        self.lines(width).iter().try_for_each(|line| say(line))?;
        say("")
    }

    fn lines(&self, width: Option<usize>) -> Vec<String> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |column: usize| self.rows.iter().filter_map(|row| Some(row.get(column)?.width())).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(widest).collect();
        let taken: usize = widths.iter().rev().skip(1).map(|width| width + GAP).sum();
        let last = width.map(|width| width.saturating_sub(taken).max(NARROWEST));
        self.rows.iter().map(|row| line(row, &widths, last)).collect()
    }
}

fn line(row: &[String], widths: &[usize], last: Option<usize>) -> String {
    let mut line = String::new();
    for (column, cell) in row.iter().enumerate() {
        if column + 1 == widths.len() {
            line.push_str(&last.map_or_else(|| cell.clone(), |last| cut(cell, last)));
        } else {
            line.push_str(cell);
            line.push_str(&" ".repeat(widths[column].saturating_sub(cell.width()) + GAP));
        }
    }
    line.trim_end().to_owned()
}

fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let (mut short, mut taken) = (String::new(), 1);
    for char in text.chars() {
        taken += char.width().unwrap_or(0);
        if taken > width {
            break;
        }
        short.push(char);
    }
    short + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_the_last_is_cut() {
        let mut table = Table::new(["NAME", "WHAT"]);
        table.row(["日本", "first line\nsecond line"]);
        table.row(["b", &"x".repeat(40)]);
        assert_eq!(table.lines(None), ["NAME  WHAT", "日本  first line", &format!("b     {}", "x".repeat(40))]);
        assert_eq!(table.lines(Some(30))[2], format!("b     {}…", "x".repeat(23)));
    }
}
