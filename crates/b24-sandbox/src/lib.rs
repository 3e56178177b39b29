//! A local Bitrix24 portal.

mod method;
mod model;
mod portal;
mod seed;
mod value;

pub use model::{Basis, CurrencyTotals, RateSums, RegisterModel, RegisterRow, StatusSums, WithoutRows};
