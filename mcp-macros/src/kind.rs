//! The four kinds of item.

use std::fmt;

/// What an attribute makes of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Tool,
    Resource,
    Prompt,
    Completion,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Tool, Self::Resource, Self::Prompt, Self::Completion];

    /// The name of the attribute, and the noun.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Resource => "resource",
            Self::Prompt => "prompt",
            Self::Completion => "completion",
        }
    }

    /// The kind an attribute on a method stands for.
    pub(crate) fn of_attribute(attribute: &syn::Attribute) -> Option<Self> {
        let name = &attribute.path().segments.last()?.ident;
        Self::ALL.into_iter().find(|kind| name == kind.word())
    }

    /// How the attribute is used, for those who used it on something else.
    pub(crate) fn usage(self) -> String {
        let example = match self {
            Self::Tool => {
                "    /// What it does, for the model.\n    \
                 #[tool(scope = \"mcp:read\", read_only)]\n    \
                 async fn search(pattern: String) -> Result<Matches, ToolError> { … }"
            }
            Self::Resource => {
                "    /// What it holds.\n    \
                 #[resource(\"file:///{+path}\", mime_type = \"text/plain\")]\n    \
                 async fn file(path: String) -> Result<String, ToolError> { … }"
            }
            Self::Prompt => {
                "    /// What it is for.\n    \
                 #[prompt]\n    \
                 fn review(code: String) -> String { … }"
            }
            Self::Completion => {
                "    #[completion(prompt = \"review\", argument = \"language\")]\n    \
                 fn languages(typed: String) -> Vec<String> { … }"
            }
        };
        format!("`{self}` goes on a function or on an `impl` block of methods, as in\n\n{example}")
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#[{}]", self.word())
    }
}

/// Names kinds for a message: `#[tool]`, or `#[tool]` and `#[prompt]`.
pub(crate) fn listed(kinds: &[Kind]) -> String {
    crate::diagnostics::list(kinds.iter(), "and")
}
