//! What reads otherwise through a relay, and why. A test sees that each line does.

use mcp_core::Revision;
use mcp_testkit::Front;

/// Conversations that read otherwise at some fronts in some revisions.
pub(crate) struct Exclusion {
    fronts: &'static [&'static str],
    revisions: fn(Revision) -> bool,
    pub(crate) fixtures: &'static [&'static str],
    reason: &'static str,
}

/// All of them.
pub(crate) const EXCLUSIONS: &[Exclusion] = &[
    Exclusion {
        fronts: &["gateway", "bridge"],
        revisions: |revision| !revision.reports_bad_arguments_to_the_model(),
        fixtures: REFUSED_ARGUMENTS,
        reason: "a server of a newer revision tells the model, in a result, that arguments do not fit; its words are the same",
    },
    Exclusion {
        fronts: &["gateway"],
        revisions: |revision| !revision.reports_bad_arguments_to_the_model(),
        fixtures: &["a header without its argument"],
        reason: "a server of a newer revision tells the model, in a result, that arguments do not fit; its words are the same",
    },
    Exclusion {
        fronts: &["gateway", "bridge"],
        revisions: |revision| revision.has_elicitation() && !revision.is_modern(),
        fixtures: &[
            "a question on the stream, answered with something else",
            "a question on the stream, answered with an unknown action",
            "a question on the stream, answered without content",
        ],
        reason: "a server of a newer revision asks again where one with sessions gives up",
    },
    Exclusion {
        fronts: &["gateway, one revision"],
        revisions: |revision| !revision.is_modern(),
        fixtures: &["news of a list", "news of a resource"],
        reason: "callers with sessions have a process of the server each, and what changes in one is not told by the others",
    },
    Exclusion {
        fronts: &["bridge", "bridge, one revision"],
        revisions: |revision| !revision.is_modern(),
        fixtures: &["a subscription to a scoped resource"],
        reason: "a bridge promises its host to tell of changes before it asks the server, which then tells of none",
    },
    Exclusion {
        fronts: &["bridge", "bridge, one revision"],
        revisions: |_| true,
        fixtures: &["a tool of two scopes with arguments in an array"],
        reason: "a bridge refuses what is no call before the server can refuse its caller",
    },
];

impl Exclusion {
    /// Whether it is about a front.
    pub(crate) fn is_about(&self, front: &Front) -> bool {
        self.fronts.contains(&front.wire().name())
    }

    /// Whether it is about a front in a revision.
    pub(crate) fn names(&self, front: &str, revision: Revision) -> bool {
        self.fronts.contains(&front) && (self.revisions)(revision)
    }
}

/// A front without what is excluded there.
pub(crate) fn excluding(front: Front) -> Front {
    let about: Vec<&Exclusion> = EXCLUSIONS.iter().filter(|exclusion| exclusion.is_about(&front)).collect();
    about
        .into_iter()
        .fold(front, |front, exclusion| front.except_in(exclusion.fixtures.iter().copied(), exclusion.revisions, exclusion.reason))
}

/// Calls whose arguments the server refuses.
const REFUSED_ARGUMENTS: &[&str] = &[
    "a choice that does not exist",
    "a missing argument",
    "a mistyped argument",
    "a negative argument where none is allowed",
    "a scoped tool with bad arguments",
    "a whole number written with a fraction",
    "a whole number written with an exponent",
    "all arguments missing",
    "an argument above its range",
    "an argument below its range",
    "an argument beyond every type",
    "an argument beyond its type",
    "an argument given twice",
    "an argument missing within another",
    "an argument mistyped within another",
    "an argument out of range within another",
    "an argument that is null",
    "an argument with a fraction",
    "an argument with a slip in its name",
    "an array where an object belongs",
    "an extra argument",
    "an extra argument beside others",
    "arguments null",
    "calls the tool add",
    "calls the tool blocks",
    "calls the tool chatters",
    "calls the tool echo",
    "calls the tool locate",
    "calls the tool measure",
    "calls the tool progresses",
    "calls the tool ranged",
    "calls the tool waits",
    "many things wrong at once",
    "no arguments member",
    "progress of a call that ends badly",
    "text that breaks its pattern",
    "text that is too long",
    "text that is too short",
    "text with half of a surrogate pair",
    "two arguments wrong at once",
];
