//! A whole conversation about a webhook: it is made, proves its address, is tested, and its event comes
//! in. Nothing else is changed, and it is removed again.
//!
//! Without an account, in two terminals:
//!
//! ```text
//! cargo xtask sandbox --ca-file sandbox.pem
//! cargo run --example webhook_conversation -- --ca-file sandbox.pem
//! ```
//!
//! With one, `--help` names the variables. Xurrent must be able to reach this program then: give it a
//! public address with `--public-url`, such as that of a tunnel to the port of `--listen`.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;
use xurrent::webhook::{Algorithm, Delivery, Event, Received, Verifier, VerifierBuilder};
use xurrent::webhooks_api::{NewWebhook, RestWebhook};
use xurrent::{
    Client, Id, SecretString, WebhookCreateInput, WebhookDeleteMutationInput, WebhookPolicyCreateInput,
    WebhookPolicyDeleteMutationInput,
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Where this program is posted to.
const PATH: &str = "/xurrent";

/// Makes a webhook for `request.create`, answers its handshake, tests it, and prints the event.
///
/// Deliveries are signed with a webhook policy that is made for it; with --unsigned they are known by a
/// secret in the address. Webhook and policy are removed in the end. Only an administrator of the
/// account may do all this. Without an account it asks a local sandbox. Exit codes: 0 done, 1 failed, 2
/// wrong usage.
#[derive(Parser)]
#[command(name = "webhook_conversation")]
struct Arguments {
    /// Where this program waits for deliveries
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: String,
    /// Where that is for Xurrent, without a path: https://hooks.example.com. The address of --listen when
    /// it is left out
    #[arg(long, value_name = "URL", env = "XURRENT_PUBLIC_URL")]
    public_url: Option<String>,
    /// Make the webhook without a policy, as the REST interface does
    #[arg(long)]
    unsigned: bool,
    /// How long to wait for a delivery
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    patience: u64,
    /// Account id
    #[arg(long, value_name = "ID", env = "XURRENT_ACCOUNT", default_value = "wdc")]
    account: String,
    /// The address of the account: https://wdc.xurrent.com
    #[arg(long, value_name = "URL", env = "XURRENT_ACCOUNT_URL", default_value = "https://127.0.0.1:4011")]
    account_url: String,
    /// GraphQL endpoint
    #[arg(
        long,
        value_name = "URL",
        env = "XURRENT_GRAPHQL_URL",
        default_value = "http://127.0.0.1:4010/graphql"
    )]
    graphql_url: String,
    /// Token endpoint
    #[arg(
        long,
        value_name = "URL",
        env = "XURRENT_TOKEN_URL",
        default_value = "http://127.0.0.1:4010/token"
    )]
    token_url: String,
    /// REST endpoint
    #[arg(long, value_name = "URL", env = "XURRENT_REST_URL", default_value = "http://127.0.0.1:4010/v1")]
    rest_url: String,
    /// Personal access token. Other users of this machine can see arguments: prefer the variable
    #[arg(
        long,
        value_name = "TOKEN",
        env = "XURRENT_TOKEN",
        hide_env_values = true,
        hide_default_value = true,
        default_value = "sandbox-personal-access-token"
    )]
    token: SecretString,
    /// The certificate authority of a sandbox on this machine, to which the handshake may connect then
    #[arg(long, value_name = "FILE", env = "XURRENT_CA_FILE")]
    ca_file: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match converse(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn converse(arguments: Arguments) -> Result<()> {
    let client = Client::builder()
        .account(&arguments.account)
        .endpoints(&arguments.graphql_url, &arguments.token_url)
        .rest_endpoint(&arguments.rest_url)
        .personal_access_token(arguments.token.clone())
        .build()?;
    let listener = TcpListener::bind(&arguments.listen).await?;
    let public_url = match &arguments.public_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}", listener.local_addr()?),
    };
    let uri = format!("{public_url}{PATH}");

    // What is made is removed, whatever happens in between.
    let mut made = Made::default();
    let result = if arguments.unsigned {
        unsigned(&client, &arguments, listener, &uri, &mut made).await
    } else {
        signed(&client, &arguments, listener, &uri, &mut made).await
    };
    made.remove(&client).await?;
    result
}

/// With a policy: who has its public key knows what comes from Xurrent.
async fn signed(
    client: &Client,
    arguments: &Arguments,
    listener: TcpListener,
    uri: &str,
    made: &mut Made,
) -> Result<()> {
    let payload = client.webhook_policy_create(WebhookPolicyCreateInput::new(Algorithm::Es256)).await?;
    let policy = payload.webhook_policy.ok_or("no policy was made")?;
    made.policy = Some(policy.id.clone());
    println!("1. Made the policy {}", policy.name.as_deref().unwrap_or_default());
    let verifier = at_home(policy.verifier()?, arguments)?.build()?;
    let mut deliveries = serve(listener, verifier);

    let input = WebhookCreateInput::new(Event::RequestCreate, uri).webhook_policy_id(&policy.id);
    let webhook = client.webhook_create(input).await?.webhook.ok_or("no webhook was made")?;
    made.webhook = Some(webhook.id.clone());
    // The REST interface knows it by its number, and so do deliveries.
    let webhook = client.webhooks_api().get(&webhook.id).await?;
    go_on(client, arguments, &webhook, &mut deliveries).await
}

