//! Pages as HTML.

use askama::Template;

use super::brand::{Brand, picture};
use super::style::STYLE_PATH;
use super::words::{in_fours, program_scheme};
use super::{Agent, ClientLine, FormTarget, MethodForm, ScopeLine, View};
use crate::server::login::LoginView;

/// A page as a whole HTML document.
pub(crate) fn render(view: &View, brand: &Brand) -> String {
    let page = match view {
        View::Login { client, methods, problem } => Login { brand, client, methods, problem }.render(),
        View::Method { client, view, form, back } => match view {
            LoginView::AskEmail { problem } => AskEmail { brand, client, problem, form, back }.render(),
            LoginView::MailSent { email, problem } => MailSent { brand, client, email, problem, form, back }.render(),
            LoginView::ChooseDeveloper { people } => ChooseDeveloper { brand, client, people, form, back }.render(),
        },
        View::ConfirmLink { form, client_name } => ConfirmLink { brand, form, client_name }.render(),
        View::ShowCode { code, client_name } => ShowCode { brand, code, client_name }.render(),
        View::SecondFactor { client, form, why, problem, skippable } => {
            SecondFactor { brand, client, form, why, problem, skippable: *skippable }.render()
        }
        View::Enrol { form, qr_svg, secret, uri, problem, client } => {
            // Anything else would be a link that the page did not mean.
            let uri = Some(uri.as_str()).filter(|uri| uri.starts_with("otpauth://"));
            Enrol { brand, client, form, picture: picture(qr_svg), secret: in_fours(secret), uri, problem }.render()
        }
        View::RecoveryCodes { codes, form } => RecoveryCodes { brand, codes, form }.render(),
        View::Consent(consent) => Consent { brand, client: &consent.client, consent, subject: consent.subject() }.render(),
        View::NotAdmitted { user, client, deny, switch_user } => NotAdmitted { brand, user, client, deny, switch_user }.render(),
        View::Leave { client_name, to } => match program_scheme(to) {
            Some(scheme) => Leave { brand, client_name, to, scheme }.render(),
            None => Error {
                brand,
                title: "This app cannot be opened",
                message: "The address it gave is not one that opens an app. Nothing was sent to it.",
                detail: &None,
            }
            .render(),
        },
        View::Agents { user, agents, form, logout, notice } => Agents { brand, user, agents, form, logout, notice }.render(),
        View::Error { title, message, detail } => Error { brand, title, message, detail }.render(),
        View::Done { title, message } => Done { brand, title, message }.render(),
    };
    page.expect("a template fails only if what it is written into does, and strings do not")
}

#[derive(Template)]
#[template(path = "not_admitted.html")]
struct NotAdmitted<'a> {
    brand: &'a Brand,
    user: &'a str,
    client: &'a ClientLine,
    deny: &'a FormTarget,
    switch_user: &'a FormTarget,
}

#[derive(Template)]
#[template(path = "login.html")]
struct Login<'a> {
    brand: &'a Brand,
    client: &'a Option<ClientLine>,
    methods: &'a [MethodForm],
    problem: &'a Option<String>,
}

#[derive(Template)]
#[template(path = "ask_email.html")]
struct AskEmail<'a> {
    brand: &'a Brand,
    client: &'a Option<ClientLine>,
    problem: &'a Option<String>,
    form: &'a FormTarget,
    back: &'a str,
}

#[derive(Template)]
#[template(path = "mail_sent.html")]
struct MailSent<'a> {
    brand: &'a Brand,
    client: &'a Option<ClientLine>,
    email: &'a str,
    problem: &'a Option<String>,
    form: &'a FormTarget,
    back: &'a str,
}

#[derive(Template)]
#[template(path = "choose_developer.html")]
struct ChooseDeveloper<'a> {
    brand: &'a Brand,
    client: &'a Option<ClientLine>,
    people: &'a [(String, String)],
    form: &'a FormTarget,
    back: &'a str,
}

#[derive(Template)]
#[template(path = "confirm_link.html")]
struct ConfirmLink<'a> {
    brand: &'a Brand,
    form: &'a FormTarget,
    client_name: &'a str,
}

#[derive(Template)]
#[template(path = "show_code.html")]
struct ShowCode<'a> {
    brand: &'a Brand,
    code: &'a str,
    client_name: &'a str,
}

#[derive(Template)]
#[template(path = "second_factor.html")]
struct SecondFactor<'a> {
    brand: &'a Brand,
    client: &'a Option<ClientLine>,
    form: &'a FormTarget,
    why: &'a [ScopeLine],
    problem: &'a Option<String>,
    skippable: bool,
}

#[derive(Template)]
#[template(path = "enrol.html")]
struct Enrol<'a> {
    brand: &'a Brand,
    client: &'a Option<ClientLine>,
    form: &'a FormTarget,
    picture: String,
    secret: String,
    uri: Option<&'a str>,
    problem: &'a Option<String>,
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct RecoveryCodes<'a> {
    brand: &'a Brand,
    codes: &'a [String],
    form: &'a FormTarget,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent<'a> {
    brand: &'a Brand,
    client: &'a ClientLine,
    consent: &'a super::Consent,
    subject: String,
}

#[derive(Template)]
#[template(path = "leave.html")]
struct Leave<'a> {
    brand: &'a Brand,
    client_name: &'a str,
    to: &'a str,
    scheme: &'a str,
}

#[derive(Template)]
#[template(path = "agents.html")]
struct Agents<'a> {
    brand: &'a Brand,
    user: &'a str,
    agents: &'a [Agent],
    form: &'a FormTarget,
    logout: &'a FormTarget,
    notice: &'a Option<String>,
}

#[derive(Template)]
#[template(path = "error.html")]
struct Error<'a> {
    brand: &'a Brand,
    title: &'a str,
    message: &'a str,
    detail: &'a Option<String>,
}

#[derive(Template)]
#[template(path = "done.html")]
struct Done<'a> {
    brand: &'a Brand,
    title: &'a str,
    message: &'a str,
}
