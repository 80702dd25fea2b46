//! TLS: rustls on aws-lc-rs, trusting whom the system trusts.

#[cfg(feature = "tls")]
pub(crate) use with::Tls;
#[cfg(not(feature = "tls"))]
pub(crate) use without::Tls;

#[cfg(feature = "tls")]
mod with {
    use std::sync::{Arc, OnceLock};

    use rustls_platform_verifier::Verifier;
    use tokio::net::TcpStream;
    use tokio_rustls::TlsConnector;
    use tokio_rustls::client::TlsStream;
    use tokio_rustls::rustls::client::danger::ServerCertVerifier;
    use tokio_rustls::rustls::crypto::aws_lc_rs;
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
    use tokio_rustls::rustls::{ClientConfig, Error as TlsError};

    use crate::error::{Error, Result};

    /// How connections are protected. Cheap to clone; made ready when it is first needed.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Tls {
        extra: Vec<CertificateDer<'static>>,
        config: Arc<OnceLock<Arc<ClientConfig>>>,
    }

    impl Tls {
        /// Trusts these authorities (PEM) besides those that the system trusts.
        ///
        /// # Errors
        /// When the text holds no certificate, or one that cannot be read.
        pub(crate) fn trusting(&self, pem: &[u8]) -> Result<Self> {
            let mut extra = self.extra.clone();
            let before = extra.len();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                extra.push(certificate.map_err(|error| Error::Configuration(format!("a certificate cannot be read: {error}")))?);
            }
            if extra.len() == before {
                return Err(Error::Configuration("there is no certificate in what should be trusted; it has to be PEM".to_owned()));
            }
            Ok(Self { extra, config: Arc::default() })
        }

        /// Greets the server of a name.
        ///
        /// # Errors
        /// When it is not who it should be, or does not speak TLS 1.2 or newer.
        pub(crate) async fn protect(&self, host: &str, stream: TcpStream) -> Result<TlsStream<TcpStream>> {
            let cannot = |error: Cause| Error::transport_from(format!("{host} cannot be connected to over TLS"), error);
            let name = ServerName::try_from(host.to_owned()).map_err(|error| cannot(error.into()))?;
            let config = self.config().map_err(|error| cannot(error.into()))?;
            TlsConnector::from(config).connect(name, stream).await.map_err(|error| match is_no_tls(&error) {
                true => Error::transport_from(format!("{host} does not answer in TLS; perhaps its URL begins with `http:`"), error),
                false => cannot(error.into()),
            })
        }

        fn config(&self) -> std::result::Result<Arc<ClientConfig>, TlsError> {
            if let Some(config) = self.config.get() {
                return Ok(Arc::clone(config));
            }
            let provider = Arc::new(aws_lc_rs::default_provider());
            let verifier: Arc<dyn ServerCertVerifier> =
                Arc::new(Verifier::new_with_extra_roots(self.extra.iter().cloned(), Arc::clone(&provider))?);
            let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
            let mut config = config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            Ok(Arc::clone(self.config.get_or_init(|| Arc::new(config))))
        }
    }

    /// Whether what came back is nothing that a server with TLS says.
    fn is_no_tls(error: &std::io::Error) -> bool {
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
        matches!(cause, Some(TlsError::InvalidMessage(_)))
    }

    type Cause = Box<dyn std::error::Error + Send + Sync>;
}

#[cfg(not(feature = "tls"))]
mod without {
    /// This client was built without the feature `tls`.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Tls;
}
