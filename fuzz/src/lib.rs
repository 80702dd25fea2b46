//! Fuzz targets for everything that reads what a stranger wrote.
//!
//! A target is a function that takes bytes and panics when a promise is broken. Each has a
//! program that feeds it mutations of the seeds in `seeds/`, on the stable toolchain and without
//! further tools; with the feature `libfuzzer` the same functions are libFuzzer's.

mod base64;
mod behaviour;
mod fixture;
pub mod harness;
mod members;
mod reply;
pub mod targets;

pub use behaviour::Behaviour;

/// The program of a target in [`targets`].
#[cfg(not(feature = "libfuzzer"))]
#[macro_export]
macro_rules! fuzz {
    ($target:ident) => {
        fn main() -> std::process::ExitCode {
            $crate::harness::main(stringify!($target), $crate::targets::$target)
        }
    };
}

/// The program of a target in [`targets`].
#[cfg(feature = "libfuzzer")]
#[macro_export]
macro_rules! fuzz {
    ($target:ident) => {
        $crate::__libfuzzer::fuzz_target!(|data: &[u8]| {
            let _ = $crate::targets::$target(data);
        });
    };
}

/// Not public API. Used by [`fuzz!`].
#[cfg(feature = "libfuzzer")]
#[doc(hidden)]
pub use libfuzzer_sys as __libfuzzer;
