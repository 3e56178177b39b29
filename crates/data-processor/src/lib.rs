//! data-processor.
