//! The embedded OAuth 2.1 authorization server.

mod client;
mod db;
mod error;
mod http;
mod login;
mod pages;
mod secrets;

pub use self::http::Params;
pub use login::{Identity, LoginContext, LoginError, LoginMethod, LoginNext, LoginStep, LoginView};
pub use pages::{Brand, NotABrand};
pub use secrets::{MasterKey, NotAMasterKey};
