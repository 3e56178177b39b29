#![doc = include_str!("../README.md")]

mod batch;
mod bucket;
mod builder;
mod clock;
mod decode;
mod encode;
mod engine;
mod envelope;
mod error;
mod faults;
mod journal;
mod json;
mod method;
mod model;
mod oauth;
mod operating;
mod php;
mod portal;
mod route;
mod sandbox;
mod seed;
mod server;
mod tls;
mod value;
mod webhooks;

pub use builder::SandboxBuilder;
pub use error::StartError;
pub use faults::FaultPlan;
pub use journal::{Journal, Recent};
pub use model::{
    Basis, Card, CounterpartySums, CurrencyTotals, ManualSums, MonthSums, RateSums, RegisterModel,
    RegisterRow, SliceSums, StatusSums, UndatedSums, WithoutRows,
};
pub use oauth::OAuthState;
pub use sandbox::Sandbox;
