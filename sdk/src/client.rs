//! The client: that of the runtime, with the calls of Xurrent on it.

#[cfg(any(feature = "export", feature = "import"))]
mod bulk;
#[cfg(feature = "events")]
mod events;
mod life_cycle;

use crate::{AsyncResult, Region, Result, SecretString, Stage};
#[cfg(feature = "webhook")]
use crate::{Error, SignedWebhook, WebhookCreateInput, WebhookPolicyCreateInput};
#[cfg(feature = "upload")]
use crate::{Upload, UploadCall};
use std::collections::HashMap;
use std::ffi::OsString;
use xurrent_platform::webhooks_api::WebhooksApi;
use xurrent_platform::{Environment, Xurrent};
use xurrent_runtime as rt;

rt::client! {
    /// A client of one Xurrent account. Cheap to clone; clones share the connections, the tokens and the
    /// limits.
    ///
    /// It has a function for every query and every mutation of the schema. None of them sends anything
    /// before it is awaited.
    xurrent, Xurrent
}

impl Client {
    /// A client as the environment says: [`ClientBuilder::from_env`] has the variables. Sends nothing.
    ///
    /// ```no_run
    /// # async fn example() -> xurrent::Result<()> {
    /// // export XURRENT_ACCOUNT=wdc XURRENT_STAGE=production XURRENT_TOKEN=...
    /// let client = xurrent::Client::from_env()?;
    /// println!("{:?}", client.me().await?.and_then(|me| me.name));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) with all variables that are missing or
    /// wrong. It has no token and no secret.
    #[inline]
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env().build()
    }

    /// A client as these variables say instead of the environment: [`ClientBuilder::from_env`] has their
    /// names; others are ignored. Sends nothing.
    ///
    /// ```
    /// let client = xurrent::Client::from_vars([
    ///     ("XURRENT_ACCOUNT", "wdc"),
    ///     ("XURRENT_STAGE", "qa"),
    ///     ("XURRENT_TOKEN", "token"),
    /// ])?;
    /// # Ok::<(), xurrent::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`from_env`](Self::from_env).
    pub fn from_vars<K, V>(variables: impl IntoIterator<Item = (K, V)>) -> Result<Self>
    where
        K: AsRef<str>,
        V: Into<String>,
    {
        ClientBuilder::from_vars(variables).build()
    }

    /// The same client for another account of the same user, such as that of a customer. It shares the
    /// tokens, the limits and the connections, so this is cheap and sends nothing. Settings, hooks and the
    /// recording are the same too.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client) -> xurrent::Result<()> {
    /// for account in ["wdc", "wdc-it", "wdc-hr"] {
    ///     println!("{account}: {} requests", client.for_account(account)?.requests().count().await?);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The users of all tokens need access to the account: the server refuses a request otherwise. A call
    /// belongs to the client that made it, so a [`batch`](Self::batch) has calls of one account, and a
    /// [`Position`](crate::Position) resumes a stream of its own account only.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when this is no account id.
    pub fn for_account(&self, account: impl AsRef<str>) -> Result<Self> {
        let (core, state) = self.state.for_account(&self.core, account.as_ref())?;
        Ok(Self { core, state })
    }

    /// Waits for the result of a mutation that the server finishes after it has answered, such as
    /// [`discovered_configuration_items`](Self::discovered_configuration_items): its payload has an
    /// `async_query`, and its other fields are null at first. The type is that of the mutation's payload;
    /// with a selection of your own, give the same one here.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client) -> xurrent::Result<()> {
    /// use xurrent::{DiscoveredConfigurationItemsInput, DiscoveredConfigurationItemsPayload};
    /// use xurrent::{DiscoveredCiInput, DiscoveredProductCategoryInput, DiscoveredProductInput};
    ///
    /// let item = DiscoveredCiInput::new("laptop 7", "7");
    /// let product = DiscoveredProductInput::new("Lenovo", [item], "T14", "Lenovo T14", "t14");
    /// let category = DiscoveredProductCategoryInput::new("Laptop", [product], "laptop_computer");
    /// let input = DiscoveredConfigurationItemsInput::new([category], "scanner");
    /// let mut payload = client.discovered_configuration_items(input).await?;
    /// if let Some(url) = payload.async_query.and_then(|query| query.result_url) {
    ///     payload = client.async_result::<DiscoveredConfigurationItemsPayload>(url).await?;
    /// }
    /// println!("{} items", payload.configuration_items.unwrap_or_default().len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// The URL expires and gives the result to anyone: no log and no error of this crate has it. It must be
    /// on the server of the API, or `https` with a public host name; redirects are not followed.
    /// [`AsyncResult`] says how it is polled, by default for 2 minutes.
    ///
    /// After a time limit, the same URL can be polled again, and `client.node::<AsyncQuery>(id)` has the
    /// progress of the work.
    ///
    /// # Errors
    /// See [`AsyncResult::send`].
    pub fn async_result<T: rt::Object>(&self, result_url: impl Into<SecretString>) -> AsyncResult<T> {
        AsyncResult::new(&self.core, result_url.into())
    }

    /// Uploads a file to the attachment storage of the account. An input refers to it by its key.
    /// [`UploadCall`] has its costs and the rules for retries. Several uploads can run at once. A cancelled
    /// one leaves nothing behind.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client, id: xurrent::Id) -> xurrent::Result<()> {
    /// use std::time::Duration;
    /// use xurrent::{AttachmentInput, NoteCreateInput, RetryPolicy, Upload};
    ///
    /// let report = Upload::path("reports/march.pdf")
    ///     .file_name("report.pdf")
    ///     .on_progress(|sent, total| println!("{sent} of {total} bytes"));
    /// let file = client.upload(report).retry(RetryPolicy::new().time_limit(Duration::from_secs(600))).await?;
    /// let note = NoteCreateInput::new(id, "The report.").attachments([AttachmentInput::new(&file.key)]);
    /// client.note_create(note).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`UploadCall::send`].
    #[cfg(feature = "upload")]
    pub fn upload(&self, upload: Upload) -> UploadCall {
        UploadCall::new(&self.core, &self.state, upload)
    }

    /// The webhooks of the account, through the REST interface, which offers more than GraphQL: why one
    /// was disabled, and a test of one. For administrators only. Sends nothing; each of its calls costs
    /// one request.
    ///
    /// A stage and a domain have a REST endpoint. Beside [`endpoints`](ClientBuilder::endpoints),
    /// [`rest_endpoint`](ClientBuilder::rest_endpoint) sets it; without it each call is an error.
    ///
    /// ```no_run
    /// # async fn example(client: xurrent::Client) -> xurrent::Result<()> {
    /// use xurrent::webhook::Event;
    /// use xurrent::webhooks_api::NewWebhook;
    ///
    /// let api = client.webhooks_api();
    /// let webhook = api.create(NewWebhook::new(Event::RequestCreate, "https://example.com/hook")).await?;
    /// api.test(webhook.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`WebhooksApi`](crate::webhooks_api::WebhooksApi).
    pub fn webhooks_api(&self) -> WebhooksApi {
        WebhooksApi::new(&self.core, &self.state)
    }

    /// Creates a webhook policy and a webhook that uses it. Costs two requests, each retried only when it
    /// was certainly not executed.
    ///
    /// The server sends the public key of a policy only when it is created. So the policy is returned also
    /// when the webhook could not be created: see [`SignedWebhook::webhook`]. When the call is cancelled in
    /// between, the policy has no webhook; [`Client::webhook_policies`] finds it.
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
    /// println!("created webhook {}", made.webhook?.id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), before anything is sent, when the
    /// policy would not sign with a private key or the webhook has a policy already. Otherwise those of
    /// [`webhook_policy_create`](Self::webhook_policy_create): those of the webhook are in the result.
    #[cfg(feature = "webhook")]
    pub async fn signed_webhook_create(
        &self,
        policy: WebhookPolicyCreateInput,
        webhook: WebhookCreateInput,
    ) -> Result<SignedWebhook> {
        let is_discovered = SignedWebhook::check(&policy, &webhook)?;
        let payload = self.webhook_policy_create(policy).await?;
        let policy = payload.webhook_policy.ok_or_else(|| Error::missing_record("webhookPolicyCreate"))?;
        let created = self.webhook_create(webhook.webhook_policy_id(&policy.id)).await;
        let webhook = created.and_then(|it| it.webhook.ok_or_else(|| Error::missing_record("webhookCreate")));
        let account_url = self.state.account_url.clone();
        Ok(SignedWebhook { policy, webhook, account_url, is_discovered })
    }

    /// What the client keeps for Xurrent.
    #[cfg(feature = "upload")]
    pub(crate) fn platform(&self) -> &xurrent_platform::Platform {
        &self.state
    }
}

