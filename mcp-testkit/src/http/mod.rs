//! An HTTP/1.1 client that hides nothing: what the server adds to a frame is all there.

mod events;
mod exchange;
mod response;

pub use events::{EventLine, Events};
pub use exchange::Request;
pub(crate) use exchange::exchange;
pub use response::{Head, Response};
