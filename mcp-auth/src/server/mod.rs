//! The embedded OAuth 2.1 authorization server.

mod client;
mod db;
mod error;
mod factor;
mod http;
mod login;
mod pages;
mod secrets;

pub use self::http::Params;
pub use login::{
    Developer, DeveloperLogin, GithubUpstream, Identity, LogMailer, LoginContext, LoginError, LoginHost, LoginMethod, LoginNext, LoginStep,
    LoginView, MagicLink, Mail, MailError, Mailer, MemoryMailer, NotAMailServer, OidcUpstream, Smtp, Upstream,
};
pub use secrets::{MasterKey, NotAMasterKey};
