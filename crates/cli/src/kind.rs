//! The kinds of things that commands name.

use clap::ValueEnum;
use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Intents for network services
    #[value(name = "services", aliases = ["service", "svc", "networkservice", "networkservices"])]
    Services,
    /// Intents for plain transport
    #[value(name = "connectivities", aliases = ["connectivity", "conn"])]
    Connectivities,
    /// Intents of every kind
    #[value(name = "intents", alias = "intent")]
    Intents,
    /// Plans in force
    #[value(name = "plans", alias = "plan")]
    Plans,
    /// Long work, running and done
    #[value(name = "operations", aliases = ["operation", "op", "ops"])]
    Operations,
    /// NSDs and VNFDs
    #[value(name = "descriptors", aliases = ["descriptor", "desc"])]
    Descriptors,
    /// Managed switches
    #[value(name = "devices", aliases = ["device", "dev"])]
    Devices,
    /// Virtual infrastructure managers
    #[value(name = "vims", alias = "vim")]
    Vims,
    /// The whole resource side
    #[value(name = "topology")]
    Topology,
    /// Points of presence
    #[value(name = "pops", alias = "pop")]
    Pops,
    /// Directed links between devices
    #[value(name = "links", alias = "link")]
    Links,
}

impl Kind {
    /// Of one such thing, for messages.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Services => "service",
            Self::Connectivities => "connectivity",
            Self::Intents => "intent",
            Self::Plans => "plan",
            Self::Operations => "operation",
            Self::Descriptors => "descriptor",
            Self::Devices => "device",
            Self::Vims => "VIM",
            Self::Topology => "topology",
            Self::Pops => "PoP",
            Self::Links => "link",
        }
    }
}

/// `KIND/NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub kind: Kind,
    pub name: String,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let example = "write KIND/NAME, such as service/core-1";
        let (kind, name) = text.split_once('/').ok_or_else(|| example.to_owned())?;
        let kind = Kind::from_str(kind, true)
            .map_err(|_| format!("there is no kind {kind}; {example}"))?;
        match name {
            "" => Err(example.to_owned()),
            name => Ok(Self { kind, name: name.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_named_by_kind_and_name() {
        let named = |text: &str| text.parse::<Named>().map(|n| (n.kind, n.name));
        assert_eq!(named("service/core-1"), Ok((Kind::Services, "core-1".into())));
        assert_eq!(named("Connectivity/a/b"), Ok((Kind::Connectivities, "a/b".into())));
        for text in ["core-1", "service/", "slice/x"] {
            assert!(named(text).is_err(), "{text}");
        }
    }
}
