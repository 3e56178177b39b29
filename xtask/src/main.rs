//! CI, tests, tidiness and benches of the workspace.
fn main() {}
