//! Certificates of the TLS port: given ones, or one made here for 127.0.0.1 and localhost.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::{NamedTempFile, TempPath};
use tokio_rustls::TlsAcceptor;

use crate::error::StartError;

/// The file that makes clients trust the TLS port.
#[derive(Debug)]
pub(crate) enum CaFile {
    /// Made here; removed when the sandbox stops.
    Own(TempPath),
    /// The given certificate.
    Given(PathBuf),
}

impl CaFile {
    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Own(path) => path,
            Self::Given(path) => path,
        }
    }
}

/// A certificate chain with its key.
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// TLS with the certificate and the key of two PEM files.
///
/// # Errors
///
/// When a file cannot be read or both do not fit together.
pub(crate) fn from_files(certificate: &Path, key: &Path) -> Result<(TlsAcceptor, CaFile), StartError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| StartError::TlsFile { path, source }
    };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(failed(certificate))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(failed(key))?;
    Ok((acceptor(Identity { chain, key })?, CaFile::Given(certificate.to_owned())))
}

/// TLS with a certificate made now, and the file of the authority that signed it.
///
/// # Errors
///
/// When the certificate cannot be made or the file not be written.
pub(crate) fn self_made() -> Result<(TlsAcceptor, CaFile), StartError> {
    let (identity, ca) = make().map_err(StartError::Certificate)?;
    let file = write_ca(&ca).map_err(StartError::CaFile)?;
    Ok((acceptor(identity)?, CaFile::Own(file)))
}

fn make() -> Result<(Identity, String), rcgen::Error> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.distinguished_name.push(DnType::CommonName, "b24 sandbox authority");
    let ca_key = KeyPair::generate()?;
    let ca = authority.self_signed(&ca_key)?.pem();

    let mut leaf = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
    leaf.distinguished_name.push(DnType::CommonName, "localhost");
    leaf.use_authority_key_identifier_extension = true;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    let certificate = leaf.signed_by(&key, &Issuer::new(authority, ca_key))?;
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    Ok((Identity { chain: vec![certificate.der().clone()], key }, ca))
}

fn write_ca(pem: &str) -> std::io::Result<TempPath> {
    let mut file: NamedTempFile =
        tempfile::Builder::new().prefix("b24-sandbox-ca-").suffix(".pem").tempfile()?;
    file.write_all(pem.as_bytes())?;
    file.flush()?;
    Ok(file.into_temp_path())
}

fn acceptor(identity: Identity) -> Result<TlsAcceptor, StartError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(StartError::Tls)?
        .with_no_client_auth()
        .with_single_cert(identity.chain, identity.key)
        .map_err(StartError::Tls)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
