//! Subscriptions, answered in memory. Without the feature, the crate compiles without them.

use crate::generated::root_fields;

#[test]
fn the_root_fields_of_subscriptions_are_there_in_any_case() {
    let documents: Vec<_> = root_fields().iter().map(|root| root.document()).collect();
    let document = "subscription secondsPassed { secondsPassed }".to_owned();
    assert!(documents.contains(&document), "{documents:?}");
}

#[cfg(feature = "subscriptions")]
mod with_the_feature {
    use crate::*;
    use serde_json::json;
    use xurrent_runtime::{ErrorKind, MemoryTransport};

    fn client(event: serde_json::Value) -> (Client, MemoryTransport) {
        let transport =
            MemoryTransport::new(|_| json!({"data": {"film": null}})).with_events(move |request| {
                let event = &event;
                vec![json!({"data": {&request.operation: event}}); 2]
            });
        let client = xurrent_runtime::Client::builder().personal_access_token("t").transport(transport.clone());
        (Client(client.build().unwrap().runtime().clone()), transport)
    }

    fn run(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(test);
    }

    #[test]
    fn events_are_records() {
        run(async {
            let film = json!({"id": "1", "title": "M", "director": {"id": "2"}});
            let (client, transport) = client(film);
            let arguments = SubscribeFilmAddedArguments::new().since(7);
            let mut films = client.subscribe_film_added(Genre::Drama).arguments(arguments).stream();
            films.connect().await.unwrap();
            for _ in 0..2 {
                let film = films.try_next().await.unwrap().unwrap();
                assert_eq!((film.title.as_str(), film.director.unwrap().id().as_str()), ("M", "2"));
            }
            assert!(films.try_next().await.unwrap().is_none());
            let request = &transport.requests()[0];
            assert_eq!(
                request.document,
                "subscription filmAdded($genre: Genre!, $since: Int) { filmAdded(genre: $genre, since: $since) { director \
                 { id } id title } }"
            );
            assert_eq!(request.variables, json!({"genre": "DRAMA", "since": 7}));
        });
    }

    #[test]
    fn nullable_events_leaves_lists_and_unions_are_events() {
        run(async {
            let mut films = client(json!(null)).0.subscribe_film("M").stream();
            assert!(films.try_next().await.unwrap().unwrap().is_none());
            let mut seconds = client(json!(3)).0.subscribe_seconds_passed().stream();
            assert_eq!(seconds.try_next().await.unwrap(), Some(3));
            let mut genres = client(json!("COMEDY")).0.subscribe_genre_played(rt_id("1")).stream();
            assert_eq!(genres.try_next().await.unwrap(), Some(Genre::Comedy));
            let mut lists = client(json!([])).0.subscribe_films_added([FilmFilter::new(Genre::Drama)]).stream();
            assert!(lists.try_next().await.unwrap().unwrap().is_empty());
            let mut changes = client(json!({"__typename": "Film"})).0.subscribe_changed().stream();
            assert!(changes.try_next().await.unwrap().unwrap().is_some());
        });
    }

    #[test]
    fn a_connection_is_an_event_like_others() {
        run(async {
            let page = json!({"nodes": [], "pageInfo": {"endCursor": null, "hasNextPage": false}});
            let mut pages = client(page).0.subscribe_films_changed(3).stream();
            assert!(!pages.try_next().await.unwrap().unwrap().page_info.has_next_page);
        });
    }

    fn rt_id(id: &str) -> xurrent_runtime::Id {
        id.into()
    }

    #[test]
    fn a_missing_event_is_an_error_with_its_path() {
        run(async {
            let mut seconds = client(json!(null)).0.subscribe_seconds_passed().stream();
            let error = seconds.try_next().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode);
            assert!(error.to_string().contains("secondsPassed"), "{error}");
        });
    }
}
