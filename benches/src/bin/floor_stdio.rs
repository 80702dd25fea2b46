//! What stdio costs before any protocol: one thread that reads a line, answers it, and batches what it writes.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Write},
    os::fd::AsFd,
};

use mcp_bench::{args::Args, floor::Floor};

const BUFFER_BYTES: usize = 64 * 1024;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = Args::from_env();
    let tools = args.value("--tools")?.unwrap_or(2);
    args.finish()?;

    // Plain files on the same descriptors: `Stdout` would look for newlines in every answer a second time.
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let mut input = BufReader::with_capacity(BUFFER_BYTES, input);
    let mut output = BufWriter::with_capacity(BUFFER_BYTES, output);

    let floor = Floor::new(tools);
    let (mut line, mut out) = (Vec::new(), Vec::new());
    while input.read_until(b'\n', &mut line)? > 0 {
        floor.answer(&line, &mut out)?;
        if !out.is_empty() {
            out.push(b'\n');
            output.write_all(&out)?;
        }
        if input.buffer().is_empty() {
            output.flush()?;
        }
        line.clear();
        out.clear();
    }
    Ok(())
}
