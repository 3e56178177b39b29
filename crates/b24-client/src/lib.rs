//! b24-client.
