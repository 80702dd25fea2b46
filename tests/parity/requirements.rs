//! What the project promises, and which fixture or test covers it.

/// A promise.
#[derive(Debug)]
pub struct Requirement {
    /// What is promised.
    pub text: &'static str,
    /// What covers it.
    pub covers: &'static [Cover],
}

/// A fixture or a test.
#[derive(Debug)]
pub enum Cover {
    /// A fixture of a manifest.
    Fixture(&'static str),
    /// A test of this package, as `file::name`.
    Test(&'static str),
}

/// The promises.
pub const REQUIREMENTS: &[Requirement] = &[];
