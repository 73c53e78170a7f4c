//! Names that two things of the schema would have: none of them has the plain one.

use crate::{
    ActorType_, ActorTypename, Client, SavedArguments, State, UserMutationArguments, UserQueryArguments, UsersArguments_,
    UsersQuery_, UsersRootArguments, UsersRootQuery,
};
use serde_json::{Value, json};
use xurrent_runtime::{ConnectionQuery, MemoryTransport, OpenEnum};

fn client(data: Value) -> Client {
    let transport = MemoryTransport::new(move |_| json!({ "data": data }));
    let builder = xurrent_runtime::Client::builder().personal_access_token("token-of-a-test");
    Client(builder.transport(transport).build().unwrap().runtime().clone())
}

#[test]
fn contested_names_are_told_apart() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let user = json!({"id": "1", "login": "ada", "state": "closed", "kind": "BOT"});
    let users = json!({"nodes": [&user], "pageInfo": {"hasNextPage": false, "endCursor": null}});
    let actor = json!({"__typename": "Bot"});
    let client = client(json!({"user": user, "actor": actor, "users": users, "saved": {"text": "ada"}}));
    runtime.block_on(async {
        let arguments = UserQueryArguments::new().login("ada");
        let found = client.user_query().arguments(arguments).await.unwrap().unwrap();
        assert_eq!((found.state, found.kind), (Some(State::closed), Some(ActorType_::Bot)));
        let arguments = UserMutationArguments::new().login("ada").state(State::CLOSED);
        assert!(client.user_mutation().arguments(arguments).await.unwrap().is_some());
        let actor = client.actor().await.unwrap().unwrap();
        assert_eq!(actor.typename, ActorTypename::Bot);
        let query: ConnectionQuery<UsersRootQuery> = client.users();
        let users = query.arguments(UsersRootArguments::new().login("ada")).all().await.unwrap();
        assert_eq!(users[0].login.as_deref(), Some("ada"));
        let by = SavedArguments::new().by(UsersArguments_::new().text("ada"));
        let saved: UsersQuery_ = client.saved().arguments(by).await.unwrap().unwrap();
        assert_eq!(saved.text.as_deref(), Some("ada"));
    });
    assert_eq!([State::CLOSED, State::closed, State::Open].map(|state| state.as_str().to_owned()), ["CLOSED", "closed", "Open"]);
}
