//! From a client that asks to a person that decides.
//!
//! What was asked for is kept here under a name that only one browser can use; everything that follows, signing in, a second
//! factor, the decision, goes on from that record and believes nothing that a form repeats.

mod authorize;
mod consent;
mod factor;
mod link;
mod login;
mod next;
mod pending;
mod respond;

pub(super) use authorize::answer as authorize;
pub(super) use authorize::too_many;
pub(super) use consent::{CONSENT, decide};
pub(super) use factor::{enrol, present};
pub(super) use link::look;
pub(super) use login::{begin, come_back, send, switch};
pub(super) use next::go_on;
pub(crate) use next::{person, start_for_agents, with_cookie};
