//! A crate whose modules a build script generates.

#![deny(warnings, missing_docs)]

include!(concat!(env!("OUT_DIR"), "/generated/include.rs"));

xurrent_runtime::client! {
    /// A client of the film database.
    built
}

pub use types::*;
pub use xurrent_runtime::*;

/// A function that calls the API.
///
/// # Errors
/// Those of the call.
pub async fn year(client: &Client, title: &str) -> Result<Option<i64>> {
    Ok(client.film(title).await?.and_then(|film: Film| film.year))
}

/// An amount in cents.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Money(i64);

xurrent_runtime::scalar!(Money);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_of_ones_own_is_sent_and_decoded() {
        let film = r#"{"id":"1","title":"M","year":1931,"director":null,"price":250,"prices":[100,250]}"#;
        let film: Film = serde_json::from_str(film).unwrap();
        assert_eq!((film.price, film.prices), (Some(Money(250)), Some(vec![Money(100), Money(250)])));
        let input = FilmCreateInput::new("M").price(Money(250)).prices([Money(1), Money(2)]);
        assert_eq!(format!("{input:?}"), r#"{"title":"M","price":250,"prices":[1,2]}"#);
        let refused = serde_json::from_str::<FilmCreateInput>(r#"{"title":"M","price":"a"}"#).unwrap_err();
        assert!(refused.to_string().contains("price"), "{refused}");
        let transport = MemoryTransport::new(|request| {
            assert_eq!(request.variables["than"], 99);
            serde_json::json!({"data": {"dear": [{"id": "1", "title": "M", "price": {}}]}})
        });
        let client = Client::builder().transport(transport).personal_access_token("t");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let error = runtime.block_on(client.build().unwrap().dear(Money(99)).into_future()).unwrap_err();
        assert!(error.to_string().contains("dear[0].price"), "{error}");
    }
}
