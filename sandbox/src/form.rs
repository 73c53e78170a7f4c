//! Bodies of the type `application/x-www-form-urlencoded`.

/// Takes a form apart; `None` when the text is not one.
pub(crate) fn parse(body: &[u8]) -> Option<Vec<(String, String)>> {
    let text = std::str::from_utf8(body).ok()?;
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded() {
        let pairs = |body: &str| {
            let fields = parse(body.as_bytes())?;
            Some(fields.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>())
        };
        assert_eq!(
            pairs("a=1&b+c=%26%3D+%C3%A9&empty=&bare&"),
            Some(["a=1", "b c=&= é", "empty=", "bare="].map(str::to_owned).to_vec())
        );
        assert_eq!(pairs(""), Some(Vec::new()));
        for bad in ["a=%", "a=%4", "a=%zz", "a=%FF"] {
            assert_eq!(pairs(bad), None, "{bad}");
        }
    }
}
