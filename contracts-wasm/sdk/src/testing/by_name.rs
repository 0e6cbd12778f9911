//! What the macro's generated types call.

use super::{Chain, Failure, payload};
use crate::codec::{self, Codec};
use crate::module::{Module, Reply};
use crate::testing::run::Run;
use crate::values::AccountId;
use core::fmt;

/// An account about to call.
pub struct Caller<'chain, M> {
    pub(super) chain: &'chain mut Chain<M>,
    pub(super) account: AccountId,
    pub(super) amount: u128,
}

/// A client about to query.
pub struct Reader<'chain, M>(pub(super) &'chain mut Chain<M>);

/// Genesis about to run init.
pub struct Starter<'chain, M>(pub(super) &'chain mut Chain<M>);

type Called<R> = Result<<R as Reply>::Value, Failure<<R as Reply>::Error>>;

/// Reads what an entry returned.
fn returned<T: Codec>(output: &[u8]) -> T {
    codec::decode(output).expect("an entry's output is the encoding of what it returned")
}

impl<M: Module> Caller<'_, M> {
    /// Calls an entry.
    #[doc(hidden)]
    #[allow(clippy::missing_errors_doc)]
    pub fn call<R: Reply, A: Codec>(self, entry: u8, arguments: A) -> Called<R> {
        let outcome = self
            .chain
            .call(self.account, self.amount, entry, &payload(&arguments));
        outcome.into_result().map(|output| returned(&output))
    }
}

impl<M: Module> Reader<'_, M> {
    /// Asks a query.
    ///
    /// # Panics
    /// When it fails otherwise than by its own error.
    #[doc(hidden)]
    pub fn query<R: Reply, A: Codec>(self, entry: u8, arguments: A) -> R {
        let outcome = self.0.execute(&Run::Query {
            entry,
            payload: &payload(&arguments),
        });
        R::from_result(match outcome.into_result() {
            Ok(output) => Ok(returned(&output)),
            Err(Failure::Reverted(error)) => Err(error),
            Err(failure) => panic!("the query failed: {failure}"),
        })
    }
}

impl<M: Module> Starter<'_, M> {
    /// Runs init.
    #[doc(hidden)]
    #[allow(clippy::missing_errors_doc)]
    pub fn init<R: Reply, A: Codec>(self, arguments: A) -> Called<R> {
        let outcome = self.0.execute(&Run::Init(&payload(&arguments)));
        let output = outcome.into_result()?;
        self.0.started = true;
        Ok(returned(&output))
    }
}

impl<M> fmt::Debug for Caller<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "calls by {}", self.account)
    }
}

impl<M> fmt::Debug for Reader<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("queries")
    }
}

impl<M> fmt::Debug for Starter<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("genesis")
    }
}
