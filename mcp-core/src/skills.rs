//! Skills: instructions with files, offered as resources (extension `io.modelcontextprotocol/skills`).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::call::Context;
use crate::content::ResourceContents;
use crate::item::Resource;
use crate::registry::{Registry, RegistryError};

/// One skill: a `SKILL.md` with front matter, and the files it refers to.
#[derive(Clone, Debug)]
pub struct Skill {
    name: String,
    description: String,
    instructions: String,
    files: BTreeMap<String, (String, Vec<u8>)>,
}

impl Skill {
    /// A skill with a name of lower-case letters, digits and hyphens, what it is for, and its instructions in Markdown.
    pub fn new(name: impl Into<String>, description: impl Into<String>, instructions: impl Into<String>) -> Self {
        Self { name: name.into(), description: description.into(), instructions: instructions.into(), files: BTreeMap::new() }
    }

    /// Adds a file at a path relative to the skill, as `references/FORMS.md`.
    #[must_use]
    pub fn with_file(mut self, path: impl Into<String>, mime_type: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.into(), (mime_type.into(), bytes.into()));
        self
    }

    fn root(&self) -> String {
        format!("skill://{}", self.name)
    }

    fn manifest(&self) -> String {
        // JSON strings are YAML strings, so nothing in a description can break out of the front matter.
        format!(
            "---\nname: {}\ndescription: {}\n---\n\n{}",
            crate::json::quote(&self.name),
            crate::json::quote(&self.description),
            self.instructions
        )
    }

    fn fault(&self) -> Option<&'static str> {
        let name_fits = (1..=64).contains(&self.name.len())
            && self.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !self.name.starts_with('-')
            && !self.name.ends_with('-')
            && !self.name.contains("--");
        if !name_fits {
            return Some("a skill's name has 1 to 64 lower-case letters, digits and single hyphens");
        }
        if self.description.is_empty() {
            return Some("a skill needs a description");
        }
        let path_fits =
            |path: &String| !path.is_empty() && path.split('/').all(|part| !matches!(part, "" | "." | "..")) && path != "SKILL.md";
        if !self.files.keys().all(path_fits) {
            return Some("a skill's files have relative paths without `.`, `..` and empty parts");
        }
        None
    }

    /// Every file with its URI, the manifest first.
    fn contents(&self) -> Vec<(String, String, Vec<u8>)> {
        let manifest = (format!("{}/SKILL.md", self.root()), "text/markdown".to_owned(), self.manifest().into_bytes());
        let files =
            self.files.iter().map(|(path, (mime_type, bytes))| (format!("{}/{path}", self.root()), mime_type.clone(), bytes.clone()));
        std::iter::once(manifest).chain(files).collect()
    }
}

/// The skills of a server, indexed.
#[derive(Debug, Default)]
pub(crate) struct Skills {
    /// The entries of `skills/list`, by URI.
    pub(crate) entries: BTreeMap<String, Value>,
    /// The children of every directory, by its URI.
    pub(crate) directories: BTreeMap<String, Vec<Value>>,
}

impl Skills {
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Offers a skill, and its files as resources.
    pub(crate) fn add(&mut self, skill: &Skill, registry: &mut Registry) -> Result<(), RegistryError> {
        if let Some(reason) = skill.fault() {
            return Err(RegistryError::unusable("skill", &skill.name, None, reason.to_owned()));
        }
        let mut resources = Vec::new();
        let mut frontmatter = Map::new();
        frontmatter.insert("name".to_owned(), skill.name.as_str().into());
        frontmatter.insert("description".to_owned(), skill.description.as_str().into());
        for (uri, mime_type, bytes) in skill.contents() {
            resources.push(json!({"uri": uri, "digest": format!("sha256:{}", hex(&Sha256::digest(&bytes))), "size": bytes.len(), "mimeType": mime_type}));
            self.add_to_directories(skill, &uri, &mime_type);
            registry.add_resource(file_resource(skill, &uri, &mime_type, bytes)?)?;
        }
        let uri = format!("{}/SKILL.md", skill.root());
        self.entries.insert(uri.clone(), json!({"uri": uri, "frontmatter": frontmatter, "resources": resources}));
        Ok(())
    }

    fn add_to_directories(&mut self, skill: &Skill, uri: &str, mime_type: &str) {
        let root = skill.root();
        let mut child = json!({"uri": uri, "name": last_part(uri), "mimeType": mime_type});
        let mut path = uri;
        while let Some((parent, _)) = path.rsplit_once('/').filter(|(parent, _)| parent.len() >= root.len()) {
            let children = self.directories.entry(parent.to_owned()).or_default();
            if !children.iter().any(|known| known["uri"] == child["uri"]) {
                children.push(child);
            }
            child = json!({"uri": parent, "name": last_part(parent), "mimeType": "inode/directory"});
            path = parent;
        }
    }
}

fn file_resource(skill: &Skill, uri: &str, mime_type: &str, bytes: Vec<u8>) -> Result<Resource, RegistryError> {
    let is_manifest = uri.ends_with("/SKILL.md");
    let name = if is_manifest { skill.name.clone() } else { last_part(uri).to_owned() };
    let contents = Arc::new(
        match String::from_utf8(bytes) {
            Ok(text) => ResourceContents::text(uri, text),
            Err(error) => ResourceContents::blob(uri, error.into_bytes()),
        }
        .with_mime_type(mime_type),
    );
    let read = move |_cx: Context, _values: Vec<(String, String)>| {
        let contents = Arc::clone(&contents);
        async move { Ok::<_, crate::ToolError>((*contents).clone()) }
    };
    let resource = Resource::new(uri.to_owned(), name, read)
        .map_err(|error| RegistryError::unusable("skill", &skill.name, None, error.to_string()))?
        .with_mime_type(mime_type.to_owned());
    Ok(if is_manifest { resource.with_description(skill.description.clone()) } else { resource })
}

fn last_part(uri: &str) -> &str {
    uri.rsplit('/').next().unwrap_or(uri)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
