//! Calls of a server of this schema, over a socket: `it/films.rs` has the server.

use crate::{Client, ErrorKind, Film, FilmCreateInput, Id};

fn films<T>(calls: impl AsyncFnOnce(Client) -> T) -> T {
    let endpoint = std::env::var("FILMS_ENDPOINT").unwrap();
    let client = Client::builder()
        .endpoint(&endpoint)
        .header("x-studio", "north")
        .personal_access_token("token-of-a-test")
        .build()
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(calls(client))
}

#[test]
fn records_are_streamed_over_several_pages() {
    films(async |client| {
        let films = client.films().page_size(2).all().await.unwrap();
        let titles: Vec<_> = films.iter().map(|film| film.title.as_str()).collect();
        assert_eq!(titles, ["Metropolis", "Nosferatu", "M", "Sunrise", "Faust"]);
        assert_eq!(client.films().count().await.unwrap(), 5);
    });
}

#[test]
fn a_record_is_fetched_and_its_references_are_followed() {
    films(async |client| {
        let film = client.film("M").await.unwrap().unwrap();
        let director = client.get(&film.director.unwrap()).await.unwrap().unwrap();
        assert_eq!((film.year, director.name.as_deref()), (Some(1931), Some("Fritz Lang")));
        assert!(client.node::<Film>(Id::from("none")).await.unwrap().is_none());
        let error = client.node::<Film>(director.id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongType);
    });
}

#[test]
fn a_mutation_is_executed_or_refused_with_reasons() {
    films(async |client| {
        let made = client.film_create(FilmCreateInput::new("Die Nibelungen").year(1924)).await.unwrap();
        assert_eq!(made.film.unwrap().year, Some(1924));
        let error = client.film_create(FilmCreateInput::new("")).await.unwrap_err();
        assert_eq!((error.kind(), error.errors()[0].path.as_slice()), (ErrorKind::Payload, &["title".to_owned()][..]));
    });
}
