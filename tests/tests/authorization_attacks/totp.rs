//! An authenticator app, and setting it up.

use aws_lc_rs::hmac;
use mcp_testkit::browser::{Landing, Page};
use mcp_tests::authorized::{Authorized, Client, Person};

use crate::bench::page;

/// The code that the app shows at a time in seconds since 1970 (RFC 6238; SHA-1, six digits, 30 seconds).
pub(crate) fn totp(secret: &str, time: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &base32(secret));
    let tag = hmac::sign(&key, &(time / 30).to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 15);
    let number = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

fn base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for digit in text.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'2'..=b'7' => digit - b'2' + 26,
            _ => panic!("not base32: {text}"),
        };
        (bits, count) = (bits << 5 | u32::from(value), count + 5);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).expect("a byte"));
        }
    }
    bytes
}

/// The secret on the page that sets an app up.
pub(crate) fn secret_on(enrol: &Page) -> String {
    assert!(enrol.title().starts_with("Set up"), "{}", enrol.text());
    let uri = enrol.links().into_iter().find(|link| link.url.scheme() == "otpauth").expect("a link to the app").url;
    uri.query_pairs().find(|(name, _)| name == "secret").expect("a secret").1.into_owned()
}

/// Sends a code from a page that asks for one.
pub(crate) async fn send(page: &Page, code: &str) -> Landing {
    let form = page.forms().into_iter().find(|form| form.value("code").is_some()).unwrap_or_else(|| panic!("{}", page.text()));
    form.forge("code", code).submit(None).await.expect("an answer")
}

/// Has a person set an app up for what asks for a second factor; its secret, and the page with the recovery codes.
pub(crate) async fn set_up(site: &Authorized, client: &Client, person: &Person) -> (String, Page) {
    let enrol = page(person.open(site, &client.flow(site, "mcp:read mfa")).await);
    let secret = secret_on(&enrol);
    let codes = page(send(&enrol, &totp(&secret, site.clock.unix_seconds())).await);
    assert!(codes.title().starts_with("Save your recovery codes"), "{}", codes.text());
    (secret, codes)
}

/// Has a person set an app up; its secret.
pub(crate) async fn enrol(site: &Authorized, client: &Client, person: &Person) -> String {
    set_up(site, client, person).await.0
}

/// The recovery codes on the page that shows them.
pub(crate) fn recovery_codes(page: &Page) -> Vec<String> {
    let text = page.text();
    let is_code = |word: &&str| word.len() == 19 && word.matches('-').count() == 3;
    let codes: Vec<String> = text.split_whitespace().filter(is_code).map(str::to_owned).collect();
    assert_eq!(codes.len(), 10, "{text}");
    codes
}
