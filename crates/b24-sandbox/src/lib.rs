//! A local Bitrix24 portal.

mod method;
mod value;
