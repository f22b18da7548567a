//! Name servers: those that DHCP hands out in the VPC. What asks the resolver of AWS itself passes
//! no security group and no network ACL. Source: AWS, "Control traffic to your AWS resources using
//! security groups" and "Network ACLs" (traffic to and from Amazon DNS is not filtered).

use super::Exit;
use super::aim::{Aim, Target};
use super::site::Site;
use crate::estate::{Gap, Operation, Reason};
use crate::reach::address::Ip;
use crate::reach::code::Code;
use crate::reach::flow::{Blocker, Component, Hop, Leg, Passage};
use crate::reach::names::own_servers;

impl Site<'_, '_> {
    /// The name servers of the VPC: those of their own as targets; where the resolver of AWS is
    /// asked too, the second part says how its packets leave.
    pub(super) fn resolver(&self) -> (Aim, Option<Exit>) {
        let mut aim = Aim::default();
        let row = match &self.vpc {
            Ok(row) => self.estate().aws.vpcs.row(*row),
            Err(gap) => {
                aim.gaps.push(gap.clone());
                return (aim, None);
            }
        };
        let aws = &self.estate().aws;
        let Ok(vpc) = row.body.known() else { return (aim, None) };
        let servers = match vpc.dhcp_options_id.as_deref().filter(|id| *id != "default") {
            None => Ok(vec!["AmazonProvidedDNS".to_owned()]),
            Some(id) => aws.dhcp_options.body(id, &row.place).map(|options| options.name_servers()),
        };
        let servers = match servers {
            Ok(servers) => servers,
            Err(gap) => {
                aim.gaps.push(gap);
                return (aim, None);
            }
        };
        let own = own_servers(vpc);
        let mut resolver = false;
        for server in &servers {
            if own.contains(server) {
                resolver = true;
            } else if let Some(ip) = Ip::parse(server) {
                aim.targets.insert(Target::Address(ip));
            } else {
                let scope = row.place.scope().of(vpc.dhcp_options_id.as_deref().unwrap_or_default());
                let gap = Gap::new(Operation::DescribeDhcpOptions, scope, Reason::Undecodable);
                aim.gaps.push(gap.because(format!("`{server}` is no address of a name server")).shared());
            }
        }
        if servers.is_empty() {
            let (code, resource, leg, origin) = (Code::NameNotResolved, row.id.clone(), Leg::Forward, row.origin);
            let detail = format!("the DHCP options of {} name no name server", row.id);
            aim.blockers.push(Blocker { code, resource, leg, detail, origin });
        }
        if !resolver {
            return (aim, None);
        }
        let (passage, decision) = match aws.dns_support.body(&row.id, &row.place) {
            Ok(true) => {
                (Passage::Passed, format!("the resolver of {} takes it: neither groups nor ACLs filter that", row.id))
            }
            Ok(false) => {
                (Passage::Blocked, format!("enableDnsSupport of {} is false: its resolver answers nobody", row.id))
            }
            Err(gap) => {
                aim.gaps.push(gap);
                (Passage::Unknown, format!("whether the resolver of {} answers is not known", row.id))
            }
        };
        if passage == Passage::Blocked {
            let (code, resource, leg, origin) = (Code::NameSupportOff, row.id.clone(), Leg::Forward, row.origin);
            aim.blockers.push(Blocker { code, resource, leg, detail: decision.clone(), origin });
        }
        let (leg, component, resource, origin) = (Leg::Forward, Component::Resolver, row.id.clone(), row.origin);
        aim.names.push(Hop { leg, component, resource, decision, passage, origin });
        (aim, (passage != Passage::Blocked).then_some(Exit::Inside))
    }
}
