//! Webhooks with signed deliveries: a policy, a webhook that uses it, and a verifier for both.

use crate::webhook::{Algorithm, Verifier, VerifierBuilder};
use crate::{
    Error, OpenEnum, Result, Webhook, WebhookCreateInput, WebhookPolicyCreateInput,
    WebhookPolicyCreateResponse, WebhookPolicyJwtAlg,
};
use xurrent_runtime::{Input, InputValue, IntoInput};

impl TryFrom<&WebhookPolicyJwtAlg> for Algorithm {
    type Error = Error;

    /// The algorithm to verify with.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) for `none` and for the algorithms
    /// with a shared secret, which no [`Verifier`] accepts.
    #[inline]
    fn try_from(algorithm: &WebhookPolicyJwtAlg) -> Result<Self> {
        let name = algorithm.as_str();
        Self::from_name(&name.to_ascii_uppercase()).ok_or_else(|| {
            let why = match algorithm {
                WebhookPolicyJwtAlg::None => "signs nothing",
                _ if name.starts_with("hs") => "signs with a shared secret",
                _ => "signs with an unknown algorithm",
            };
            Error::configuration(format!(
                "a webhook policy with `{name}` {why}; expected rs256, rs384, rs512, es256, es384 or es512"
            ))
        })
    }
}

impl From<Algorithm> for WebhookPolicyJwtAlg {
    fn from(algorithm: Algorithm) -> Self {
        Self::from(algorithm.as_str().to_ascii_lowercase().as_str())
    }
}

impl<N> IntoInput<WebhookPolicyJwtAlg, N> for Algorithm {
    fn into_input(self) -> InputValue {
        IntoInput::<WebhookPolicyJwtAlg, N>::into_input(WebhookPolicyJwtAlg::from(self))
    }
}

impl WebhookPolicyCreateResponse {
    /// A verifier for deliveries that this policy signs, with its public key, algorithm and audience. Set the
    /// URL of the account. Sends nothing.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use xurrent::WebhookPolicyCreateInput;
    /// use xurrent::webhook::Algorithm;
    ///
    /// let input = WebhookPolicyCreateInput::new(Algorithm::Es256).jwt_audience("warehouse");
    /// if let Some(policy) = client.webhook_policy_create(input).await?.webhook_policy {
    ///     let verifier = policy.verifier()?.account_url("https://wdc.xurrent.com").build()?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the policy does not sign with a
    /// private key, or its public key is missing.
    #[inline]
    pub fn verifier(&self) -> Result<VerifierBuilder> {
        let missing = |what| Error::configuration(format!("the webhook policy has no {what}"));
        let algorithm = self.jwt_alg.as_ref().ok_or_else(|| missing("algorithm"))?.try_into()?;
        let pem = self.public_key_pem.as_deref().ok_or_else(|| missing("public key"))?;
        Ok(self.verifier_of_audience().public_key(algorithm, pem))
    }

    #[inline]
    fn verifier_of_audience(&self) -> VerifierBuilder {
        match self.jwt_audience.as_deref().filter(|audience| !audience.is_empty()) {
            Some(audience) => Verifier::builder().audience(audience),
            None => Verifier::builder(),
        }
    }
}

/// The result of [`Client::signed_webhook_create`](crate::Client::signed_webhook_create).
#[derive(Debug)]
#[non_exhaustive]
pub struct SignedWebhook {
    /// The policy. The server sends its public key only this time: keep it.
    pub policy: WebhookPolicyCreateResponse,
    /// The webhook that uses it, or why it was not created, or may not have been. The policy exists in any
    /// case: create the webhook with [`WebhookCreateInput::webhook_policy_id`] then.
    pub webhook: Result<Webhook>,
    pub(crate) account_url: Option<String>,
    pub(crate) is_discovered: bool,
}

impl SignedWebhook {
    /// Checks the inputs of a signed webhook. Returns whether its key is discovered.
    pub(crate) fn check(policy: &WebhookPolicyCreateInput, webhook: &WebhookCreateInput) -> Result<bool> {
        if let Some(InputValue::Text(algorithm)) = policy.as_object().get("jwtAlg") {
            Algorithm::try_from(&WebhookPolicyJwtAlg::from(&**algorithm))?;
        }
        if webhook.as_object().get("webhookPolicyId").is_some() {
            return Err(Error::configuration(
                "the webhook has a policy already: leave `webhook_policy_id` unset",
            ));
        }
        let discovery = webhook.as_object().get("openidConnectDiscovery");
        Ok(matches!(discovery, Some(InputValue::Boolean(true))))
    }

    /// A verifier for the deliveries of this webhook, with the URL of the account if the client has it: after
    /// [`stage`](crate::ClientBuilder::stage) or [`domain`](crate::ClientBuilder::domain). Its key is that of
    /// the policy, or is discovered if the webhook has
    /// [`openid_connect_discovery`](WebhookCreateInput::openid_connect_discovery). Without discovery, its
    /// tokens do not name their key, so that other verifiers need the
    /// [`public_key`](VerifierBuilder::public_key). Sends nothing.
    ///
    /// # Errors
    /// Those of [`WebhookPolicyCreateResponse::verifier`].
    #[inline]
    pub fn verifier(&self) -> Result<VerifierBuilder> {
        let verifier = match self.is_discovered {
            false => self.policy.verifier()?,
            true => self.policy.verifier_of_audience(),
        };
        Ok(match &self.account_url {
            Some(url) => verifier.account_url(url),
            None => verifier,
        })
    }
}
