//! `src/lib.rs`: the client, and what the runtime has for its users.

use super::example::Example;
use super::options::Package;
use crate::config::{Account, Authentication, Client, Config};

pub(super) fn text(package: &Package, config: &Config, example: &Example<'_>) -> String {
    let (krate, client) = (package.rust_name(), &config.client);
    let docs = example.documentation(&krate, client);
    let docs: String = docs.lines().map(|line| format!("{}\n", format!("//! {line}").trim_end())).collect();
    let facade = FACADE.replace("{crate}", &krate).replace("{prescribed}", &prescribed(config));
    format!("{docs}\n{}", facade.replace("{account}", &account(client)))
}

/// What the API prescribes, as constants.
fn prescribed(Config { client, connections, .. }: &Config) -> String {
    let mut constants = Vec::new();
    let text = |name: &str, value: &str| format!("const {name}: Option<&'static str> = Some({value:?});");
    constants.extend(client.endpoint.as_ref().map(|endpoint| text("ENDPOINT", endpoint)));
    let authentication = match &client.authentication {
        Authentication::Bearer => None,
        Authentication::None => Some("None".to_owned()),
        Authentication::Header(name) => {
            Some(format!("Header(xurrent_runtime::http::HeaderName::from_static({name:?}))"))
        }
    };
    constants.extend(authentication.map(|value| {
        let ty = "xurrent_runtime::Authentication";
        format!("const AUTHENTICATION: {ty} =\n            {ty}::{value};")
    }));
    constants.extend(client.account.as_ref().map(|account| text("ACCOUNT", &account.header)));
    constants.extend(connections.max_nodes.map(|max| format!("const MAX_NODES: Option<u64> = Some({max});")));
    let agent = match &client.user_agent {
        Some(agent) => format!("{agent:?}"),
        None => "concat!(env!(\"CARGO_PKG_NAME\"), \"/\", env!(\"CARGO_PKG_VERSION\"))".to_owned(),
    };
    constants.push(format!("const USER_AGENT: &'static str =\n            {agent};"));
    constants.iter().map(|line| format!("        {line}\n")).collect()
}

/// The method that sets the account.
fn account(client: &Client) -> String {
    let Some(Account { header, method }) = &client.account else { return String::new() };
    format!(
        "\nimpl ClientBuilder {{\n    /// The account that the client works in: the header `{header}` of its requests.\n    \
         pub fn {method}(mut self, account: impl Into<String>) -> Self {{\n        \
         self.settings.account = Some(account.into());\n        self\n    }}\n}}\n"
    )
}

/// The names at the root of a generated crate, which no type of the schema can have.
const FACADE: &str = include_str!("facade.rs.template");
