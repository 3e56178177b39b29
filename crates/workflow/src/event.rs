//! What an orchestrator tells while it works. Only the binary renders it.

/// One step of progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// How many invoices the source expects to deliver.
    Expected {
        /// Invoices of the period as counted by the source.
        invoices: u64,
    },
    /// The headers of a window of invoices have arrived; their rows and requisites come next.
    WindowOpened {
        /// Invoices of the window.
        invoices: u64,
    },
    /// Product rows of so many further invoices have arrived.
    RowsFetched {
        /// Invoices whose rows have arrived with this step.
        invoices: u64,
    },
    /// So many further invoices stand in the output.
    Written {
        /// Invoices written with this step.
        invoices: u64,
    },
}
