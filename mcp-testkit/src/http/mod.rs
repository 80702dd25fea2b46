//! An HTTP/1.1 client that hides nothing: what the server adds to a frame is all there.

mod events;
mod exchange;
mod response;

pub(crate) use events::{EventLine, Events};
pub(crate) use exchange::{Request, exchange};
pub use response::Head;
pub(crate) use response::Response;
