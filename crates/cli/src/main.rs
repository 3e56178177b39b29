//! The b24 command line.
fn main() {}
