//! A call is a value: what to ask, whether asking twice does harm, and what the answer is.

use std::fmt;
use std::marker::PhantomData;

use crate::params::{Param, Params};

mod reads;

pub use reads::is_known_read;

/// One call of a REST method whose result is a `T`.
///
/// The same value is run alone with [`Client::call`](crate::Client::call) or as a command of a
/// [`Batch`](crate::Batch).
pub struct Call<T> {
    pub(crate) method: String,
    pub(crate) params: Params,
    pub(crate) safety: Safety,
    pub(crate) wrapper: Option<&'static str>,
    result: PhantomData<fn() -> T>,
}

/// What repeating a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Safety {
    Read,
    RepeatableWrite,
    Write,
}

impl Safety {
    /// Whether a call whose answer was lost may be sent again.
    pub(crate) fn repeatable(self) -> bool {
        self != Self::Write
    }
}

impl<T> Call<T> {
    /// A call that changes nothing on the portal.
    pub fn read(method: impl Into<String>, params: Params) -> Self {
        Self::new(method, params, Safety::Read)
    }

    /// A call that changes something: never sent again when its answer was lost.
    pub fn write(method: impl Into<String>, params: Params) -> Self {
        Self::new(method, params, Safety::Write)
    }

    /// A write that does no harm when it is executed twice, such as an update that sets fields to given values.
    pub fn repeatable_write(method: impl Into<String>, params: Params) -> Self {
        Self::new(method, params, Safety::RepeatableWrite)
    }

    /// A call of any method: a read when [`is_known_read`] says so, otherwise a write.
    pub fn of(method: impl Into<String>, params: Params) -> Self {
        let method = method.into();
        let safety = if is_known_read(&method) { Safety::Read } else { Safety::Write };
        Self::new(method, params, safety)
    }

    fn new(method: impl Into<String>, params: Params, safety: Safety) -> Self {
        Self { method: method.into(), params, safety, wrapper: None, result: PhantomData }
    }

    /// The result is the value under this key of the answer, as `items` of `crm.item.list`.
    #[must_use]
    pub fn within(mut self, wrapper: &'static str) -> Self {
        self.wrapper = Some(wrapper);
        self
    }

    /// Sets one parameter.
    #[must_use]
    pub fn set(mut self, key: impl Into<String>, value: impl Into<Param>) -> Self {
        self.params.put(key, value);
        self
    }

    /// The method, as given.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The parameters.
    #[must_use]
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Whether it changes nothing on the portal.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.safety == Safety::Read
    }
}

impl<T> Clone for Call<T> {
    fn clone(&self) -> Self {
        Self { wrapper: self.wrapper, ..Self::new(self.method.clone(), self.params.clone(), self.safety) }
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Parameters are personal data: their number says enough.
        f.debug_struct("Call")
            .field("method", &self.method)
            .field("params", &self.params.len())
            .field("safety", &self.safety)
            .finish_non_exhaustive()
    }
}
