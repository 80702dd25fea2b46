//! Code that wraps every call: tracing, measurements, changed answers.

use crate::call::{Answer, BoxFuture, Context};

/// Wraps every call of every item, whatever transport it came by.
///
/// ```
/// use std::time::Instant;
/// use mcp_core::{Answer, BoxFuture, Context, Intercept};
///
/// struct Timing;
///
/// impl Intercept for Timing {
///     fn around(&self, _cx: &Context, _method: &'static str, item: &str, call: BoxFuture<'static, Answer>) -> BoxFuture<'static, Answer> {
///         let item = item.to_owned();
///         Box::pin(async move {
///             let start = Instant::now();
///             let answer = call.await;
///             eprintln!("{item} took {:?}", start.elapsed());
///             answer
///         })
///     }
/// }
/// ```
pub trait Intercept: Send + Sync + 'static {
    /// Returns the future that stands in for `call`.
    ///
    /// This is no place to refuse a call: what is not `async` has run already, or is running on a thread of its own, when it is
    /// asked. Refuse by `scope`, `tier`, a provider or a [`Limit`](crate::Limit).
    fn around(&self, cx: &Context, method: &'static str, item: &str, call: BoxFuture<'static, Answer>) -> BoxFuture<'static, Answer>;
}
