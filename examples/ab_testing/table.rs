//! Prints rows with aligned columns.

use std::time::Duration;

/// A table that is printed when it is complete, so that every column is as wide as it must be.
pub(crate) struct Table {
    heads: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(heads: &[&'static str]) -> Self {
        Self {
            heads: heads.to_vec(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    pub(crate) fn print(&self) {
        let heads: Vec<String> = self.heads.iter().map(ToString::to_string).collect();
        let rule: Vec<String> = (0..heads.len())
            .map(|column| "-".repeat(self.width(column)))
            .collect();
        for cells in [&heads, &rule].into_iter().chain(&self.rows) {
            let padded: Vec<String> = cells
                .iter()
                .enumerate()
                .map(|(column, cell)| self.padded(column, cell))
                .collect();
            println!("{}", padded.join("  ").trim_end());
        }
    }

    /// Figures stand to the right, words to the left.
    fn padded(&self, column: usize, cell: &str) -> String {
        let width = self.width(column);
        let is_figure = |cell: &Vec<String>| cell.get(column).is_some_and(|cell| figure(cell));
        if self.rows.iter().all(is_figure) {
            format!("{cell:>width$}")
        } else {
            format!("{cell:<width$}")
        }
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        let head = self
            .heads
            .get(column)
            .map_or(0, |head| head.chars().count());
        cells
            .map(|cell| cell.chars().count())
            .fold(head, usize::max)
    }
}

fn figure(cell: &str) -> bool {
    cell.starts_with(|first: char| first.is_ascii_digit())
}

/// A time as people read it.
pub(crate) fn millis(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

/// A count as people read it.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}
