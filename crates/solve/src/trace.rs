//! Reads a trace: JSON with `p_nodes`, `p_links`, `requests` and `events`.

use crate::failure::Failure;
use crate::files;
use serde_json::Value;
use solver::replay::{Event, PhysicalLink, Request, Trace};
use std::path::Path;

pub(crate) fn read(path: &Path) -> Result<Trace, Failure> {
    let content = |reason: String| Failure::Content { path: path.to_owned(), reason };
    let text = files::read(path)?;
    let value: Value = serde_json::from_str(&text).map_err(|error| {
        content(format!("it is not JSON: {error}; give a trace, packed or not"))
    })?;
    parse(&value).map_err(content)
}

fn parse(value: &Value) -> Result<Trace, String> {
    let nodes = each(value, "p_nodes", |node| whole(&node["cpu"]))?;
    Ok(Trace {
        nodes,
        links: each(value, "p_links", link)?,
        requests: each(value, "requests", request)?,
        events: each(value, "events", event)?,
    })
}

/// Parses each element of a list; an error names the element.
fn each<T>(
    value: &Value,
    key: &str,
    parse: impl Fn(&Value) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let list =
        value[key].as_array().ok_or_else(|| format!("there is no list \"{key}\"; add it"))?;
    let parse = |(index, element): (usize, &Value)| {
        parse(element).map_err(|reason| format!("{key}[{index}]: {reason}"))
    };
    list.iter().enumerate().map(parse).collect()
}

fn whole(value: &Value) -> Result<u64, String> {
    value.as_u64().ok_or_else(|| format!("{value} is not a whole number"))
}

fn index(value: &Value) -> Result<usize, String> {
    usize::try_from(whole(value)?).map_err(|_| format!("{value} is too large"))
}

fn node(value: &Value) -> Result<u32, String> {
    u32::try_from(whole(value)?).map_err(|_| format!("{value} is too large"))
}

fn link(value: &Value) -> Result<PhysicalLink, String> {
    let (u, v) = (node(&value["u"])?, node(&value["v"])?);
    Ok(PhysicalLink { u, v, bandwidth: whole(&value["bw"])? })
}

fn request(value: &Value) -> Result<Request, String> {
    let number = |key: &str| {
        let number = value[key].as_f64().filter(|number| *number >= 0.0);
        number.ok_or_else(|| format!("{key} is {}, not a number of 0 or more", value[key]))
    };
    let link = |l: &Value| Ok((index(&l[0])?, index(&l[1])?, whole(&l[2])?));
    Ok(Request {
        arrival: number("arrival")?,
        lifetime: number("lifetime")?,
        nodes: each(value, "nodes", whole)?,
        links: each(value, "links", link)?,
    })
}

fn event(value: &Value) -> Result<Event, String> {
    let request = index(&value[2])?;
    match value[1].as_u64() {
        Some(1) => Ok(Event::Arrival { request }),
        Some(0) => Ok(Event::Departure { request }),
        _ => Err(format!("its kind is {}, neither 1 (arrival) nor 0 (departure)", value[1])),
    }
}
