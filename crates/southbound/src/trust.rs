//! Where plain trust is allowed: on this machine and nowhere else.

use std::net::IpAddr;

/// Whether a `host:port` leads nowhere but to this machine.
pub(crate) fn is_loopback(address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for (address, expected) in [
            ("127.0.0.1:830", true),
            ("127.9.9.9:830", true),
            ("[::1]:830", true),
            ("localhost:830", true),
            ("localhost.example.org:830", false),
            ("192.0.2.1:830", false),
            ("127.0.0.1.example.org:830", false),
            ("[2001:db8::1]:830", false),
        ] {
            assert_eq!(is_loopback(address), expected, "{address}");
        }
    }
}
