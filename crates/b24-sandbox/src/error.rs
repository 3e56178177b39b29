//! What can go wrong before a sandbox runs.

use std::path::PathBuf;

/// A sandbox that does not start, or a fault plan that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The port cannot be listened on.
    #[error("listening on 127.0.0.1:{port} failed")]
    Listen {
        /// The port asked for; 0 is any free one.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// A certificate or key file cannot be read.
    #[error("reading the TLS file {} failed", path.display())]
    TlsFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rustls_pki_types::pem::Error,
    },
    /// Certificate and key do not make a TLS server.
    #[error("setting up TLS failed")]
    Tls(#[source] rustls::Error),
    /// The sandbox's own certificate could not be made.
    #[error("making a certificate for 127.0.0.1 failed")]
    Certificate(#[source] rcgen::Error),
    /// The file with the sandbox's certificate authority could not be written.
    #[error("writing the certificate authority to a temporary file failed")]
    CaFile(#[source] std::io::Error),
    /// A fault plan is not as it must be; the text says where.
    #[error("reading the fault plan failed: {0}")]
    Faults(String),
    /// The structure of a portal is not as `b24 fields pull` writes it; the text says where.
    #[error("reading the portal's structure failed: {0}")]
    Schema(String),
}

impl StartError {
    /// A stable code, with its area.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Listen { .. } => "sandbox.listen",
            Self::TlsFile { .. } => "sandbox.tls-file",
            Self::Tls(_) => "sandbox.tls",
            Self::Certificate(_) => "sandbox.certificate",
            Self::CaFile(_) => "sandbox.ca-file",
            Self::Faults(_) => "sandbox.faults",
            Self::Schema(_) => "sandbox.schema",
        }
    }
}
