//! A certificate authority of the tests' own, made anew by each of them.

// Each test binary uses a part of it, and none exports anything.
#![allow(dead_code, unreachable_pub)]

use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
    date_time_ymd,
};
use tokio_rustls::rustls::{
    RootCertStore, ServerConfig,
    crypto::ring::default_provider,
    pki_types::PrivatePkcs8KeyDer,
    server::WebPkiClientVerifier,
    version::{TLS12, TLS13},
};

/// A root, or one that a root has signed.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// What leads from it to its root, itself first; empty if it is one.
    chain: Vec<Certificate>,
}

impl Authority {
    /// A root.
    pub fn root(name: &str) -> Self {
        let issuer = CertifiedIssuer::self_signed(authority(name), key());
        Self {
            issuer: issuer.unwrap(),
            chain: Vec::new(),
        }
    }

    /// One that this one has signed.
    pub fn below(&self, name: &str) -> Self {
        let issuer = CertifiedIssuer::signed_by(authority(name), key(), &self.issuer).unwrap();
        Self {
            chain: with(issuer.as_ref(), &self.chain),
            issuer,
        }
    }

    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    pub fn der(&self) -> &[u8] {
        self.issuer.der()
    }

    /// A certificate for this host.
    pub fn certify(&self, host: &str) -> Identity {
        self.sign(&params(host))
    }

    /// A certificate for this host that ran out long ago.
    pub fn certify_expired(&self, host: &str) -> Identity {
        let mut params = params(host);
        params.not_after = date_time_ymd(2001, 1, 1);
        self.sign(&params)
    }

    fn sign(&self, params: &CertificateParams) -> Identity {
        let key = key();
        let own = params.signed_by(&key, &self.issuer).unwrap();
        Identity {
            chain: with(&own, &self.chain),
            key,
        }
    }
}

/// A certificate, what leads from it to its root, and its private key.
pub struct Identity {
    chain: Vec<Certificate>,
    key: KeyPair,
}

impl Identity {
    /// For this host, and signed by nobody else.
    pub fn self_signed(host: &str) -> Self {
        let key = key();
        let own = params(host).self_signed(&key).unwrap();
        Self {
            chain: vec![own],
            key,
        }
    }

    /// The same, without what leads to its root.
    #[must_use]
    pub fn without_chain(mut self) -> Self {
        self.chain.truncate(1);
        self
    }

    /// The chain, its own certificate first.
    pub fn chain_pem(&self) -> String {
        self.chain.iter().map(Certificate::pem).collect()
    }

    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// A server that shows it.
    pub fn server(&self) -> ServerConfig {
        self.server_for(&Clients::Any)
    }

    /// A server that shows it and is for these clients.
    pub fn server_for(&self, clients: &Clients<'_>) -> ServerConfig {
        let versions = match clients {
            Clients::Old => vec![&TLS12],
            _ => vec![&TLS13, &TLS12],
        };
        let provider = Arc::new(default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&versions)
            .unwrap();
        let config = match clients {
            Clients::Certified(by) => {
                let mut roots = RootCertStore::empty();
                roots.add(by.issuer.der().clone()).unwrap();
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
                config.with_client_cert_verifier(verifier.unwrap())
            }
            _ => config.with_no_client_auth(),
        };
        let chain = self.chain.iter().map(|own| own.der().clone()).collect();
        let key = PrivatePkcs8KeyDer::from(self.key.serialize_der());
        config.with_single_cert(chain, key.into()).unwrap()
    }
}

/// Whom a server serves.
pub enum Clients<'a> {
    Any,
    /// Who knows nothing newer than TLS 1.2.
    Old,
    /// Who shows a certificate of this authority's.
    Certified(&'a Authority),
}

fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn params(host: &str) -> CertificateParams {
    let mut params = CertificateParams::new([host.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, host);
    params
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

fn with(first: &Certificate, others: &[Certificate]) -> Vec<Certificate> {
    [first].into_iter().chain(others).cloned().collect()
}
