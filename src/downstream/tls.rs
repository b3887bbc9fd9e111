use std::{error::Error, fmt, io, iter, sync::Arc};

use rustls::{
    AlertDescription, ClientConfig, RootCertStore,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::{CertifiedKey, SingleCertAndKey},
};

use super::HyperClientBuilder;

/// Whom a client trusts, and what it shows of itself.
#[derive(Clone)]
pub(super) struct Tls {
    /// Whether Mozilla's roots are trusted.
    default_roots: bool,
    roots: RootCertStore,
    client: Option<Arc<CertifiedKey>>,
    /// What the host has made itself, which counts alone.
    whole: Option<ClientConfig>,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            default_roots: true,
            roots: RootCertStore::empty(),
            client: None,
            whole: None,
        }
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    pub(super) fn into_config(self) -> ClientConfig {
        if let Some(mut config) = self.whole {
            config.alpn_protocols.clear();
            return config;
        }
        let mut roots = self.roots;
        if self.default_roots {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        // Naming the crypto provider keeps this from depending on which others the host has compiled in.
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has the default protocol versions")
            .with_root_certificates(roots);
        match self.client {
            Some(client) => {
                builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(client)))
            }
            None => builder.with_no_client_auth(),
        }
    }

    fn add_root(&mut self, certificate: CertificateDer<'_>) -> Result<(), InvalidCertificate> {
        self.roots.add(certificate).map_err(|_| UNREADABLE)
    }
}

/// What is trusted and shown over TLS. Default: Mozilla's roots as compiled in, no certificate of our own, and *ring*.
///
/// ```no_run
/// use tower_llm_gateway::downstream::{DownstreamService, HyperClient};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = HyperClient::builder()
///     .with_root_pem(&std::fs::read("company-ca.pem")?)?
///     .with_client_certificate_pem(&std::fs::read("gateway.pem")?, &std::fs::read("gateway.key")?)?
///     .build();
/// let leaf = DownstreamService::with_client(client);
/// # Ok(())
/// # }
/// ```
impl HyperClientBuilder {
    /// Trusts these roots besides the others: all certificates of a PEM text, such as a company's own CA.
    ///
    /// # Errors
    ///
    /// If it is no PEM, has no certificate, or has one that can't be a root.
    pub fn with_root_pem(mut self, pem: &[u8]) -> Result<Self, InvalidCertificate> {
        for certificate in certificates(pem)? {
            self.tls.add_root(certificate)?;
        }
        Ok(self)
    }

    /// Trusts this root besides the others: one certificate as DER.
    ///
    /// # Errors
    ///
    /// If it is no certificate, or none that can be a root.
    pub fn with_root_der(mut self, der: &[u8]) -> Result<Self, InvalidCertificate> {
        self.tls.add_root(CertificateDer::from(der))?;
        Ok(self)
    }

    /// Trusts none of Mozilla's roots, but only those that are added.
    pub fn without_default_roots(mut self) -> Self {
        self.tls.default_roots = false;
        self
    }

    /// Shows this certificate to providers that ask for one. `chain` is PEM, the client's own certificate first, then
    /// what leads to a root; `key` is PEM too: PKCS#8, PKCS#1 or SEC1, not encrypted.
    ///
    /// # Errors
    ///
    /// If either is no PEM or has nothing of the kind, or the key is not the certificate's. The key is not shown.
    pub fn with_client_certificate_pem(
        mut self,
        chain: &[u8],
        key: &[u8],
    ) -> Result<Self, InvalidCertificate> {
        let chain = certificates(chain)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| NO_KEY)?;
        let client = CertifiedKey::from_der(chain, key, &default_provider());
        let client = client.map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => FOREIGN_KEY,
            rustls::Error::InvalidCertificate(_) => UNREADABLE,
            _ => UNUSABLE_KEY,
        })?;
        self.tls.client = Some(Arc::new(client));
        Ok(self)
    }

    /// Uses these roots, this crypto provider, these client certificates; nothing else that is said of TLS counts then.
    /// Protocols for ALPN are set by the client.
    pub fn with_tls_config(mut self, config: ClientConfig) -> Self {
        self.tls.whole = Some(config);
        self
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, InvalidCertificate> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|_| NO_PEM)?;
    if found.is_empty() {
        return Err(NO_CERTIFICATE);
    }
    Ok(found)
}

/// Alerts that speak of a certificate or of its key, which is in handshakes alone.
const REFUSALS: [AlertDescription; 9] = [
    AlertDescription::CertificateRequired,
    AlertDescription::BadCertificate,
    AlertDescription::UnsupportedCertificate,
    AlertDescription::CertificateRevoked,
    AlertDescription::CertificateExpired,
    AlertDescription::CertificateUnknown,
    AlertDescription::UnknownCA,
    AlertDescription::AccessDenied,
    AlertDescription::DecryptError,
];

/// Whether the peer has broken off a handshake that was over for us: in TLS 1.3 it looks at our certificate last. It has
/// read nothing then of what it was asked.
pub(super) fn is_refused(error: &(dyn Error + 'static)) -> bool {
    let mut causes = iter::successors(Some(error), |&error| error.source());
    causes.any(|cause| {
        let broken = cause.downcast_ref::<io::Error>();
        let broken = broken.filter(|error| error.kind() == io::ErrorKind::InvalidData);
        // HTTP/2 keeps only the words of what broke its connection.
        broken.is_some_and(|error| {
            let said = error.to_string();
            let mut refusals = REFUSALS.into_iter().map(rustls::Error::AlertReceived);
            refusals.any(|refusal| refusal.to_string() == said)
        })
    })
}

const NO_PEM: InvalidCertificate = InvalidCertificate("the text is not PEM as it should be");
const NO_CERTIFICATE: InvalidCertificate = InvalidCertificate("the PEM has no certificate in it");
const UNREADABLE: InvalidCertificate = InvalidCertificate("it is not X.509, version 3, as DER");
const NO_KEY: InvalidCertificate =
    InvalidCertificate("no private key can be read from the PEM: PKCS#8, PKCS#1 or SEC1");
const UNUSABLE_KEY: InvalidCertificate =
    InvalidCertificate("its private key is of a kind that is not known");
const FOREIGN_KEY: InvalidCertificate =
    InvalidCertificate("the private key is another certificate's");

/// Why a certificate, or its private key, can't be used. Shows neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidCertificate(&'static str);

impl fmt::Display for InvalidCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid certificate: {}", self.0)
    }
}

impl Error for InvalidCertificate {}
