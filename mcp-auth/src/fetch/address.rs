//! Which addresses may be asked: those that are routed on the Internet.
//!
//! From the IANA registries of special-purpose addresses for IPv4 and IPv6 (RFC 6890, as of 2026-11). Where a
//! registry takes a few hosts out of a block that is not global, the whole block is refused: no issuer lives there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far an address reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// It is routed on the Internet.
    Global,
    /// It is this machine.
    Loopback,
    /// It is in a private network; an operator may have an issuer there.
    Private,
    /// No issuer has such an address.
    Never,
}

/// IPv4 blocks that are not global. The first that holds an address counts.
const V4: &[([u8; 4], u32, Reach)] = &[
    ([0, 0, 0, 0], 8, Reach::Never),        // this network, RFC 791
    ([10, 0, 0, 0], 8, Reach::Private),     // RFC 1918
    ([100, 64, 0, 0], 10, Reach::Private),  // carrier-grade NAT, RFC 6598
    ([127, 0, 0, 0], 8, Reach::Loopback),   // RFC 1122
    ([168, 63, 129, 16], 32, Reach::Never), // the host of an Azure machine; looks global and is not
    ([169, 254, 0, 0], 16, Reach::Never),   // link-local and the metadata services of clouds, RFC 3927
    ([172, 16, 0, 0], 12, Reach::Private),  // RFC 1918
    ([192, 0, 0, 0], 24, Reach::Never),     // protocol assignments, RFC 6890
    ([192, 0, 2, 0], 24, Reach::Never),     // documentation, RFC 5737
    ([192, 31, 196, 0], 24, Reach::Never),  // AS112, RFC 7535
    ([192, 52, 193, 0], 24, Reach::Never),  // automatic multicast tunnels, RFC 7450
    ([192, 88, 99, 0], 24, Reach::Never),   // relays of 6to4, RFC 7526
    ([192, 168, 0, 0], 16, Reach::Private), // RFC 1918
    ([192, 175, 48, 0], 24, Reach::Never),  // AS112, RFC 7534
    ([198, 18, 0, 0], 15, Reach::Never),    // benchmarks, RFC 2544
    ([198, 51, 100, 0], 24, Reach::Never),  // documentation, RFC 5737
    ([203, 0, 113, 0], 24, Reach::Never),   // documentation, RFC 5737
    ([224, 0, 0, 0], 4, Reach::Never),      // multicast, RFC 5771
    ([240, 0, 0, 0], 4, Reach::Never),      // reserved, RFC 1112, and the broadcast address, RFC 8190
];

/// IPv6 blocks in the order in which they are looked at; what none of them holds is not global.
const V6: &[([u16; 8], u32, Reach)] = &[
    ([0, 0, 0, 0, 0, 0, 0, 1], 128, Reach::Loopback),            // RFC 4291
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, Reach::Private),          // unique local, RFC 4193
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, Reach::Never),           // protocol assignments, RFC 2928
    ([0x2001, 0x0db8, 0, 0, 0, 0, 0, 0], 32, Reach::Never),      // documentation, RFC 3849
    ([0x2620, 0x004f, 0x8000, 0, 0, 0, 0, 0], 48, Reach::Never), // AS112, RFC 7534
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, Reach::Never),           // documentation, RFC 9637
    ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3, Reach::Global),           // global unicast, RFC 4291
];

/// How far an address reaches. One that carries another reaches as far as the one it carries.
pub(crate) fn reach(address: IpAddr) -> Reach {
    match address.to_canonical() {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    let bits = address.to_bits();
    let held = |block: &[u8; 4], length: u32| (bits ^ u32::from_be_bytes(*block)) >> (32 - length) == 0;
    V4.iter().find(|(block, length, _)| held(block, *length)).map_or(Reach::Global, |(_, _, reach)| *reach)
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let carried = carried(address);
    if !carried.is_empty() {
        let global = carried.into_iter().all(|inner| reach_v4(inner) == Reach::Global);
        return if global { Reach::Global } else { Reach::Never };
    }
    let bits = address.to_bits();
    let held = |block: &[u16; 8], length: u32| (bits ^ Ipv6Addr::from(*block).to_bits()) >> (128 - length) == 0;
    V6.iter().find(|(block, length, _)| held(block, *length)).map_or(Reach::Never, |(_, _, reach)| *reach)
}

/// The IPv4 addresses to which a translator or tunnel would carry what is sent to this one.
fn carried(address: Ipv6Addr) -> Vec<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        // NAT64, RFC 6052
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => vec![v4(high, low)],
        // 6to4, RFC 3056
        [0x2002, high, low, ..] => vec![v4(high, low)],
        // Teredo: a server, and a client whose bits are inverted, RFC 4380
        [0x2001, 0, server_high, server_low, _, _, high, low] => vec![v4(server_high, server_low), v4(!high, !low)],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reached: Reach, addresses: &[&str]) {
        for text in addresses {
            assert_eq!(reach(text.parse().expect("an address")), reached, "{text}");
        }
    }

    #[test]
    fn only_what_is_routed_on_the_internet_is_global() {
        check(
            Reach::Global,
            &["1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0"],
        );
        check(Reach::Global, &["198.17.255.255", "198.20.0.0", "223.255.255.255", "168.63.129.17", "2606:4700::1111", "2a00::1"]);
        check(Reach::Loopback, &["127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"]);
        check(Reach::Private, &["10.0.0.0", "10.255.255.255", "100.64.0.1", "100.127.255.255", "172.16.0.1", "172.31.255.255"]);
        check(Reach::Private, &["192.168.0.1", "fc00::1", "fdff::1", "fd00:ec2::254", "::ffff:10.0.0.1"]);
        check(Reach::Never, &["0.0.0.0", "0.1.2.3", "169.254.169.254", "168.63.129.16", "192.0.0.8", "192.0.2.1", "192.88.99.1"]);
        check(Reach::Never, &["198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1"]);
        check(Reach::Never, &["240.0.0.1", "255.255.255.255", "::ffff:169.254.169.254", "::", "::7f00:1", "::1.1.1.1"]);
        check(Reach::Never, &["fe80::1", "febf::1", "fec0::1", "ff02::1", "2001:db8::1", "2001:2::1", "2001:20::1", "3fff::1"]);
        check(Reach::Never, &["100::1", "5f00::1", "64:ff9b:1::1", "64:ff9a::1.1.1.1", "4000::1"]);
    }

    #[test]
    fn an_address_that_carries_another_reaches_no_further() {
        check(Reach::Global, &["::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:0101:0101::1"]);
        check(Reach::Global, &["2001:0:101:101:0:0:fefe:fefe"]);
        check(Reach::Never, &["64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "2002:7f00:1::1", "2002:a00:1::"]);
        check(Reach::Never, &["2001:0:101:101:0:0:80ff:fffe", "2001:0:7f00:1:0:0:fefe:fefe", "2001:0:a00:1::f5ff:fffe"]);
    }
}
