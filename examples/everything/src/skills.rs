//! A skill: instructions with files, for the model to read when it needs them.

use mcp_parity::Skill;

/// How to work with PDF documents.
pub(crate) fn pdf_processing() -> Skill {
    Skill::new(
        "pdf-processing",
        "Extract text from PDF documents and fill in their forms. Use when the user mentions a PDF.",
        include_str!("../skills/pdf-processing/instructions.md"),
    )
    .with_file("references/FORMS.md", "text/markdown", include_str!("../skills/pdf-processing/references/FORMS.md"))
}