#[cfg(feature = "blocking")]
impl blocking::Client {
    /// A blocking client as the environment says: see [`Client::from_env`]. Starts a thread and sends nothing.
    ///
    /// ```no_run
    /// # fn example() -> xurrent::Result<()> {
    /// let client = xurrent::blocking::Client::from_env()?;
    /// for person in client.people().stream() {
    ///     println!("{:?}", person?.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) with all variables that are missing or
    /// wrong, or when the system refuses a thread.
    pub fn from_env() -> Result<Self> {
        Self::new(Client::from_env()?)
    }

    /// See [`Client::for_account`].
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when this is no account id.
    pub fn for_account(&self, account: impl AsRef<str>) -> Result<Self> {
        Ok(self.with_async(self.as_async().for_account(account)?))
    }

    /// See [`Client::async_result`].
    pub fn async_result<T: rt::Object>(
        &self,
        result_url: impl Into<SecretString>,
    ) -> blocking::Call<AsyncResult<T>> {
        self.blocking_call(self.as_async().async_result(result_url))
    }

    /// See [`Client::upload`].
    #[cfg(feature = "upload")]
    pub fn upload(&self, upload: Upload) -> blocking::Call<UploadCall> {
        self.blocking_call(self.as_async().upload(upload))
    }

    /// See [`Client::signed_webhook_create`].
    ///
    /// # Errors
    /// Those of the async call, and [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) in an async
    /// context.
    #[cfg(feature = "webhook")]
    pub fn signed_webhook_create(
        &self,
        policy: WebhookPolicyCreateInput,
        webhook: WebhookCreateInput,
    ) -> Result<SignedWebhook> {
        self.block_on(self.as_async().signed_webhook_create(policy, webhook))
    }
}

