//! Typed calls of the CRM.
