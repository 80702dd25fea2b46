//! What another server answers for that is in none of its lists: resources, and skills (extension `io.modelcontextprotocol/skills`).

use std::sync::Arc;

use super::mirror::forwarding;
use super::{Forward, Handler, ItemMeta, Resource};
use crate::access::Access;

/// What a URI asks of its caller; `None` where it is not offered.
type AccessOf = Arc<dyn Fn(&str, bool) -> Option<Access> + Send + Sync>;

/// What another server answers for that is in none of its lists.
///
/// Servers need not list every resource that they read out, as those that their tools link to, nor every skill.
#[derive(Clone)]
pub struct Unlisted {
    access: AccessOf,
    read: Forward,
    skills: Option<SkillForwards>,
}

/// Who answers the requests of the skills extension.
#[derive(Clone)]
pub struct SkillForwards {
    /// `skills/list`; the raw arguments are its cursor, if it has one.
    pub list: Forward,
    /// `skills/get`; the target is its URI.
    pub get: Forward,
    /// `resources/directory/read`, if the server has it; as the other two together.
    pub directory: Option<Forward>,
}

impl std::fmt::Debug for SkillForwards {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SkillForwards").field("directory", &self.directory.is_some()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Unlisted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unlisted").field("skills", &self.skills.is_some()).finish_non_exhaustive()
    }
}

impl Unlisted {
    /// Resources that `read` answers for, at URIs for which `access` says what they ask, and whether they are offered at all. It is told whether a
    /// template that is listed yields the URI.
    pub fn new(access: impl Fn(&str, bool) -> Option<Access> + Send + Sync + 'static, read: Forward) -> Self {
        Self { access: Arc::new(access), read, skills: None }
    }

    /// Adds skills.
    #[must_use]
    pub fn with_skills(mut self, skills: SkillForwards) -> Self {
        self.skills = Some(skills);
        self
    }

    /// What a URI asks, which a listed template yields or not.
    pub(crate) fn access(&self, uri: &str, is_of_template: bool) -> Option<Access> {
        (self.access)(uri, is_of_template)
    }

    /// A template for the one URI of it that somebody wants.
    pub(crate) fn at(&self, template: &Arc<Resource>, uri: &str) -> Option<Arc<Resource>> {
        let access = self.access(uri, true)?;
        if access == template.item.access {
            return Some(Arc::clone(template));
        }
        let mut resource = Resource::clone(template);
        resource.item.access = access;
        Some(Arc::new(resource))
    }

    /// The resource at a URI that no list has.
    pub(crate) fn resource(&self, uri: &str) -> Option<Resource> {
        let mut item = ItemMeta::new(uri.to_owned());
        item.access = self.access(uri, false)?;
        Some(Resource {
            item,
            uri: uri.to_owned().into(),
            template: None,
            mime_type: None,
            size: None,
            annotations: None,
            handler: forwarding(Arc::clone(&self.read)),
            mirror: None,
        })
    }

    /// The extension's settings as JSON, if there are skills.
    pub(crate) fn skill_settings(&self) -> Option<&'static str> {
        let skills = self.skills.as_ref()?;
        Some(if skills.directory.is_some() { r#"{"directoryRead":true}"# } else { "{}" })
    }

    /// Who answers a request of the skills extension.
    pub(crate) fn skill_handler(&self, method: &str) -> Option<(&'static str, Handler)> {
        let skills = self.skills.as_ref()?;
        let (method, forward) = match method {
            "skills/list" => ("skills/list", &skills.list),
            "skills/get" => ("skills/get", &skills.get),
            "resources/directory/read" => ("resources/directory/read", skills.directory.as_ref()?),
            _ => return None,
        };
        Some((method, forwarding(Arc::clone(forward))))
    }
}
