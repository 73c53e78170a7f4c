//! TLS for the https listener, with a certificate authority of the sandbox's own.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::error::SandboxError;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// The certificate authority and the server certificate of all sandboxes of a process.
pub(crate) struct Identity {
    /// The authority, as PEM.
    pub(crate) root: String,
    pub(crate) acceptor: TlsAcceptor,
}

/// The identity of this process. Its private keys never leave memory.
pub(crate) fn identity() -> Result<&'static Identity, SandboxError> {
    static IDENTITY: LazyLock<Result<Identity, String>> =
        LazyLock::new(|| make().map_err(|error| error.to_string()));
    IDENTITY.as_ref().map_err(|reason| SandboxError::Certificate { reason: reason.clone() })
}

fn make() -> Result<Identity, Box<dyn std::error::Error>> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, "Xurrent sandbox authority");
    // It signs server certificates, and no further authority.
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;

    let mut params = CertificateParams::new(["127.0.0.1", "localhost"].map(str::to_owned))?;
    params.distinguished_name.push(DnType::CommonName, "Xurrent sandbox");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    // Some systems refuse server certificates with a longer validity.
    let now = SystemTime::now();
    (params.not_before, params.not_after) = ((now - DAY).into(), (now + DAY * 365).into());
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &authority)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok(Identity { root: authority.pem(), acceptor: TlsAcceptor::from(Arc::new(config)) })
}
