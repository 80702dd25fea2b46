//! `mcp login` and `mcp logout`: signing in to a server for all later commands, and taking that back.

mod browser;
mod command;
mod leave;
mod saved;
mod show;
mod store;

pub(crate) use self::command::{Login, Options};
pub(crate) use self::leave::Logout;
pub(crate) use self::saved::{Saved, standing, usable};
pub(crate) use self::show::facts;
pub(crate) use self::store::latest;
