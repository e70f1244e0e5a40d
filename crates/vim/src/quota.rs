//! What OpenStack says of a quota that is reached, which it says in prose.

/// A number is there where the message has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    pub resource: String,
    pub limit: Option<u64>,
    pub used: Option<u64>,
    pub requested: Option<u64>,
}

impl Quota {
    pub(crate) fn from_message(message: &str) -> Self {
        let resource = ["cores", "ram", "gigabytes", "instances", "network", "volumes"]
            .into_iter()
            .find(|word| message.contains(word))
            .unwrap_or("quota");
        Self {
            resource: resource.to_owned(),
            limit: after(message, &["quota is ", "allowed (", " of "]),
            used: after(message, &["already used ", " and "]),
            requested: after(message, &["Requested "]),
        }
    }
}

/// The first number that follows one of the words at once.
fn after(message: &str, words: &[&str]) -> Option<u64> {
    words.iter().find_map(|word| message.split(word).skip(1).find_map(number))
}

fn number(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_service_says_is_understood() {
        let cases = [
            (
                "Quota exceeded for cores: Requested 6, but already used 5 of 8 cores",
                ("cores", Some(8), Some(5), Some(6)),
            ),
            (
                "Quota exceeded for ram: Requested 4096, but already used 14336 of 16384 ram",
                ("ram", Some(16384), Some(14336), Some(4096)),
            ),
            (
                "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested 7G, quota is 100G and 98G has been consumed.",
                ("gigabytes", Some(100), Some(98), Some(7)),
            ),
            (
                "VolumeLimitExceeded: Maximum number of volumes allowed (10) exceeded for quota 'volumes'.",
                ("volumes", Some(10), None, None),
            ),
            ("Quota exceeded for resources: ['network'].", ("network", None, None, None)),
        ];
        for (message, (resource, limit, used, requested)) in cases {
            let resource = resource.to_owned();
            let wanted = Quota { resource, limit, used, requested };
            assert_eq!(Quota::from_message(message), wanted, "{message}");
        }
    }
}
