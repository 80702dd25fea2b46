//! What a mail says.

use super::links::LASTS;
use crate::server::login::email::EmailAddress;
use crate::server::login::mail::Mail;

/// A mail with a link and a code.
pub(super) struct Letter<'a> {
    pub(super) brand: &'a str,
    pub(super) client_name: &'a str,
    pub(super) code: &'a str,
    pub(super) link: &'a str,
}

impl Letter<'_> {
    pub(super) fn to(&self, email: &EmailAddress) -> Mail {
        let (brand, client, code, link) = (clean(self.brand, 60), plain(self.client_name), self.code, self.link);
        let minutes = LASTS.as_secs() / 60;
        let who = if client.is_empty() { "A program".to_owned() } else { format!("The program \"{client}\"") };
        let what = format!("{who} asks to use {brand} for you.");
        let once = format!(
            "The code and the link are good for {minutes} minutes and once. Give the code to nobody, and type it only into the window in which you asked for it."
        );
        let ignore = "If you did not ask for it, ignore it: nothing happens then.";
        let text = format!(
            "{what}\n\nYour code to sign in:\n\n    {code}\n\nOr open this link in the browser in which you asked for it:\n\n{link}\n\n{once}\n\n{ignore}\n"
        );
        let html = format!(
            "<!doctype html><html lang=\"en\"><body style=\"font-family:sans-serif;line-height:1.5\"><p>{}</p><p>Your code to sign in:</p>\
             <p style=\"font-size:200%;letter-spacing:.2em\"><b>{code}</b></p><p>Or open this link in the browser in which you asked for it:</p>\
             <p><a href=\"{}\">Sign in to {}</a></p><p>{}</p><p>{}</p></body></html>\n",
            escape(&what),
            escape(link),
            escape(&brand),
            escape(&once),
            escape(ignore)
        );
        Mail { to: email.to_string(), subject: format!("Sign in to {brand}"), text, html }
    }
}

/// A name that a client gave itself, without what mail programs make links of, or show as something else than it is.
fn plain(name: &str) -> String {
    let keep = |character: char| character.is_alphanumeric() || "-_'()&+, ".contains(character);
    let mut out = String::with_capacity(name.len());
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        // A dot before a letter makes a domain of a name.
        let sentence = character == '.' && characters.peek().is_none_or(|next| next.is_ascii_digit() || *next == ' ');
        out.push(if keep(character) || sentence { character } else { ' ' });
    }
    clean(&out, 40)
}

/// One line of bounded length without control characters.
fn clean(text: &str, most: usize) -> String {
    let line: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let words: Vec<&str> = line.split_whitespace().collect();
    words.join(" ").chars().take(most).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(brand: &str, client_name: &str) -> Mail {
        let link = "https://mcp.example.com/login/email/link?t=mlk_x";
        Letter { brand, client_name, code: "012345", link }.to(&EmailAddress::parse("ann@example.com").expect("an address"))
    }

    #[test]
    fn a_mail_says_who_asks_for_what_and_how_long_it_is_good() {
        let mail = letter("Example & Co", "Claude");
        assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("ann@example.com", "Sign in to Example & Co"));
        for part in ["012345", "https://mcp.example.com/login/email/link?t=mlk_x", "Claude", "15 minutes", "ignore it"] {
            assert!(mail.text.contains(part), "{part}: {}", mail.text);
            assert!(mail.html.contains(part), "{part}: {}", mail.html);
        }
        assert!(mail.html.contains("Example &amp; Co") && mail.text.contains("Example & Co"));
    }

    #[test]
    fn names_of_clients_make_no_links_lines_or_markup() {
        for (name, shown) in [
            ("Claude Code 2.1", "Claude Code 2.1"),
            ("claude.ai", "claude ai"),
            ("see https://evil.example/x now", "see https evil example x now"),
            ("a@evil.example", "a evil example"),
            ("<b>x</b>\r\nBcc: eve", "b x b Bcc eve"),
            ("a\u{202e}b\u{200b}c", "a b c"),
            ("Ünïcode クライアント", "Ünïcode クライアント"),
            (&"x".repeat(90), &"x".repeat(40)),
            ("  ", ""),
        ] {
            assert_eq!(plain(name), shown, "{name:?}");
        }
        assert!(letter("Example", "\u{0}").text.starts_with("A program asks to use Example"));
    }

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(letter("Exam\r\nBcc: eve@example.com\r\nple", "Claude").subject, "Sign in to Exam Bcc: eve@example.com ple");
    }
}
