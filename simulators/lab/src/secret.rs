//! Random passwords and keys: new for every simulator, so that none is worth stealing.

use uuid::Uuid;

/// The secret that the topology names for every switch.
pub(crate) const DEVICES: &str = "devices";
/// The secret that the topology names for every VIM.
pub(crate) const VIMS: &str = "vims";

#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub(crate) username: &'static str,
    pub(crate) password: String,
}

impl Login {
    pub(crate) fn random() -> Self {
        Self { username: "wayleave", password: password() }
    }

    /// As the daemon's secrets folder has it.
    pub(crate) fn to_yaml(&self) -> String {
        format!("username: {}\npassword: \"{}\"\n", self.username, self.password)
    }
}

/// 122 random bits in 32 characters.
#[must_use]
pub fn password() -> String {
    Uuid::new_v4().simple().to_string()
}

/// What a host key is made from.
#[must_use]
pub fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(Uuid::new_v4().as_bytes());
    seed[16..].copy_from_slice(Uuid::new_v4().as_bytes());
    seed
}
