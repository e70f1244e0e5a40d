//! Names of things. Each kind of thing has its own type, and a value of it has been checked.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest name that is accepted, in bytes.
pub const NAME_MAX: usize = 128;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("{kind}: the name is empty; give it at least one character")]
    Empty { kind: &'static str },
    #[error("{kind}: the name has {len} bytes, more than {NAME_MAX}; shorten it")]
    TooLong { kind: &'static str, len: usize },
    #[error(
        "{kind} {name:?}: the character {bad:?} is not allowed; use letters, digits and any of {signs}"
    )]
    Character { kind: &'static str, name: String, bad: char, signs: &'static str },
}

fn check(kind: &'static str, name: &str, signs: &'static str) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty { kind });
    }
    if name.len() > NAME_MAX {
        return Err(NameError::TooLong { kind, len: name.len() });
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || signs.contains(c);
    match name.chars().find(|&c| !allowed(c)) {
        Some(bad) => Err(NameError::Character { kind, name: name.to_owned(), bad, signs }),
        None => Ok(()),
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $signs:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            pub const KIND: &'static str = $kind;

            /// # Errors
            /// Where the text is empty, too long, or holds a character that the kind does not allow.
            pub fn new(text: impl AsRef<str>) -> Result<Self, NameError> {
                check($kind, text.as_ref(), $signs)?;
                Ok(Self(text.as_ref().into()))
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0.as_ref().to_owned()
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

name!(/// A point of presence.
    PopId, "PoP", "._-");
name!(/// A virtual infrastructure manager.
    VimId, "VIM", "._-");
name!(/// A managed switch.
    DeviceId, "device", "._-");
name!(/// A port of a device, by the device's own name for it, such as `et-0/0/1`.
    InterfaceName, "interface", "._-/:");
name!(/// One direction of a cable between two devices.
    LinkId, "link", "._-/:>");
name!(/// A shared-risk link group: links that fail together.
    SrlgId, "SRLG", "._-");
name!(/// An intent, unique in the domain; it names the service it asks for. Names in the network
    /// begin with it and a full stop, so it holds none itself.
    IntentName, "intent", "_-");
name!(/// A network service or function descriptor, by its `id`.
    DescriptorId, "descriptor", "._-:/");
name!(/// One instance of a VNF within a service: the VNF profile and a number, `upf-1`.
    FunctionId, "function", "._-");
name!(/// A virtual link within a service, by its virtual-link profile.
    VirtualLinkId, "virtual link", "._-");
name!(/// A service access point within a service.
    SapId, "SAP", "._-");
name!(/// A device profile, by the name of its file.
    ProfileName, "profile", "._-");
name!(/// A long-running operation.
    OperationId, "operation", "._-");
name!(/// A transaction over devices and VIMs.
    TransactionId, "transaction", "._-");

/// A port in the network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PortRef {
    pub device: DeviceId,
    pub interface: InterfaceName,
}

impl fmt::Display for PortRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.device, self.interface)
    }
}

/// An IEEE 802.1Q VLAN identifier that may be used on a port: 1 to 4094.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct VlanId(u16);

impl VlanId {
    pub const MIN: Self = Self(1);
    pub const MAX: Self = Self(4094);

    /// `None` outside 1 to 4094 (IEEE 802.1Q §9.6).
    #[must_use]
    pub fn new(id: u16) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&id).then_some(Self(id))
    }

    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for VlanId {
    type Error = String;
    fn try_from(id: u16) -> Result<Self, String> {
        Self::new(id).ok_or_else(|| format!("VLAN {id} is outside 1 to 4094"))
    }
}

impl From<VlanId> for u16 {
    fn from(vlan: VlanId) -> u16 {
        vlan.0
    }
}

impl fmt::Display for VlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// An MPLS label that is free for use: 16 to 1,048,575 (RFC 3032 §2.1 reserves 0 to 15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Label(u32);

impl Label {
    /// `None` outside 16 to 1,048,575.
    #[must_use]
    pub fn new(value: u32) -> Option<Self> {
        (16..=1_048_575).contains(&value).then_some(Self(value))
    }

    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Label {
    type Error = String;
    fn try_from(value: u32) -> Result<Self, String> {
        Self::new(value).ok_or_else(|| format!("label {value} is outside 16 to 1048575"))
    }
}

impl From<Label> for u32 {
    fn from(label: Label) -> u32 {
        label.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_and_say_what_is_wrong() {
        assert!(DeviceId::new("ams1").is_ok());
        assert!(InterfaceName::new("et-0/0/1").is_ok());
        let error = DeviceId::new("a b").unwrap_err().to_string();
        assert!(error.contains("device") && error.contains("' '"), "{error}");
        assert!(DeviceId::new("").is_err());
        assert!(IntentName::new("a.b").is_err());
        assert!(DeviceId::new("x".repeat(NAME_MAX + 1)).is_err());
    }

    #[test]
    fn vlans_and_labels_stay_in_range() {
        assert_eq!(VlanId::new(0), None);
        assert_eq!(VlanId::new(4095), None);
        assert_eq!(Label::new(15), None);
        assert_eq!(Label::new(1_048_576), None);
        assert!(serde_json::from_str::<VlanId>("4095").is_err());
    }
}
