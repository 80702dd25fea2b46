//! One-time passwords by time (RFC 6238): SHA-1, six digits, 30 seconds, which is all that every authenticator app can do.

use aws_lc_rs::hmac;
use form_urlencoded::byte_serialize;
use serde::{Deserialize, Serialize};

use crate::server::secrets::{random, same};

/// How long a code is shown, in seconds.
const PERIOD: u64 = 30;

/// What a person's app and the server share: 160 bits, as RFC 4226, section 4, recommends. It is kept in sealed records only.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Secret([u8; 20]);

impl Secret {
    pub(super) fn generate() -> Self {
        Self(random())
    }

    /// The period that a code is of: the one of this time, or one before or after it, for clocks that are off and people who are slow.
    /// `now` is in seconds since 1970. Spaces in a code do not count.
    pub(super) fn period_of(&self, code: &str, now: u64) -> Option<u64> {
        let code: String = code.chars().filter(|character| !character.is_whitespace()).collect();
        let current = now / PERIOD;
        (current.saturating_sub(1)..=current + 1).find(|period| same(&self.code(*period), &code))
    }

    /// The code of a period (RFC 4226, section 5.3).
    pub(super) fn code(&self, period: u64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &period.to_be_bytes());
        let tag = tag.as_ref();
        let offset = tag.last().map_or(0, |last| usize::from(last & 15));
        let mut number = [0; 4];
        number.copy_from_slice(&tag[offset..offset + 4]);
        format!("{:06}", (u32::from_be_bytes(number) & 0x7fff_ffff) % 1_000_000)
    }

    /// The secret as people type it into an app that cannot see the picture.
    pub(super) fn base32(&self) -> String {
        base32(&self.0)
    }

    /// What the picture says to the app: whose account it is, and of what.
    pub(super) fn uri(&self, account: &str, brand: &str) -> String {
        let (account, brand) = (percent(account), percent(brand));
        format!("otpauth://totp/{brand}:{account}?secret={}&issuer={brand}&algorithm=SHA1&digits=6&period={PERIOD}", self.base32())
    }
}

/// Base32 without padding (RFC 4648, section 6).
pub(super) fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::new();
    for chunk in bytes.chunks(5) {
        let bits = chunk.iter().enumerate().fold(0_u64, |bits, (at, byte)| bits | u64::from(*byte) << (32 - 8 * at));
        for at in 0..(chunk.len() * 8).div_ceil(5) {
            out.push(char::from(LETTERS[(bits >> (35 - 5 * at) & 31) as usize]));
        }
    }
    out
}

/// A part of a URI. The colon is what separates brand and account, so it cannot be in one of them.
fn percent(text: &str) -> String {
    // The encoding of forms, but for its sign for a space.
    byte_serialize(text.replace(':', " ").as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_specifications() {
        let secret = Secret(*b"12345678901234567890");
        // RFC 6238, appendix B, whose codes have eight digits: the last six of them.
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code(time / 30), code, "{time}");
        }
        // RFC 4226, appendix D.
        let codes = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (counter, code) in codes.into_iter().enumerate() {
            assert_eq!(secret.code(counter as u64), code, "{counter}");
        }
    }

    #[test]
    fn clocks_may_be_off_by_one_period() {
        let secret = Secret(*b"12345678901234567890");
        let now = 1_700_000_010;
        for (off, taken) in
            [(-61, false), (-60, false), (-30, true), (0, true), (29, true), (30, true), (59, true), (60, false), (61, false)]
        {
            let period = u64::try_from(now + off).expect("after 1970") / 30;
            let found = secret.period_of(&secret.code(period), 1_700_000_010);
            assert_eq!(found, taken.then_some(period), "{off}");
        }
        let code = secret.code(now as u64 / 30);
        assert!(secret.period_of(&format!(" {} {}", &code[..3], &code[3..]), now as u64).is_some());
        for code in ["", "0", &code[1..], &format!("{code}0")] {
            assert_eq!(secret.period_of(code, now as u64), None, "{code}");
        }
        assert_eq!(secret.period_of(&secret.code(0), 0), Some(0), "the start of time is no error");
    }

    #[test]
    fn base32_is_that_of_the_specification() {
        // RFC 4648, section 10.
        for (text, encoded) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(text.as_bytes()), encoded);
        }
    }

    #[test]
    fn uris_are_what_apps_read() {
        let uri = Secret(*b"12345678901234567890").uri("ann+x@example.com", "Exämple: Co & more");
        assert_eq!(
            uri,
            "otpauth://totp/Ex%C3%A4mple%20%20Co%20%26%20more:ann%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Ex%C3%A4mple%20%20Co%20%26%20more&algorithm=SHA1&digits=6&period=30"
        );
    }
}
