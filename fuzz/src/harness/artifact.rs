//! Inputs that broke a promise.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long an input is made smaller at most.
const PATIENCE: Duration = Duration::from_secs(3);

/// Leaves out as much of a failing input as can be left out.
pub(super) fn shrink(input: &[u8], fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let start = Instant::now();
    let mut smallest = input.to_vec();
    let mut length = smallest.len() / 2;
    while length > 0 {
        let mut at = 0;
        while at + length <= smallest.len() && start.elapsed() < PATIENCE {
            let shorter = [&smallest[..at], &smallest[at + length..]].concat();
            if fails(&shorter) {
                smallest = shorter;
            } else {
                at += length;
            }
        }
        length /= 2;
    }
    smallest
}

/// Writes an input down and says how to repeat it.
pub(super) fn keep(target: &str, input: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts").join(target);
    let name = format!("crash-{:016x}", hasher.finish());
    let written = fs::create_dir_all(&directory).and_then(|()| fs::write(directory.join(&name), input));
    match written {
        Ok(()) => format!(
            "to repeat it: cargo run --release --manifest-path fuzz/Cargo.toml --target-dir target/fuzz --bin {target} -- fuzz/artifacts/{target}/{name}"
        ),
        Err(error) => format!("it cannot be written to fuzz/artifacts: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_matter_is_left_out() {
        let smallest = shrink(b"some text with a ! in it", |input| input.contains(&b'!'));
        assert_eq!(smallest, b"!");
    }
}
