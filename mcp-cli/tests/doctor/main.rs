//! `mcp doctor` as people run it: real processes and servers with one fault at a time.

mod fault;
mod faults;
mod faulty;
mod ours;
mod running;
