//! An authenticator app (RFC 6238): SHA-1, six digits, 30 seconds.

use aws_lc_rs::hmac::{HMAC_SHA1_FOR_LEGACY_USE_ONLY, Key, sign};

/// The code that an app shows that was given this key, at a time in seconds since 1970. Spaces in the key do not count.
pub(crate) fn code(key: &str, now: u64) -> String {
    let tag = sign(&Key::new(HMAC_SHA1_FOR_LEGACY_USE_ONLY, &base32(key)), &(now / 30).to_be_bytes());
    let tag = tag.as_ref();
    let offset = usize::from(tag[19] & 15);
    let number = u32::from_be_bytes([tag[offset], tag[offset + 1], tag[offset + 2], tag[offset + 3]]);
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

fn base32(text: &str) -> Vec<u8> {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.chars().filter(|letter| !letter.is_whitespace()) {
        let value = LETTERS.find(letter).unwrap_or_else(|| panic!("not base32: {text}"));
        bits = bits << 5 | u32::try_from(value).expect("below 32");
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    bytes
}

#[test]
fn the_app_shows_the_codes_of_the_specification() {
    // RFC 6238, appendix B, the last six digits.
    for (now, expected) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
        assert_eq!(code("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ", now), expected, "{now}");
    }
}
