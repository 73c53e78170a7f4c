//! The response of a storage: the key of a file, or a refusal.

use super::storage::{Provider, Storage};
use http::{HeaderName, Response, StatusCode};
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;
use xurrent_runtime::send::{BRIEF, header_str, object, quote, retry_after};
use xurrent_runtime::{Error, ErrorKind, Result};

static AMAZON_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");

pub(super) fn request_id(
    response: &Response<Vec<u8>>,
    of_api: &HeaderName,
    secrets: &[&str],
) -> Option<String> {
    let id =
        [of_api, &AMAZON_REQUEST_ID].into_iter().find_map(|name| header_str(response.headers(), name))?;
    Some(quote(id.as_bytes(), secrets, BRIEF, false))
}

pub(super) fn key(storage: &Storage, response: &Response<Vec<u8>>, secrets: &[&str]) -> Result<String> {
    #[derive(serde::Deserialize)]
    struct Stored {
        key: Option<String>,
    }
    let status = response.status();
    if !matches!(status, StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT) {
        return Err(refusal(storage, response, secrets));
    }
    let key = match storage.provider {
        Provider::S3 => element(response.body(), "Key"),
        Provider::Local => object::<Stored>(response.body()).and_then(|stored| stored.key),
    };
    key.filter(|key| !key.trim().is_empty()).ok_or_else(|| {
        let detail = quoted(response.body(), secrets);
        let message = format!("the storage answered {status} without a key for the file{detail}");
        Error::new(ErrorKind::Decode, message).with_status(status.as_u16())
    })
}

/// The error of a refused file, with the message of the storage.
fn refusal(storage: &Storage, response: &Response<Vec<u8>>, secrets: &[&str]) -> Error {
    #[derive(serde::Deserialize)]
    struct Refusal {
        message: String,
    }
    let (status, body) = (response.status(), response.body());
    let detail = match (element(body, "Code"), element(body, "Message")) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (code, message) => code.or(message),
    };
    let detail = detail.or_else(|| object::<Refusal>(body).map(|refusal| refusal.message));
    let detail = detail.map(|detail| quote(detail.as_bytes(), secrets, BRIEF, false));
    let detail = detail.map_or_else(|| quoted(body, secrets), |detail| format!(": {detail}"));
    let kind = match (storage.provider, status) {
        (Provider::Local, StatusCode::UNAUTHORIZED) => ErrorKind::Unauthorized,
        (_, StatusCode::TOO_MANY_REQUESTS) => ErrorKind::RateLimited,
        _ => ErrorKind::Status,
    };
    Error::new(kind, format!("the storage answered {status}{detail}"))
        .with_status(status.as_u16())
        .with_retry_after(retry_after(response.headers()))
}

/// The beginning of a body, for the end of a message.
fn quoted(body: &[u8], secrets: &[&str]) -> String {
    match body.trim_ascii() {
        [] => " with an empty body".to_owned(),
        body => format!(": {}", quote(body, secrets, BRIEF, false)),
    }
}

/// Whether a storage refuses the permission, which may have expired.
pub(super) fn is_permission_refused(response: &Response<Vec<u8>>) -> bool {
    let is_expired = || element(response.body(), "Code").is_some_and(|code| code == "ExpiredToken");
    let status = response.status();
    status == StatusCode::FORBIDDEN || status == StatusCode::BAD_REQUEST && is_expired()
}

/// The text of the first element with this name, in any namespace. Only the entities of XML itself are
/// resolved, so that no document type can expand a small text; a text with another one is invalid.
fn element(xml: &[u8], name: &str) -> Option<String> {
    let mut reader = Reader::from_str(std::str::from_utf8(xml).ok()?);
    let mut text: Option<String> = None;
    loop {
        match (reader.read_event().ok()?, &mut text) {
            (Event::Eof, _) => return None,
            (Event::Start(start), None) if start.local_name().as_ref() == name => text = Some(String::new()),
            (Event::Empty(empty), None) if empty.local_name().as_ref() == name => return Some(String::new()),
            (_, None) | (Event::Comment(_) | Event::PI(_), _) => {}
            (Event::Text(part), Some(text)) => text.push_str(&part.xml10_content()),
            (Event::CData(part), Some(text)) => text.push_str(&part.xml10_content()),
            (Event::GeneralRef(reference), Some(text)) => match reference.resolve_char_ref().ok()? {
                Some(character) => text.push(character),
                None => text.push_str(resolve_xml_entity(&reference)?),
            },
            (Event::End(_), Some(_)) => return text,
            // A nested element.
            (_, Some(_)) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(xml: &str) -> Option<String> {
        element(xml.as_bytes(), "Key")
    }

    #[test]
    fn a_key_is_read_as_xml_has_it() {
        for (xml, expected) in [
            ("<PostResponse><Location>x</Location><Key>a/b.txt</Key></PostResponse>", "a/b.txt"),
            ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<r:P xmlns:r='u'>\n <r:Key>a</r:Key>\n</r:P>", "a"),
            (
                "<P><Key>a &amp; b &lt;c&gt; &quot;d&quot; &apos;e&apos; &#228;&#xF6;</Key></P>",
                "a & b <c> \"d\" 'e' äö",
            ),
            ("<P><Key><![CDATA[a & <b>]]>c</Key></P>", "a & <b>c"),
            ("<P><Key>a<!-- no -->b<?no?></Key></P>", "ab"),
            ("<P><Keys>no</Keys><X Key='no'/><Key> a\tb </Key><Key>no</Key></P>", " a\tb "),
            ("<P><Key/></P>", ""),
            ("<P><Key>&amp;amp;</Key></P>", "&amp;"),
        ] {
            assert_eq!(key(xml).as_deref(), Some(expected), "{xml}");
        }
    }

    #[test]
    fn an_invalid_key_is_none() {
        for xml in [
            "",
            "no XML",
            "<P></P>",
            "<P><Key>a",
            "<P><Key>a</P>",
            "<P><Key>a<b>c</b></Key></P>",
            "<P><Key>&unknown;</Key></P>",
            "<P><Key>&#xD800;</Key></P>",
            "<P><!-- <Key>a</Key> --></P>",
            "{\"key\": \"a\"}",
        ] {
            assert_eq!(key(xml), None, "{xml}");
        }
        assert_eq!(element(b"<P><Key>\xff</Key></P>", "Key"), None);
    }

    #[test]
    fn a_document_type_does_nothing() {
        let bomb = "<!DOCTYPE P [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">\
                    <!ENTITY f SYSTEM \"file:///etc/passwd\">]>";
        assert_eq!(key(&format!("{bomb}<P><Key>&b;</Key></P>")), None);
        assert_eq!(key(&format!("{bomb}<P><Key>&f;</Key></P>")), None);
        assert_eq!(key(&format!("{bomb}<P><Key>x</Key></P>")).as_deref(), Some("x"));
    }
}
