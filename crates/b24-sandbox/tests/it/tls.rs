//! The TLS port.

use std::sync::Arc;

use b24_sandbox::Sandbox;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::http::{exchange, request, split};

async fn ask(url: &str, name: &'static str, trusted: Vec<CertificateDer<'static>>) -> std::io::Result<u16> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(trusted);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(split(url).0).await?;
    let mut stream =
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).unwrap(), tcp).await?;
    Ok(exchange(&mut stream, &request("GET", url, "", "")).await?.status)
}

#[tokio::test]
async fn the_printed_authority_makes_both_names_trusted_and_goes_with_the_sandbox() {
    let sandbox = Sandbox::builder().invoices(5).deals(5).tls_port(0).start().await.unwrap();
    let ca = sandbox.ca_file().unwrap().to_owned();
    let trusted: Vec<_> = CertificateDer::pem_file_iter(&ca).unwrap().map(Result::unwrap).collect();
    let url = format!("{}profile", sandbox.tls_webhook().unwrap());
    assert_eq!(ask(&url, "127.0.0.1", trusted.clone()).await.unwrap(), 200);
    assert_eq!(ask(&url, "localhost", trusted).await.unwrap(), 200);
    assert!(ask(&url, "localhost", Vec::new()).await.is_err());
    drop(sandbox);
    assert!(!ca.exists());
}

#[tokio::test]
async fn given_files_are_used_and_missing_ones_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("сертификат.pem"), folder.path().join("key.pem"));
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    let builder = || Sandbox::builder().invoices(5).deals(5).tls_port(0).tls_files(&certificate, &key);
    let error = builder().start().await.unwrap_err();
    assert_eq!(error.code(), "sandbox.tls-file");
    assert_eq!(error.to_string(), format!("reading the TLS file {} failed", key.display()));
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let sandbox = builder().start().await.unwrap();
    let url = format!("{}profile", sandbox.tls_webhook().unwrap());
    assert_eq!(ask(&url, "localhost", vec![made.cert.der().clone()]).await.unwrap(), 200);
    assert_eq!(sandbox.ca_file(), Some(certificate.as_path()));
}

#[tokio::test]
async fn without_a_tls_port_there_is_neither_address_nor_file() {
    let sandbox = Sandbox::builder().invoices(5).deals(5).start().await.unwrap();
    assert_eq!((sandbox.tls_webhook(), sandbox.ca_file()), (None, None));
}
