//! Which name server a client asks: what DHCP hands out, and whether the resolver of the VPC
//! answers at all. Source: AWS, "DHCP option sets in Amazon VPC" and "Understanding Amazon DNS".

use std::net::{IpAddr, Ipv4Addr};

use super::Outcome;
use super::walk::{Seat, Walk};
use crate::estate::aws::Vpc;
use crate::estate::net::parse_block;
use crate::estate::{Gap, Known, Operation, Reason, Row};
use crate::reach::code::Code;
use crate::reach::flow::Passage;

/// Names and addresses of the resolver of a VPC: at the base of its primary block plus two.
pub fn own_servers(vpc: &Vpc) -> Vec<String> {
    let mut servers: Vec<String> = ["AmazonProvidedDNS", "169.254.169.253", "fd00:ec2::253"].map(str::to_owned).into();
    if let Some(IpAddr::V4(base)) = vpc.cidr_block.as_deref().and_then(parse_block).map(|block| block.network()) {
        servers.push(Ipv4Addr::from(u32::from(base).saturating_add(2)).to_string());
    }
    servers
}

/// Notes that the resolver of the VPC is asked first, or ends the resolution: nobody answers, or
/// name servers that no evidence describes.
pub(super) fn first(walk: &mut Walk<'_>, seat: Seat) -> Result<(), Outcome> {
    let row = walk.vpc(seat);
    let vpc = row
        .body
        .known()
        .map_err(|gap| walk.unknown(&row.id, row.origin, format!("{} is not known", row.id), vec![gap]))?;
    let Some(id) = vpc.dhcp_options_id.as_deref().filter(|id| *id != "default") else {
        return support(walk, seat, "its default DHCP options");
    };
    let options = &walk.estate.aws.dhcp_options;
    let found: Known<_> = options.find(id, &row.place).and_then(|number| {
        let row = options.row(number);
        row.body.known().map(|body| (row.origin, body))
    });
    let (origin, servers) = match found {
        Ok((origin, body)) => (origin, body.name_servers()),
        Err(gap) => {
            let decision = format!("which name servers the DHCP options {id} hand out is not known");
            return Err(walk.unknown(id, row.origin, decision, vec![gap]));
        }
    };
    let own = own_servers(vpc);
    let is_own = |server: &String| own.contains(server);
    let custom: Vec<&str> = servers.iter().filter(|server| !is_own(server)).map(String::as_str).collect();
    let answers = walk.estate.aws.dns_support.body(&row.id, &row.place);
    let passed_over = !custom.is_empty() && matches!(answers, Ok(false));
    if !servers.first().is_some_and(is_own) || passed_over {
        let servers = if custom.is_empty() {
            "no name server".to_owned()
        } else {
            format!("{}, which no evidence describes", custom.join(", "))
        };
        let told = format!("the DHCP options {id} of {} hand out {servers}", row.id);
        let gap = Gap::new(Operation::DescribeDhcpOptions, row.place.scope().of(id), Reason::Undetermined);
        return Err(walk.unknown(id, origin, told.clone(), vec![gap.because(told).shared()]));
    }
    let after =
        if custom.is_empty() { String::new() } else { format!(", and {} only if it is silent", custom.join(", ")) };
    support(walk, seat, &format!("the DHCP options {id}{after}"))
}

/// Whether the resolver of the VPC answers its clients.
pub(super) fn support(walk: &mut Walk<'_>, seat: Seat, by: &str) -> Result<(), Outcome> {
    let row: &Row<Vpc> = walk.vpc(seat);
    match walk.estate.aws.dns_support.body(&row.id, &row.place) {
        Ok(true) => {
            let decision = format!("the Route 53 Resolver of {} is asked, by {by}", row.id);
            walk.hop(&row.id, row.origin, Passage::Passed, decision);
            Ok(())
        }
        Ok(false) => {
            let detail = format!("enableDnsSupport of {} is false: its resolver answers nobody", row.id);
            Err(walk.nothing(Code::NameSupportOff, &row.id, row.origin, detail))
        }
        Err(gap) => {
            let decision = format!("whether the resolver of {} answers is not known", row.id);
            Err(walk.unknown(&row.id, row.origin, decision, vec![gap]))
        }
    }
}
