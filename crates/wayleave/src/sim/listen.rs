//! Where a simulator may listen.

use crate::complaint::Complaint;
use std::net::IpAddr;

#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Listening")]
pub(crate) struct ListenArgs {
    /// Address to listen on
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    address: IpAddr,

    /// Allow an address that other machines can reach; it needs TLS
    #[arg(long)]
    allow_remote: bool,
}

/// How what goes over the wire is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Plain,
    Tls,
}

impl ListenArgs {
    /// The address, if it may be listened on.
    pub(crate) fn checked(&self, wire: Wire) -> Result<IpAddr, Complaint> {
        let address = self.address;
        if address.is_unspecified() {
            return Err(Complaint::usage(
                format!("--address {address} stands for every address, and none can be announced"),
                "give the one address that clients use",
            ));
        }
        if address.is_loopback() {
            return Ok(address);
        }
        match (self.allow_remote, wire) {
            (true, Wire::Tls) => Ok(address),
            (false, _) => Err(Complaint::usage(
                format!("--address {address} can be reached by other machines"),
                "add --allow-remote if that is wanted, or leave --address out",
            )),
            (true, Wire::Plain) => Err(Complaint::usage(
                format!("--plain on {address} would send passwords in clear text"),
                "leave --plain out, or listen on 127.0.0.1",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_machines_come_in_only_when_that_is_said() {
        let cases = [
            ("127.0.0.1", false, Wire::Plain, true),
            ("::1", false, Wire::Plain, true),
            ("192.0.2.1", false, Wire::Tls, false),
            ("192.0.2.1", true, Wire::Plain, false),
            ("192.0.2.1", true, Wire::Tls, true),
            ("0.0.0.0", true, Wire::Tls, false),
            ("::", true, Wire::Tls, false),
        ];
        for (address, allow_remote, wire, good) in cases {
            let args = ListenArgs { address: address.parse().unwrap(), allow_remote };
            assert_eq!(args.checked(wire).is_ok(), good, "{args:?} {wire:?}");
        }
    }
}
