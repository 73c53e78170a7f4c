//! The HTTP header `Link`, as RFC 8288 defines it.

/// An address and its relation to what the header came with.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Link {
    /// The address.
    pub uri: String,
    /// `canonical`, `resource`, `related` or another relation, in lower case.
    pub relation: String,
}

/// Parses one value of the header, up to the first malformed link.
#[must_use]
pub fn parse(value: &str) -> Vec<Link> {
    let (mut links, mut rest) = (Vec::new(), value);
    while let Some(after) = one(rest, &mut links) {
        rest = after;
    }
    links
}

/// Reads `<uri>; name=value; name="value"` and what separates it from the next: RFC 8288, section 3.
fn one<'t>(text: &'t str, links: &mut Vec<Link>) -> Option<&'t str> {
    let text = text.trim_start_matches([' ', '\t', ',']);
    let (uri, mut rest) = text.strip_prefix('<')?.split_once('>')?;
    let mut relations: Option<String> = None;
    loop {
        rest = rest.trim_start();
        let Some(parameter) = rest.strip_prefix(';') else { break };
        let parameter = parameter.trim_start();
        let end = parameter.find(['=', ';', ',']).unwrap_or(parameter.len());
        let name = parameter[..end].trim_end();
        rest = &parameter[end..];
        let mut value = String::new();
        if let Some(text) = rest.strip_prefix('=') {
            (value, rest) = parameter_value(text.trim_start())?;
        }
        // The first one counts, as the standard says.
        if name.eq_ignore_ascii_case("rel") {
            relations.get_or_insert(value);
        }
    }
    for relation in relations.unwrap_or_default().split_ascii_whitespace() {
        links.push(Link { uri: uri.to_owned(), relation: relation.to_ascii_lowercase() });
    }
    rest.starts_with(',').then_some(rest)
}

/// A word, or a text in quotes in which a backslash protects the next character.
fn parameter_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',', ' ', '\t']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            _ => value.push(character),
        }
    }
    None
}
