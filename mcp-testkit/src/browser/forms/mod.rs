//! Forms: what is in them, filling them in, and sending them.

mod field;
mod form;
mod send;

pub use field::Field;
pub use form::Form;
