//! Cookies (RFC 6265bis, section 5), as Chromium keeps and sends them.

mod cookie;
mod jar;

pub use cookie::{Cookie, SameSite};
pub(super) use jar::{Jar, Sending};
