//! Webhooks whose deliveries are signed: a policy, a webhook that uses it, and a verifier for it.

use crate::webhook::{Algorithm, Event, Verifier, VerifierBuilder};
use crate::{
    Client, Error, OpenEnum, Result, Webhook, WebhookCreateInput, WebhookEvent, WebhookPolicyCreateInput,
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
    fn try_from(algorithm: &WebhookPolicyJwtAlg) -> Result<Self> {
        let name = algorithm.as_str();
        Self::from_name(&name.to_ascii_uppercase()).ok_or_else(|| {
            let why = match algorithm {
                WebhookPolicyJwtAlg::None => "signs nothing",
                _ if name.starts_with("hs") => "signs with a secret that receivers have to know as well",
                _ => "signs in a way that is not known here",
            };
            Error::invalid_input(format!(
                "a webhook policy with `{name}` {why}: choose one of rs256, rs384, rs512, es256, es384 and es512"
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

impl From<&Event> for WebhookEvent {
    fn from(event: &Event) -> Self {
        Self::from(event.as_str())
    }
}

impl From<Event> for WebhookEvent {
    fn from(event: Event) -> Self {
        Self::from(&event)
    }
}

impl From<WebhookEvent> for Event {
    fn from(event: WebhookEvent) -> Self {
        Self::from(event.as_str())
    }
}

impl<N> IntoInput<WebhookEvent, N> for Event {
    fn into_input(self) -> InputValue {
        IntoInput::<WebhookEvent, N>::into_input(WebhookEvent::from(self))
    }
}

impl WebhookPolicyCreateResponse {
    /// A verifier for what is signed by this policy: with its public key, its algorithm and its audience.
    /// The address of the account is still to be given. Sends nothing.
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
    pub fn verifier(&self) -> Result<VerifierBuilder> {
        let missing = |what| Error::invalid_input(format!("the webhook policy comes without its {what}"));
        let algorithm = self.jwt_alg.as_ref().ok_or_else(|| missing("algorithm"))?.try_into()?;
        let pem = self.public_key_pem.as_deref().ok_or_else(|| missing("public key"))?;
        Ok(self.verifier_of_audience().public_key(algorithm, pem))
    }

    fn verifier_of_audience(&self) -> VerifierBuilder {
        match self.jwt_audience.as_deref().filter(|audience| !audience.is_empty()) {
            Some(audience) => Verifier::builder().audience(audience),
            None => Verifier::builder(),
        }
    }
}

/// What [`Client::signed_webhook_create`] has made.
#[derive(Debug)]
#[non_exhaustive]
pub struct SignedWebhook {
    /// The policy. Its public key is shown this one time: keep it.
    pub policy: WebhookPolicyCreateResponse,
    /// The webhook that uses it; or why it was not made, or may not have been. The policy is there in
    /// any case: make the webhook with [`WebhookCreateInput::webhook_policy_id`] then.
    pub webhook: Result<Webhook>,
    account_url: Option<String>,
    is_discovered: bool,
}

impl SignedWebhook {
    /// A verifier for the deliveries of this webhook, with the address of the account where the client
    /// knows it: after [`stage`](crate::ClientBuilder::stage) or
    /// [`domain`](crate::ClientBuilder::domain). Its key is the policy's; or it is discovered, where the
    /// webhook was made with [`openid_connect_discovery`](WebhookCreateInput::openid_connect_discovery).
    /// Only then do its tokens name their key: any other verifier has to be given
    /// [`public_key`](VerifierBuilder::public_key) where the webhook was made without.
    /// Sends nothing.
    ///
    /// # Errors
    /// Those of [`WebhookPolicyCreateResponse::verifier`].
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

impl Client {
    /// Makes a webhook policy and a webhook that uses it. Costs two requests, of which neither is sent
    /// again unless it was certainly not executed.
    ///
    /// The public key of a policy is shown only when it is made. So once there is a policy, it is
    /// returned, whatever becomes of the webhook: see [`SignedWebhook::webhook`]. When the call is given
    /// up in between, the policy is left without a webhook; [`Client::webhook_policies`] finds it.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use xurrent::webhook::{Algorithm, Event};
    /// use xurrent::{WebhookCreateInput, WebhookPolicyCreateInput};
    ///
    /// let policy = WebhookPolicyCreateInput::new(Algorithm::Es256).jwt_audience("warehouse");
    /// let webhook = WebhookCreateInput::new(Event::RequestCreate, "https://example.com/hook");
    /// let made = client.signed_webhook_create(policy, webhook).await?;
    /// println!("keep this: {}", made.policy.public_key_pem.as_deref().unwrap_or_default());
    ///
    /// let verifier = made.verifier()?.build()?; // it answers the `webhook.verify` that comes now
    /// println!("made webhook {}", made.webhook?.id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), before anything is sent, when the
    /// policy would not sign with a private key or the webhook has a policy already. Otherwise those of
    /// [`webhook_policy_create`](Self::webhook_policy_create): those of the webhook are in the result.
    pub async fn signed_webhook_create(
        &self,
        policy: WebhookPolicyCreateInput,
        webhook: WebhookCreateInput,
    ) -> Result<SignedWebhook> {
        if let Some(InputValue::Text(algorithm)) = policy.as_object().get("jwtAlg") {
            Algorithm::try_from(&WebhookPolicyJwtAlg::from(&**algorithm))?;
        }
        if webhook.as_object().get("webhookPolicyId").is_some() {
            return Err(Error::invalid_input(
                "the webhook has a policy already: leave out its `webhook_policy_id`",
            ));
        }
        let is_discovered =
            matches!(webhook.as_object().get("openidConnectDiscovery"), Some(InputValue::Boolean(true)));
        let payload = self.webhook_policy_create(policy).await?;
        let policy = payload.webhook_policy.ok_or_else(|| Error::missing_record("webhookPolicyCreate"))?;
        let created = self.webhook_create(webhook.webhook_policy_id(&policy.id)).await;
        let webhook = created.and_then(|it| it.webhook.ok_or_else(|| Error::missing_record("webhookCreate")));
        let account_url = self.platform().account_url().map(str::to_owned);
        Ok(SignedWebhook { policy, webhook, account_url, is_discovered })
    }
}
