//! What servers answer, typed.
//!
//! Fields that a revision does not have are `None` or empty. Members that are not modelled are
//! ignored, so that a newer server is no reason to fail.

mod completion;
mod content;
mod prompt;
mod resource;
mod result;
mod server;
mod tool;

pub use completion::{Completion, Reference};
pub use content::{Content, ResourceContents};
pub use prompt::{Prompt, PromptArgument, PromptMessage, PromptResult};
pub use resource::{Resource, ResourceTemplate};
pub use result::CallResult;
pub use server::{Server, ServerInfo};
pub use tool::{Icon, Tool, ToolHints};

/// `_meta`: whatever servers add.
pub type Meta = serde_json::Map<String, serde_json::Value>;
