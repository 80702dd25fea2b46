//! Showing what servers answer, and saving what cannot be shown.

use std::path::{Path, PathBuf};

use mcp_client::{Content, Error, ResourceContents};

use crate::failure::Failure;
use crate::terminal::{note, say};

/// Shows texts, and saves pictures, sounds and other bytes where they are wanted.
#[derive(Debug)]
pub(crate) struct Show {
    output: Option<PathBuf>,
    /// Whether there is so much to save that `output` has to be a folder.
    many: bool,
    saved: usize,
}

impl Show {
    /// Saves to `output`: a file, or a folder if it is one already or there is more than one thing to save.
    pub(crate) fn new(output: Option<PathBuf>, to_save: usize) -> Self {
        Self { output, many: to_save > 1, saved: 0 }
    }

    /// How much of this content would be saved.
    pub(crate) fn to_save<'c>(content: impl IntoIterator<Item = &'c Content>) -> usize {
        let is_bytes = |content: &&Content| match content {
            Content::Image { .. } | Content::Audio { .. } => true,
            Content::Resource { resource, .. } => resource.blob.is_some(),
            _ => false,
        };
        content.into_iter().filter(is_bytes).count()
    }

    /// Shows or saves one block.
    ///
    /// # Errors
    /// When the output is closed, or a file cannot be written.
    pub(crate) fn content(&mut self, content: &Content) -> Result<(), Failure> {
        match content {
            Content::Text { text, .. } => Ok(say(text)?),
            Content::Image { mime_type, .. } | Content::Audio { mime_type, .. } => match content.bytes() {
                Some(bytes) => self.bytes(&bytes?, mime_type),
                None => Ok(()),
            },
            Content::ResourceLink(link) => Ok(say(&format!("{} ({})", link.uri, link.name))?),
            Content::Resource { resource, .. } => self.resource(resource),
            other => Ok(say(&serde_json::to_string(other).map_err(Error::Arguments)?)?),
        }
    }

    /// Shows or saves a resource.
    ///
    /// # Errors
    /// As [`Show::content`].
    pub(crate) fn resource(&mut self, resource: &ResourceContents) -> Result<(), Failure> {
        match &resource.text {
            Some(text) => Ok(say(text)?),
            None => self.bytes(&resource.bytes()?, resource.mime_type.as_deref().unwrap_or("application/octet-stream")),
        }
    }

    fn bytes(&mut self, bytes: &[u8], mime_type: &str) -> Result<(), Failure> {
        let Some(output) = &self.output else {
            note(&format!("[{mime_type}, {} bytes; save it with --output PATH]", bytes.len()));
            return Ok(());
        };
        self.saved += 1;
        let path = if self.many || output.is_dir() {
            std::fs::create_dir_all(output).map_err(|error| Failure::file("made a folder", output, &error))?;
            output.join(format!("{}.{}", self.saved, extension(mime_type)))
        } else {
            output.clone()
        };
        save(&path, bytes)?;
        note(&format!("[{mime_type}, {} bytes, saved as {}]", bytes.len(), path.display()));
        Ok(())
    }
}

/// Writes a file.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn save(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure::file("written", path, &error))
}

/// How files of a type are called; only what is safe in a name.
fn extension(mime_type: &str) -> String {
    let subtype = mime_type.split(';').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let safe: String = subtype.chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    match safe.as_str() {
        "" | "octetstream" => "bin".to_owned(),
        "jpeg" => "jpg".to_owned(),
        "svgxml" => "svg".to_owned(),
        "mpeg" => "mp3".to_owned(),
        "plain" => "txt".to_owned(),
        _ => safe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_safe_whatever_the_server_says() {
        for (mime_type, expected) in [
            ("image/png", "png"),
            ("image/svg+xml; charset=utf-8", "svg"),
            ("audio/mpeg", "mp3"),
            ("x/../../etc", "etc"),
            ("..", "bin"),
            ("application/octet-stream", "bin"),
        ] {
            assert_eq!(extension(mime_type), expected, "{mime_type}");
        }
    }
}
