//! What a resource server owes to its clients and to whoever issues its tokens, line by line: `docs/authorization.md` has
//! the table. Requests go over real HTTP; where a line is about what a caller may do, the same frame is answered on a
//! connection too, and has to be answered in the same bytes.

#[path = "resource_server/browsers.rs"]
mod browsers;
#[path = "resource_server/cache.rs"]
mod cache;
#[path = "resource_server/challenges.rs"]
mod challenges;
#[path = "resource_server/endpoints.rs"]
mod endpoints;
#[path = "resource_server/leaks.rs"]
mod leaks;
#[path = "resource_server/metadata.rs"]
mod metadata;
#[path = "resource_server/modes.rs"]
mod modes;
#[path = "resource_server/quotes.rs"]
mod quotes;
#[path = "resource_server/scopes.rs"]
mod scopes;
#[path = "resource_server/sessions.rs"]
mod sessions;
#[path = "resource_server/signatures.rs"]
mod signatures;
#[path = "resource_server/stdio.rs"]
mod stdio;
#[path = "resource_server/tokens.rs"]
mod tokens;
#[path = "resource_server/upstream.rs"]
mod upstream;
