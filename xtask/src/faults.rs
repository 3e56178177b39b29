//! The fault matrix: `docs/fault-matrix.md` gets its last column from a test of the client.

use anyhow::Result;

use crate::program;
use crate::workspace::Workspace;

const TEST: &str = "no_row_of_the_fault_matrix_loses_or_doubles_anything_and_the_page_says_so";

/// Runs all rows against the sandbox and writes what they say.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let arguments = ["test", "--quiet", "--package", "b24-client", "--test", "it", "--", TEST];
    program::run(program::cargo(&workspace.root, arguments).env("B24_WRITE_FAULT_MATRIX", "1"))
}
