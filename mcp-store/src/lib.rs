//! Records with versions and expiry: the storage below an authorization server.
//!
//! A [`Store`] knows bytes and time and nothing of what they are for. A [`Record`] has a [`Key`], up to three owners by which
//! all of its kin can be listed or purged at once, and a body that the store never shows. A list of [`Change`]s with conditions
//! happens as a whole or not at all, which is what one-time codes, rotating tokens and revocation are built of.
//!
//! [`Memory`] is for tests and development. `Sqlite`, with the feature `sqlite`, is one file; what it has answered is on the disk.
//! The macro `store_suite!`, with the feature `suite`, tests any other backend.
//!
//! ```
//! use std::time::Duration;
//!
//! use mcp_store::{Applied, Change, Key, Kind, Memory, Record, Store, StoreError, Time, When};
//!
//! const CODE: Kind = Kind::from_static("code");
//!
//! async fn redeem_once(store: &dyn Store, now: Time) -> Result<(), StoreError> {
//!     let code = Record::new(Key::new(CODE, "c1"), "for alice").with_expiry(now + Duration::from_secs(60)).with_subject("alice");
//!     let applied = store.apply(vec![Change::Put { record: code, when: When::Absent }], now).await?;
//!     assert!(matches!(applied, Applied::Done(_)));
//!
//!     let taken = store.take(&Key::new(CODE, "c1"), now).await?;
//!     assert_eq!(taken.map(|record| record.body), Some("for alice".into()));
//!     assert!(store.take(&Key::new(CODE, "c1"), now).await?.is_none());
//!     Ok(())
//! }
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
//! # runtime.block_on(redeem_once(&Memory::new(), Time::from_millis(1_000))).expect("the store works");
//! ```

mod change;
mod error;
mod index;
mod key;
mod memory;
mod record;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
#[cfg(any(test, feature = "suite"))]
#[doc(hidden)]
pub mod suite;
mod time;

pub use change::{Applied, Change, Effect, When};
pub use error::StoreError;
pub use index::{Index, Page};
pub use key::{Key, Kind, MAX_ID_BYTES};
pub use memory::Memory;
pub use record::{MAX_BODY_BYTES, Record};
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
pub use store::{MAX_COUNT, Store};
pub use time::Time;
