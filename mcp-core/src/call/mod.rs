//! One call of an item: what it is given, what it can do while it runs, what it answers.

mod answer;
mod arguments;
mod context;
mod extract;
mod handle;
mod interact;
mod relay;
mod release;

use std::future::Future;
use std::pin::Pin;

pub use answer::{Answer, Invocation};
pub(crate) use answer::{Started, Verdict};
pub(crate) use arguments::check_known;
pub use arguments::{ArgumentError, Arguments};
pub use context::{CallFn, Context, Transport};
pub(crate) use context::{CallState, Control, States};
pub use extract::{Args, FromContext, NoArguments, Provided, State, TextArgument, ToolArgument};
pub(crate) use interact::{Asking, Asks, Question};
pub use interact::{Elicit, Elicited, Root, Sample, Sampled};
pub use relay::{Inquiry, Replies};
pub use release::RELEASE_NOTIFICATION;

/// A boxed future.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
