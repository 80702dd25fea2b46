//! Requests and responses as the authorization server reads and writes them.

mod answer;
mod asked;
mod cookies;
mod params;

pub(crate) use answer::{Answer, WithCookie, html, json, no_content, redirect, text};
pub(crate) use asked::{Asked, network};
pub(crate) use cookies::Cookie;
pub use params::Params;
pub(crate) use params::Repeated;
