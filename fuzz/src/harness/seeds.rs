//! The inputs to begin with.

use std::fs;
use std::io;
use std::path::Path;

/// The seeds of a target, by name; the empty input is always one.
pub(super) fn read(target: &str) -> io::Result<Vec<Vec<u8>>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    let mut paths = fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    let mut seeds = vec![Vec::new()];
    for path in paths {
        seeds.push(without_last_newline(fs::read(path)?));
    }
    Ok(seeds)
}

/// Editors end files with a newline that is no part of the input.
fn without_last_newline(mut seed: Vec<u8>) -> Vec<u8> {
    if seed.last() == Some(&b'\n') {
        seed.pop();
    }
    seed
}
