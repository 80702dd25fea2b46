//! What people see.

mod brand;
#[cfg(test)]
mod checks;
mod colour;
mod name;
mod render;
#[cfg(test)]
mod samples;
mod style;
mod words;

pub use brand::{Brand, NotABrand};
pub(crate) use name::display_name;
pub(crate) use render::render;
pub(crate) use style::style_answer;

use super::login::LoginView;

/// A page, and what it shows. Every text in it is plain and is escaped where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// Offers ways to sign in.
    Login { client: Option<ClientLine>, methods: Vec<MethodForm>, problem: Option<String> },
    /// A page of a login method.
    Method { client: Option<ClientLine>, view: LoginView, form: FormTarget, back: String },
    /// What a link from a mail leads to: a button, so that programs that follow links sign nobody in.
    ConfirmLink { form: FormTarget, client_name: String },
    /// What a link from a mail shows in another browser than the one that asked: the code to type there.
    ShowCode { code: String, client_name: String },
    /// Asks for a code of an authenticator app, or a recovery code.
    SecondFactor { client: Option<ClientLine>, form: FormTarget, why: Vec<ScopeLine>, problem: Option<String>, skippable: bool },
    /// Sets an authenticator app up.
    Enrol {
        form: FormTarget,
        qr_svg: String,
        secret: String,
        /// What the picture says: an `otpauth:` address, which opens the app if it is on the device that shows the page.
        uri: String,
        problem: Option<String>,
        client: Option<ClientLine>,
    },
    /// Shows recovery codes, once.
    RecoveryCodes { codes: Vec<String>, form: FormTarget },
    /// Asks whether a client may act for the person.
    Consent(Box<Consent>),
    /// Says that the operator does not let this person in. The second form starts again as somebody else; the first one sends
    /// nothing but its token and leads back to the client.
    NotAdmitted { user: String, client: ClientLine, deny: FormTarget, switch_user: FormTarget },
    /// Leads to an address that is not of the web, as of a program on this machine.
    Leave { client_name: String, to: String },
    /// Shows which clients act for the person, and takes it back.
    Agents { user: String, agents: Vec<Agent>, form: FormTarget, logout: FormTarget, notice: Option<String> },
    /// Says that something went wrong, and what to do.
    Error { title: String, message: String, detail: Option<String> },
    /// Says that it is done, as after signing out.
    Done { title: String, message: String },
}

/// Where a form is sent, and what shows that it is this browser's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FormTarget {
    pub(crate) action: String,
    pub(crate) csrf: String,
}

/// A way to sign in: what its button says, and what the button sends. It is a form of its own, because nothing begins, and
/// nobody is led elsewhere, before the person has seen who asks and has pressed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MethodForm {
    pub(crate) label: String,
    pub(crate) form: FormTarget,
}

/// A client, as people can tell it apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientLine {
    pub(crate) name: String,
    /// The host that is led back to, or `a program on this computer`: what a client cannot make up.
    pub(crate) host: String,
    /// The name is the client's own word.
    pub(crate) unverified: bool,
    /// Whatever runs on this computer could be it.
    pub(crate) on_this_computer: bool,
}

/// What is asked for, and by whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Consent {
    pub(crate) client: ClientLine,
    /// What to call the person.
    pub(crate) user: String,
    /// The servers that are to be used.
    pub(crate) resources: Vec<String>,
    pub(crate) scopes: Vec<ScopeLine>,
    /// For how long it can be given: value, label, and whether it is chosen at first.
    pub(crate) expiries: Vec<(String, String, bool)>,
    pub(crate) form: FormTarget,
    pub(crate) switch_user: FormTarget,
}

/// A scope, and what it lets a client do. The form sends its name as a `scope` if it is ticked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScopeLine {
    pub(crate) name: String,
    pub(crate) tools: Vec<ToolLine>,
    /// It is given for a short time after a second factor.
    pub(crate) elevated: bool,
}

/// A tool that a scope lets a client use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ToolLine {
    pub(crate) name: String,
    pub(crate) title: String,
    /// The first sentence of its description.
    pub(crate) about: String,
    pub(crate) read_only: bool,
    pub(crate) destructive: bool,
    /// It needs further scopes, too.
    pub(crate) also: Vec<String>,
}

/// A client that acts for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agent {
    /// What the form sends as `grant` to take it back.
    pub(crate) grant: String,
    pub(crate) client: ClientLine,
    pub(crate) scopes: Vec<String>,
    /// Dates, written for people.
    pub(crate) since: String,
    pub(crate) last_used: Option<String>,
    pub(crate) last_tool: Option<String>,
    pub(crate) calls: u64,
    pub(crate) expires: String,
}
