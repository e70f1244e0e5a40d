//! The filter language: `field=value`, several joined by `AND`. A value with blanks is quoted.

use std::borrow::Cow;

/// A thing that a list can hold.
pub(crate) trait Filtered {
    /// The value of a field, where the thing has it.
    fn field(&self, name: &str) -> Option<Cow<'_, str>>;
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter(Vec<(String, String)>);

impl Filter {
    /// `fields` are those that the list knows; one that ends with a dot stands for all below it.
    pub(crate) fn parse(text: &str, fields: &[&str]) -> Result<Self, String> {
        let mut terms = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (term, after) = term(rest)?;
            check_field(&term.0, fields)?;
            terms.push(term);
            rest = and(after)?;
        }
        Ok(Self(terms))
    }

    pub(crate) fn matches(&self, thing: &impl Filtered) -> bool {
        self.0.iter().all(|(name, wanted)| {
            thing.field(name).is_some_and(|value| value.eq_ignore_ascii_case(wanted))
        })
    }
}

fn term(text: &str) -> Result<((String, String), &str), String> {
    let Some((name, rest)) = text.split_once('=') else {
        return Err(format!("{text:?} is not field=value"));
    };
    let (value, rest) = value(rest.trim_start())?;
    Ok(((name.trim().to_owned(), value.to_owned()), rest))
}

fn value(text: &str) -> Result<(&str, &str), String> {
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted.split_once('"').ok_or_else(|| format!("\"{quoted} has no closing quote"));
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    Ok(text.split_at(end))
}

/// What follows the `AND`, or nothing at the end.
fn and(text: &str) -> Result<&str, String> {
    let text = text.trim_start();
    if text.is_empty() {
        return Ok(text);
    }
    let after = text.strip_prefix("AND").map(|rest| (rest, rest.trim_start()));
    match after {
        Some((raw, rest)) if raw.starts_with(char::is_whitespace) && !rest.is_empty() => Ok(rest),
        _ => Err(format!("expected AND and a term before {text:?}")),
    }
}

fn check_field(name: &str, fields: &[&str]) -> Result<(), String> {
    let known = fields.iter().any(|field| match field.strip_suffix('.') {
        Some(_) => name.len() > field.len() && name.starts_with(field),
        None => name == *field,
    });
    if known {
        return Ok(());
    }
    let names: Vec<_> = fields
        .iter()
        .map(|f| if f.ends_with('.') { format!("{f}KEY") } else { (*f).to_owned() })
        .collect();
    Err(format!("{name:?} is not a field of this list; there are {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Thing;

    impl Filtered for Thing {
        fn field(&self, name: &str) -> Option<Cow<'_, str>> {
            match name {
                "name" => Some("core-1".into()),
                "state" => Some("ACTIVE".into()),
                "labels.site" => Some("the edge".into()),
                _ => None,
            }
        }
    }

    const FIELDS: &[&str] = &["name", "state", "labels."];

    #[test]
    fn terms_are_joined_and_values_may_be_quoted() {
        let table = [
            ("", true),
            ("name=core-1", true),
            ("name = core-1 AND state=active", true),
            ("name=core-1 AND state=FAILED", false),
            ("labels.site=\"the edge\" AND name=core-1", true),
            ("labels.other=x", false),
        ];
        for (text, expected) in table {
            let filter = Filter::parse(text, FIELDS).unwrap();
            assert_eq!(filter.matches(&Thing), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_filter_says_why() {
        let table = [
            ("core-1", "field=value"),
            ("colour=red", "labels.KEY"),
            ("name=a name=b", "AND"),
            ("name=a AND", "AND"),
            ("name=a ANDstate=b", "AND"),
            ("name=\"a", "closing quote"),
            ("labels.=a", "not a field"),
        ];
        for (text, part) in table {
            let error = Filter::parse(text, FIELDS).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
