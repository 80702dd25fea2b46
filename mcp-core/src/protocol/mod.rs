//! The wire: revisions, frames, errors and metadata.

pub(crate) mod capabilities;
pub(crate) mod error;
pub(crate) mod frame;
pub(crate) mod log_level;
pub(crate) mod meta;
pub(crate) mod revision;
pub(crate) mod scan;
