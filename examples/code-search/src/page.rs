//! Which part of a long answer to give.

/// A window onto a list whose order does not change between requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many results to pass over.
    pub offset: u64,
    /// How many results to give; at least one is given and every kind of answer
    /// has its own upper bound.
    pub limit: u32,
}

impl Default for Page {
    fn default() -> Self {
        Self { offset: 0, limit: 100 }
    }
}

impl Page {
    /// The number of results to give when at most `most` are allowed.
    pub(crate) fn limit_up_to(self, most: u32) -> usize {
        self.limit.clamp(1, most) as usize
    }
}