/// Without a policy: whoever knows the secret in the address is taken for Xurrent.
async fn unsigned(
    client: &Client,
    arguments: &Arguments,
    listener: TcpListener,
    uri: &str,
    made: &mut Made,
) -> Result<()> {
    let key = secret()?;
    let verifier =
        Verifier::builder().dangerously_accept_unsigned().secret_query_parameter("key", key.as_str());
    let mut deliveries = serve(listener, at_home(verifier, arguments)?.build()?);

    println!("1. Made no policy: deliveries are known by a secret in the address");
    let new = NewWebhook::new(Event::RequestCreate, format!("{uri}?key={key}"));
    let webhook = client.webhooks_api().create(new).await?;
    made.webhook.clone_from(&webhook.node_id);
    go_on(client, arguments, &webhook, &mut deliveries).await
}

/// The handshake, a test, and the event.
async fn go_on(
    client: &Client,
    arguments: &Arguments,
    webhook: &RestWebhook,
    deliveries: &mut mpsc::Receiver<Received>,
) -> Result<()> {
    println!("2. Made webhook {} for {}, which posts to {}", webhook.id, webhook.event, webhook.uri);
    let patience = Duration::from_secs(arguments.patience);
    loop {
        let next = timeout(patience, deliveries.recv()).await;
        let next = next.map_err(|_| format!("nothing was posted to {} in time", webhook.uri))?;
        match next.ok_or("nothing listens any more")? {
            Received::Confirmed(_) => {
                println!("3. Answered the handshake: the address is verified");
                client.webhooks_api().test(webhook.id).await?;
                println!("4. Asked for a test of the webhook");
            }
            Received::Delivery(delivery) if delivery.webhook_id == webhook.id => {
                show(&delivery);
                return Ok(());
            }
            Received::Delivery(other) => {
                println!("   (something else came for webhook {})", other.webhook_id)
            }
        }
    }
}

fn show(delivery: &Delivery) {
    println!("5. Received {} about the record {}", delivery.event, delivery.object_id);
    if let Some(link) = delivery.links.canonical() {
        println!("   to be seen at {link}");
    }
}

/// A verifier for the account, which may be a sandbox on this machine.
fn at_home(verifier: VerifierBuilder, arguments: &Arguments) -> Result<VerifierBuilder> {
    let verifier = verifier.account_url(&arguments.account_url);
    Ok(match &arguments.ca_file {
        Some(file) => {
            let pem =
                std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            verifier.root_certificate(pem).dangerously_allow_loopback()
        }
        None => verifier,
    })
}

/// What the endpoint needs.
#[derive(Clone)]
struct Endpoint {
    verifier: Verifier,
    deliveries: mpsc::Sender<Received>,
}

/// Serves the endpoint and hands over what was verified. One that loses nothing is in the crate
/// `xurrent-receiver`.
fn serve(listener: TcpListener, verifier: Verifier) -> mpsc::Receiver<Received> {
    let (deliveries, received) = mpsc::channel(16);
    let endpoint = Endpoint { verifier, deliveries };
    let router = Router::new().route(PATH, axum::routing::post(receive)).with_state(endpoint);
    tokio::spawn(async move { axum::serve(listener, router).await });
    received
}

/// Verifies a delivery and answers at once; a handshake is answered by calling Xurrent back.
async fn receive(
    State(endpoint): State<Endpoint>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, String) {
    match endpoint.verifier.receive(&uri, &headers, &body).await {
        // Without room for it, it is to be repeated.
        Ok(received) => match endpoint.deliveries.try_send(received) {
            Ok(()) => (StatusCode::OK, String::new()),
            Err(_) => (StatusCode::SERVICE_UNAVAILABLE, String::new()),
        },
        Err(refused) => {
            // Inside, the precise reason; outside, only that it was refused.
            eprintln!("   (refused: {})", refused.reason());
            (StatusCode::FORBIDDEN, refused.to_string())
        }
    }
}

/// What has been made in the account.
#[derive(Default)]
struct Made {
    policy: Option<Id>,
    webhook: Option<Id>,
}

impl Made {
    async fn remove(self, client: &Client) -> xurrent::Result<()> {
        if let Some(id) = &self.webhook {
            client.webhook_delete(WebhookDeleteMutationInput::new(id)).await?;
            println!("6. Removed the webhook");
        }
        if let Some(id) = &self.policy {
            client.webhook_policy_delete(WebhookPolicyDeleteMutationInput::new(id)).await?;
            println!("7. Removed the policy");
        }
        Ok(())
    }
}

/// A text that nobody can guess.
fn secret() -> Result<String> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| "this system has no random numbers")?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
