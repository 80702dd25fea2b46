//! What somebody may try against the embedded authorization server: over real HTTP, with a browser, a mail server, other people's
//! sign-ins and hosts of documents on real sockets. Whatever it is, it has to fail as it should, leave a record, and no secret may
//! appear in anything that is written.

#[path = "authorization_attacks/alike.rs"]
mod alike;
#[path = "authorization_attacks/assertions.rs"]
mod assertions;
#[path = "authorization_attacks/bench.rs"]
mod bench;
#[path = "authorization_attacks/browsers.rs"]
mod browsers;
#[path = "authorization_attacks/client_secrets.rs"]
mod client_secrets;
#[path = "authorization_attacks/codes.rs"]
mod codes;
#[path = "authorization_attacks/consent.rs"]
mod consent;
#[path = "authorization_attacks/documents.rs"]
mod documents;
#[path = "authorization_attacks/elevation.rs"]
mod elevation;
#[path = "authorization_attacks/factors.rs"]
mod factors;
#[path = "authorization_attacks/links.rs"]
mod links;
#[path = "authorization_attacks/mails.rs"]
mod mails;
#[path = "authorization_attacks/names.rs"]
mod names;
#[path = "authorization_attacks/other_hosts.rs"]
mod other_hosts;
#[path = "authorization_attacks/redirects.rs"]
mod redirects;
#[path = "authorization_attacks/refresh.rs"]
mod refresh;
#[path = "authorization_attacks/registration.rs"]
mod registration;
#[path = "authorization_attacks/requests.rs"]
mod requests;
#[path = "authorization_attacks/sessions.rs"]
mod sessions;
#[path = "authorization_attacks/taken_back.rs"]
mod taken_back;
#[path = "authorization_attacks/totp.rs"]
mod totp;
#[path = "authorization_attacks/upstream.rs"]
mod upstream;
