//! What a check is: what it looks at, who needs it, why, what to change, and who says so.

use super::evidence::Evidence;
use super::profile::Client;
use super::{authorize, challenge, cors, keys, metadata, registration, resource, signed_in, transport};

/// One thing that has to be right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check {
    /// Its name, as `resource.same`.
    pub(crate) id: &'static str,
    /// What has to be.
    pub(crate) what: &'static str,
    /// Who does not work otherwise.
    pub(crate) clients: &'static [Client],
    /// What happens otherwise.
    pub(crate) why: &'static str,
    /// What to change.
    pub(crate) cure: &'static str,
    /// Where it is written, or who was seen to need it.
    pub(crate) source: &'static str,
    pub(crate) judge: fn(&Evidence) -> Verdict,
}

/// What a check came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    /// What was found instead.
    Fail(String),
    /// Why it could not be looked at.
    Skip(String),
}

impl Check {
    /// Judges what was seen. Where the endpoint is not there, that alone is the fault.
    pub(crate) fn verdict(&self, evidence: &Evidence) -> Verdict {
        match (self.judge)(evidence) {
            _ if self.id != transport::REACHED && evidence.anonymous.is_some() && !evidence.is_reached() => {
                Verdict::skip("the endpoint does not answer")
            }
            judged => judged,
        }
    }
}

impl Verdict {
    pub(crate) fn skip(why: &str) -> Self {
        Self::Skip(why.to_owned())
    }

    /// Passes if it is so, and else fails with what was found.
    pub(crate) fn of(fine: bool, found: impl FnOnce() -> String) -> Self {
        if fine { Self::Pass } else { Self::Fail(found()) }
    }
}

/// Every check, in the order in which a client meets them.
pub(crate) fn all() -> impl Iterator<Item = &'static Check> {
    [
        transport::CHECKS,
        challenge::CHECKS,
        resource::CHECKS,
        metadata::CHECKS,
        keys::CHECKS,
        registration::CHECKS,
        authorize::CHECKS,
        cors::CHECKS,
        signed_in::CHECKS,
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_check_has_a_name_of_its_own_and_says_what_to_do() {
        let mut names = BTreeSet::new();
        for check in all() {
            assert!(names.insert(check.id), "`{}` is the name of two checks", check.id);
            assert!(!check.clients.is_empty(), "{}", check.id);
            for text in [check.what, check.why, check.cure, check.source] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{}: `{text}`", check.id);
            }
        }
    }

    #[test]
    fn nothing_is_judged_without_evidence() {
        for check in all() {
            let verdict = (check.judge)(&Evidence::default());
            assert!(matches!(verdict, Verdict::Skip(_)), "{}: {verdict:?}", check.id);
        }
    }
}
