//! The targets: what a stranger may write, and what must hold whatever it is.

mod authorization;
mod challenges;
mod cursors;
mod envelope;
mod header_decoding;
mod jwt_headers;
mod key_sets;
mod line_reader;
mod request_state;
mod uri_templates;

pub use authorization::authorization;
pub use challenges::challenges;
pub use cursors::cursors;
pub use envelope::envelope;
pub use header_decoding::header_decoding;
pub use jwt_headers::jwt_headers;
pub use key_sets::key_sets;
pub use line_reader::line_reader;
pub use request_state::request_state;
pub use uri_templates::uri_templates;

/// Changes a token as `edits` says: pairs of a position and what to exclusive-or there.
fn edited(token: &str, edits: &[u8]) -> Vec<u8> {
    let mut bytes = token.as_bytes().to_vec();
    for edit in edits.chunks_exact(2) {
        let at = usize::from(edit[0]) * bytes.len() / 256;
        bytes[at] ^= edit[1];
    }
    // An odd byte at the end says how much of the token is left.
    if edits.len() % 2 == 1 {
        let last = usize::from(edits[edits.len() - 1]);
        bytes.truncate(last * (bytes.len() + 1) / 256);
    }
    bytes
}
