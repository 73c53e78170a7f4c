//! TLS of connections, with rustls.

use std::fmt;
use tokio_postgres::Socket;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;

#[cfg(feature = "__rustls")]
type Connector = rustls_tokio_postgres::MakeRustlsConnect;
#[cfg(not(feature = "__rustls"))]
type Connector = tokio_postgres::NoTls;

/// Connects with TLS, as a connection string says: see [`ConnectOptions`](super::ConnectOptions).
#[derive(Clone)]
pub struct Tls(Connector);

/// What is checked of the certificate of a server. Authorities are PEM.
#[cfg_attr(not(feature = "__rustls"), allow(dead_code, reason = "it is refused"))]
pub(super) enum Verify {
    Nothing,
    Authority(String),
    AuthorityAndName(String),
    System,
}

/// Why a text is not a connection string. The text, which can hold a password, is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidConnectionString(String);

pub(super) fn invalid(why: impl Into<String>) -> InvalidConnectionString {
    InvalidConnectionString(why.into())
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = <Connector as MakeTlsConnect<Socket>>::Stream;
    type TlsConnect = <Connector as MakeTlsConnect<Socket>>::TlsConnect;
    type Error = <Connector as MakeTlsConnect<Socket>>::Error;

    fn make_tls_connect(&mut self, host: &str) -> Result<Self::TlsConnect, Self::Error> {
        // Nothing connects with TLS through a Unix socket, but its empty name would be an error here.
        let host = if host.is_empty() { "localhost" } else { host };
        MakeTlsConnect::<Socket>::make_tls_connect(&mut self.0, host)
    }
}

#[cfg(not(feature = "__rustls"))]
impl Tls {
    pub(super) fn new(mode: SslMode, _: Verify) -> Result<Self, InvalidConnectionString> {
        match mode {
            SslMode::Disable | SslMode::Prefer => Ok(Self(tokio_postgres::NoTls)),
            _ => Err(invalid(
                "this `sslmode` needs the feature `rustls` or `rustls-ring`, which this build lacks",
            )),
        }
    }
}

#[cfg(feature = "__rustls")]
impl Tls {
    pub(super) fn new(_: SslMode, verify: Verify) -> Result<Self, InvalidConnectionString> {
        let config = with_rustls::config(verify)?;
        Ok(Self(Connector::new(config)))
    }
}

#[cfg(feature = "__rustls")]
mod with_rustls {
    use super::{InvalidConnectionString, Verify, invalid};
    use rustls::client::WebPkiServerVerifier;
    use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use rustls::{
        CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    };
    use std::sync::Arc;

    type Verifier = Arc<dyn ServerCertVerifier>;

    pub(super) fn config(verify: Verify) -> Result<ClientConfig, InvalidConnectionString> {
        let provider = provider();
        let failed = |error: Error| invalid(format!("cannot set up TLS: {error}"));
        let verifier: Verifier = match verify {
            Verify::AuthorityAndName(pem) => authority(&pem, &provider)?,
            Verify::System => {
                let verifier = rustls_platform_verifier::Verifier::new(Arc::clone(&provider));
                Arc::new(verifier.map_err(failed)?)
            }
            Verify::Authority(pem) => {
                let authority = Some(authority(&pem, &provider)?);
                Arc::new(AnyName { authority, provider: Arc::clone(&provider) })
            }
            Verify::Nothing => Arc::new(AnyName { authority: None, provider: Arc::clone(&provider) }),
        };
        let builder = ClientConfig::builder_with_provider(provider);
        let builder = builder.with_safe_default_protocol_versions().map_err(failed)?;
        let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
        Ok(builder.with_no_client_auth())
    }

    /// The provider of the process, or that of the feature: two can be compiled in.
    fn provider() -> Arc<CryptoProvider> {
        #[cfg(feature = "rustls")]
        use rustls::crypto::aws_lc_rs::default_provider;
        #[cfg(not(feature = "rustls"))]
        use rustls::crypto::ring::default_provider;
        CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(default_provider()))
    }

    fn authority(pem: &str, provider: &Arc<CryptoProvider>) -> Result<Verifier, InvalidConnectionString> {
        let failed = || invalid("`sslrootcert` is not a file of certificates as PEM");
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            roots.add(certificate.map_err(|_| failed())?).map_err(|_| failed())?;
        }
        let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        // Without a certificate, this fails.
        builder.build().map(|verifier| verifier as Verifier).map_err(|_| failed())
    }

    /// Checks all but the name of a certificate, or nothing without an authority.
    #[derive(Debug)]
    struct AnyName {
        authority: Option<Verifier>,
        provider: Arc<CryptoProvider>,
    }

    impl ServerCertVerifier for AnyName {
        fn verify_server_cert(
            &self,
            certificate: &CertificateDer<'_>,
            intermediates: &[CertificateDer<'_>],
            name: &ServerName<'_>,
            ocsp_response: &[u8],
            now: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            let Some(authority) = &self.authority else { return Ok(ServerCertVerified::assertion()) };
            match authority.verify_server_cert(certificate, intermediates, name, ocsp_response, now) {
                // The name is checked last.
                Err(Error::InvalidCertificate(
                    CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
                )) => Ok(ServerCertVerified::assertion()),
                result => result,
            }
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let algorithms = &self.provider.signature_verification_algorithms;
            verify_tls12_signature(message, certificate, signed, algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            let algorithms = &self.provider.signature_verification_algorithms;
            verify_tls13_signature(message, certificate, signed, algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.provider.signature_verification_algorithms.supported_schemes()
        }
    }
}
