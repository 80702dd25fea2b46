//! What a run of the program came to, for every test of it.

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// Checks the exit code and that the streams hold these texts.
    #[track_caller]
    pub(crate) fn is(&self, code: i32, out: &[&str], err: &[&str]) {
        assert_eq!(self.code, code, "{self:#?}");
        for text in out {
            assert!(self.out.contains(text), "`{text}` is not in the output of {self:#?}");
        }
        for text in err {
            assert!(self.err.contains(text), "`{text}` is not in the errors of {self:#?}");
        }
    }
}