impl ClientBuilder {
    /// A builder that begins with the environment, for settings beside it:
    ///
    /// | variables | |
    /// | --- | --- |
    /// | `XURRENT_ACCOUNT` | [`account`](Self::account) |
    /// | `XURRENT_TOKEN` | [`personal_access_token`](Self::personal_access_token) |
    /// | `XURRENT_CLIENT_ID`, `XURRENT_CLIENT_SECRET` | [`client_credentials`](Self::client_credentials), without `XURRENT_TOKEN` |
    /// | `XURRENT_STAGE` | [`stage`](Self::stage): `production`, `qa` or `demo` |
    /// | `XURRENT_REGION` | [`region`](Self::region): `global`, `au`, `ch`, `uk` or `us` |
    /// | `XURRENT_DOMAIN` | [`domain`](Self::domain), instead of a stage |
    /// | `XURRENT_GRAPHQL_URL`, `XURRENT_TOKEN_URL` | [`endpoints`](Self::endpoints), instead of a stage |
    /// | `XURRENT_REST_URL` | [`rest_endpoint`](Self::rest_endpoint), beside these endpoints |
    ///
    /// `cargo xtask regen` reads the account and the credentials from the same variables, and the sandbox
    /// prints its own.
    ///
    /// A variable that is empty counts as not set. An account of the builder replaces that of the
    /// environment; a stage, a domain or endpoints of the builder replace the location, but for the region
    /// of a stage. Credentials of the builder are added to a token pool.
    ///
    /// [`build`](Self::build) reports all variables that are missing or wrong.
    ///
    /// ```no_run
    /// # fn example() -> xurrent::Result<()> {
    /// use std::time::Duration;
    /// use xurrent::ClientBuilder;
    ///
    /// let client = ClientBuilder::from_env().request_timeout(Duration::from_secs(30)).build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn from_env() -> Self {
        Self::from_variables(|name| std::env::var_os(name))
    }

    /// A builder that begins with these variables instead of the environment, such as those of a sandbox:
    /// [`from_env`](Self::from_env) has their names; others are ignored.
    pub fn from_vars<K, V>(variables: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: AsRef<str>,
        V: Into<String>,
    {
        let owned = variables.into_iter().map(|(name, value)| (name.as_ref().to_owned(), value.into()));
        let variables: HashMap<String, String> = owned.collect();
        Self::from_variables(|name| variables.get(name).map(Into::into))
    }

    #[inline]
    fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let (environment, credentials) = Environment::read(variable);
        let mut this = Self::default();
        this.settings.environment = Some(environment);
        if let Some(credentials) = credentials {
            this.config.credentials.add(credentials.id, credentials.secret);
        }
        this
    }

    /// The account to work in: `wdc` for `https://wdc.xurrent.com`.
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.settings.account = Some(account.into());
        self
    }

    /// The environment that the account lives in.
    pub fn stage(mut self, stage: Stage) -> Self {
        self.settings.location.stage = Some(stage);
        self
    }

    /// The region of the stage; [`Region::Global`] by default.
    pub fn region(mut self, region: Region) -> Self {
        self.settings.location.region = Some(region);
        self
    }

    /// A domain that is not one of Xurrent's stages, such as `4me.com`. The endpoints are at `graphql.`,
    /// `oauth.` and `api.` of it.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.settings.location.domain = Some(domain.into());
        self
    }

    /// The GraphQL endpoint and the token endpoint, instead of a stage, for example
    /// `https://graphql.xurrent.com` and `https://oauth.xurrent.com/token`.
    ///
    /// Plain `http` is accepted for loopback addresses only: tokens must be encrypted on their way.
    pub fn endpoints(mut self, graphql: impl Into<String>, token: impl Into<String>) -> Self {
        self.settings.location.endpoints = Some((graphql.into(), token.into()));
        self
    }

    /// The REST endpoint, for example `https://api.xurrent.com/v1`, beside
    /// [`endpoints`](Self::endpoints). Only [`Client::webhooks_api`], events, exports and imports need it. A
    /// stage and a domain have their own.
    pub fn rest_endpoint(mut self, url: impl Into<String>) -> Self {
        self.settings.location.rest_endpoint = Some(url.into());
        self
    }

    /// The language of messages about inputs, such as `nl`. By default, the server chooses.
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.settings.language = Some(language.into());
        self
    }
}
