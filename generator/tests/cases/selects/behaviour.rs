//! A selection takes the place of an object, an interface or a union in what a root field returns.

use crate::*;
use serde_json::{Value, json};
use std::future::IntoFuture;
use xurrent_runtime::{
    BatchQuery, DecodeError, Decoder, Error, ErrorKind, Field, Id, MemoryTransport, Mutation, Query, Ref, Select, Selection,
    Table,
};

/// A selection of the name.
struct Name(Option<String>);

macro_rules! selects_name {
    ($($on:ty),*) => {$(
        impl Select<$on> for Name {
            const NODES: u64 = 1;
            const CONNECTIONS: u64 = 0;
            const SELECTION: Selection = Selection::Variants(&[("Film", "f_", Self::TABLE), ("Person", "p_", Self::TABLE)]);

            fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                decoder.prefixed(if decoder.typename("it")? == "Film" { "f_" } else { "p_" });
                let mut name = Option::placeholder();
                decoder.object(&NAME, &mut [&mut name])?;
                Ok(Self(name))
            }
        }
    )*};
}

static NAME: Table = Table { name: "Named", fields: &["name"], nested: &[], source: "" };

impl Name {
    const TABLE: Selection = Selection::Object(&NAME);
}

selects_name!(Named, Thing);

/// What a call returns when the server responds with this, and the document that it sends.
fn sent<F: IntoFuture<Output = Result<T, Error>>, T>(data: Value, call: impl Fn(&Client) -> F) -> (Result<T, Error>, String) {
    let transport = MemoryTransport::new(move |_| json!({ "data": data }));
    let builder = xurrent_runtime::Client::builder().personal_access_token("token-of-a-test");
    let client = Client(builder.transport(transport.clone()).build().unwrap().runtime().clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runtime.block_on(call(&client).into_future());
    (result, transport.requests()[0].document.clone())
}

fn reference(id: &str) -> Ref<Film> {
    Ref::new(Id::new(id))
}

#[test]
fn objects_keep_their_options_and_lists() {
    let (film, document) = sent(json!({"film": {"id": "1"}}), |client| client.film().select::<Ref<Film>>());
    assert_eq!((film.unwrap(), document.as_str()), (Some(reference("1")), "query film { film { id } }"));
    let (must, _) = sent(json!({"must": {"id": "1"}}), |client| client.must().select::<Ref<Film>>());
    assert_eq!(must.unwrap(), reference("1"));
    let (films, document) = sent(json!({"films": [{"id": "1"}]}), |client| client.films().select::<Ref<Film>>());
    assert_eq!((films.unwrap(), document.as_str()), (vec![reference("1")], "query films { films { id } }"));
    let (maybe, _) = sent(json!({"maybe": [{"id": "1"}, null]}), |client| client.maybe().select::<Ref<Film>>());
    assert_eq!(maybe.unwrap(), Some(vec![Some(reference("1")), None]));
    let (maybe, _) = sent(json!({"maybe": null}), |client| client.maybe().select::<Ref<Film>>());
    assert_eq!(maybe.unwrap(), None);
    let (grid, _) = sent(json!({"grid": [null, [{"id": "2"}]]}), |client| client.grid().select::<Ref<Film>>());
    assert_eq!(grid.unwrap(), [None, Some(vec![reference("2")])]);
}

#[test]
fn a_wrong_item_is_an_error_with_its_path() {
    for (data, path) in [(json!({"films": [{"id": "1"}, null]}), "films[1]"), (json!({"films": null}), "films")] {
        let (films, _) = sent(data, |client| client.films().select::<Ref<Film>>());
        let error = films.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(path), "{error}");
    }
}

#[test]
fn interfaces_and_unions_have_selections() {
    let film = json!({"__typename": "Film", "f_name": "Alien"});
    let person = json!({"__typename": "Person", "p_name": null});
    let (named, document) = sent(json!({"named": film}), |client| client.named().select::<Name>());
    assert_eq!(named.unwrap().unwrap().0.as_deref(), Some("Alien"));
    assert_eq!(document, "query named { named { __typename ... on Film { f_name: name } ... on Person { p_name: name } } }");
    let (must, _) = sent(json!({"mustNamed": film}), |client| client.must_named().select::<Name>());
    assert_eq!(must.unwrap().0.as_deref(), Some("Alien"));
    let (all, _) = sent(json!({"allNamed": [film, person]}), |client| client.all_named().select::<Name>());
    assert_eq!(all.unwrap().iter().map(|it| it.0.as_deref()).collect::<Vec<_>>(), [Some("Alien"), None]);
    let (thing, _) = sent(json!({"thing": film}), |client| client.thing().select::<Name>());
    assert_eq!(thing.unwrap().0.as_deref(), Some("Alien"));
    let (things, _) = sent(json!({"things": [null, person]}), |client| client.things().select::<Name>());
    assert!(matches!(things.unwrap().unwrap().as_slice(), [None, Some(Name(None))]));
}

#[test]
fn mutations_of_lists_have_selections() {
    let (films, _) = sent(json!({"filmsCreate": [{"id": "1"}]}), |client| client.films_create().select::<Ref<Film>>());
    assert_eq!(films.unwrap(), Some(vec![reference("1")]));
    let (grid, document) = sent(json!({"gridUpdate": [[{"__typename": "Film", "f_name": "A"}]]}), |client| {
        client.grid_update().select::<Name>()
    });
    assert_eq!(grid.unwrap().unwrap()[0][0].0.as_deref(), Some("A"));
    assert!(document.starts_with("mutation gridUpdate { gridUpdate { __typename"), "{document}");
    let (thing, _) = sent(json!({"thingCreate": null}), |client| client.thing_create().select::<Name>());
    assert!(thing.unwrap().is_none());
}

#[test]
fn payloads_in_lists_are_asked_for_their_errors_under_every_selection() {
    let good = json!({"film": null, "sdk_errors": null});
    let bad = json!({"film": null, "sdk_errors": [{"message": "no", "path": ["title"]}]});
    let call = |client: &Client| client.films_update().select::<FilmPayload>();
    let (payloads, document) = sent(json!({"filmsUpdate": [good]}), call);
    assert_eq!(payloads.unwrap().len(), 1);
    assert!(document.contains("sdk_errors: errors { message path }"), "{document}");
    let error = sent(json!({"filmsUpdate": [good, bad]}), call).0.map(|_| ()).unwrap_err();
    assert_eq!((error.kind(), error.errors()[0].path.as_slice()), (ErrorKind::Payload, &["1".to_owned(), "title".to_owned()][..]));
}

#[test]
fn a_batch_holds_selected_lists() {
    let (results, document) = sent(json!({"b0": [{"id": "1"}], "b1": [null]}), |client| {
        let (films, maybe): (Query<Vec<Ref<Film>>>, Query<Option<Vec<Option<Ref<Film>>>>>) =
            (client.films().select(), client.maybe().select());
        BatchQuery::new(client.runtime(), (films, maybe))
    });
    let (films, maybe) = results.unwrap();
    assert_eq!((films.unwrap(), maybe.unwrap()), (vec![reference("1")], Some(vec![None])));
    assert_eq!(document, "query batch { b0: films { id } b1: maybe { id } }");
    let _: fn(&Client) -> Mutation<Option<Vec<Ref<Film>>>> = |client| client.films_create().select();
}
