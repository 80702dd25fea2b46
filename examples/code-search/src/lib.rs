//! Searching, listing, reading and outlining a source tree that is never left.
//!
//! Everything starts with a [`SourceTree`], which knows its root and turns the
//! relative paths a client sends into files inside that root. The verbs are
//! plain functions over it: [`search()`], [`list()`], [`read()`], [`read_whole`],
//! [`outline()`] and [`run_check`]. Their answers are plain data with a JSON
//! schema, and every one of them is bounded, whatever the tree holds. [`server()`] makes tools of them.
//!
//! # What is shown
//! - Searching and listing pass over hidden entries, what git ignores, symbolic
//!   links and anything that is neither a file nor a directory.
//! - Listing a hidden directory by name shows it; an ignored one says so.
//! - Reading by exact path is wider: an ignored or hidden file may be read, because
//!   generated code and `.github/` are worth reading once a client knows of them.
//!   A tree holding secrets must not be served.
//! - The insides of `.git` are never shown, by any route.
//!
//! It needs a Unix: files are opened one directory handle at a time, and a check
//! runs in a process group of its own.

mod check;
mod error;
#[cfg(test)]
mod fixture;
mod glob;
mod ignored;
mod list;
mod mime;
mod open;
mod outline;
mod page;
mod path;
mod progress;
mod quoted;
mod read;
mod search;
mod server;
mod text;
mod tools;
mod tree;
mod walk;

pub use check::{CheckReport, run_check};
pub use error::TreeError;
pub use list::{Entry, EntryKind, ListPage, list};
pub use outline::{Declaration, Outline, outline};
pub use page::Page;
pub use progress::Progress;
pub use quoted::Quoted;
pub use read::{FileSlice, read, read_whole};
pub use search::{Match, SearchPage, SearchQuery, search};
pub use server::server;
pub use tree::{Resolved, SourceTree};
