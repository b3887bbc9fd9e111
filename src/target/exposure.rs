//! Whether what is sent can be read on the way.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::uri::Scheme;

use super::address::Address;

impl Address {
    /// Whether what goes there can be read on the way: by `http`, to a host that may be outside.
    pub(super) fn is_exposed(&self) -> bool {
        self.url.scheme() == Some(&Scheme::HTTP) && !is_inside(self.host())
    }
}

/// Names that no public name server knows end in these.
const INSIDE: &[&str] = &[
    "localhost",
    "local",
    "internal",
    "lan",
    "svc",
    "home.arpa",
    "test",
];

/// Whether a host is this one or one of the same network, as far as its name tells.
fn is_inside(host: &str) -> bool {
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    match bare.unwrap_or(host).parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => is_v4_inside(address),
        Ok(IpAddr::V6(address)) => is_v6_inside(address),
        Err(_) => {
            let within = |suffix: &&str| {
                let name = host.strip_suffix(suffix);
                name.is_some_and(|name| name.ends_with('.'))
            };
            !host.contains('.') || INSIDE.iter().any(within)
        }
    }
}

fn is_v4_inside(address: Ipv4Addr) -> bool {
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_unspecified()
        // Of networks that carriers and overlays share among their own (RFC 6598).
        || matches!(address.octets(), [100, 64..=127, ..])
}

fn is_v6_inside(address: Ipv6Addr) -> bool {
    address.to_ipv4_mapped().is_some_and(is_v4_inside)
        || address.is_loopback()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || address.is_unspecified()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exposed(url: &str) -> bool {
        Address::new(url.parse().unwrap()).is_exposed()
    }

    #[test]
    fn only_plain_http_to_the_outside_is_exposed() {
        for url in [
            "http://api.openai.com/v1",
            "http://8.8.8.8",
            "http://172.32.0.1",
            "http://[2606:4700::1111]",
            "http://local.example.com",
        ] {
            assert!(exposed(url), "{url}");
        }
        for url in [
            "https://api.openai.com/v1",
            "http://localhost:8080",
            "http://LOCALHOST.",
            "http://ollama:11434",
            "http://models.local",
            "http://vllm.models.svc.cluster.local",
            "http://host.docker.internal",
            "http://127.0.0.1",
            "http://10.1.2.3",
            "http://172.16.0.1",
            "http://192.168.0.9",
            "http://169.254.1.1",
            "http://100.100.1.1",
            "http://[::1]:80",
            "http://[fd00::1]",
            "http://[fe80::1]",
        ] {
            assert!(!exposed(url), "{url}");
        }
    }
}
