//! What a server offers: tools, resources, prompts and completions.
//!
//! Each kind has a `…Def` that a macro builds at compile time and links in, and an owned
//! form that the registry holds and that code may add and remove while the server runs.

mod completion;
mod meta;
mod mirror;
mod prompt;
mod resource;
mod security;
mod tool;
mod unlisted;

pub use completion::{Completion, CompletionDef, CompletionTarget, CompletionValues};
pub(crate) use meta::Handler;
pub use meta::{Icon, ItemDef, ItemMeta, Location, Theme};
pub use mirror::{Forward, UnfitEntry};
pub(crate) use mirror::{items_of, members_of};
pub use prompt::IntoPromptOutput;
pub use prompt::{Prompt, PromptArgument, PromptDef, PromptOutput};
pub use resource::IntoResourceOutput;
pub use resource::{Resource, ResourceDef, ResourceOutput};
pub use security::SecuritySchemes;
pub(crate) use tool::write_error;
pub use tool::{Hints, IntoToolOutput, TaskSupport, Tool, ToolDef, ToolOutput};
pub use unlisted::{SkillForwards, Unlisted};
