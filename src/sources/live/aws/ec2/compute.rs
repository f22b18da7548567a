//! Network interfaces, instances and elastic addresses.

use std::collections::BTreeMap;

use aws_sdk_ec2::types as t;
use serde_json::{Value, json};

use super::list::{Job, page};
use super::words::{each, group, tags, text, word};
use super::{MOST, Reply, refusal};
use crate::estate::aws as a;
use crate::sources::live::aws::pages::{Page, json as written, more};

/// Interfaces, those that AWS keeps out of sight of its console included.
pub(super) async fn interfaces(job: &Job<'_>) -> Reply {
    let fetch = |filters, token| async move {
        let request = job.post.ec2().describe_network_interfaces().include_managed_resources(true);
        let request = request.set_filters(filters).set_next_token(token).max_results(MOST);
        let output = request.send().await.map_err(refusal)?;
        Ok(page(output.network_interfaces, interface, output.next_token))
    };
    job.read(|row: &a::Interface| row.network_interface_id.clone(), fetch).await.reply(job)
}

fn interface(interface: t::NetworkInterface) -> a::Interface {
    a::Interface {
        network_interface_id: text(interface.network_interface_id),
        owner_id: interface.owner_id,
        subnet_id: interface.subnet_id,
        vpc_id: interface.vpc_id,
        availability_zone: interface.availability_zone,
        interface_type: word(interface.interface_type),
        private_ip_address: interface.private_ip_address,
        private_ip_addresses: each(interface.private_ip_addresses, |address| a::PrivateAddress {
            private_ip_address: address.private_ip_address,
            primary: address.primary,
            association: address.association.map(public),
        }),
        ipv6_addresses: each(interface.ipv6_addresses, |address| a::Ipv6Address { ipv6_address: address.ipv6_address }),
        groups: each(interface.groups, group),
        association: interface.association.map(public),
        attachment: interface
            .attachment
            .map(|attachment| a::Attachment { instance_id: attachment.instance_id, status: word(attachment.status) }),
        source_dest_check: interface.source_dest_check,
        description: interface.description,
        tag_set: tags(interface.tag_set),
    }
}

fn public(association: t::NetworkInterfaceAssociation) -> a::PublicAssociation {
    a::PublicAssociation { public_ip: association.public_ip }
}

/// Instances lie in reservations, which have the owner.
pub(super) async fn instances(job: &Job<'_>) -> Reply {
    let fetch = |filters, token| async move {
        let request = job.post.ec2().describe_instances().include_managed_resources(true);
        let request = request.set_filters(filters).set_next_token(token).max_results(MOST);
        let output = request.send().await.map_err(refusal)?;
        let of_one = |reservation: t::Reservation| {
            let owner = text(reservation.owner_id);
            each(reservation.instances, move |row| (owner.clone(), instance(row)))
        };
        let rows = output.reservations.unwrap_or_default().into_iter().flat_map(of_one).collect();
        Ok(Page { rows, next: more(output.next_token) })
    };
    let listed = job.read(|(_, row): &(String, a::Instance)| row.instance_id.clone(), fetch).await;
    listed.reply_with(job, |rows| {
        let mut owners: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (owner, row) in rows {
            owners.entry(owner).or_default().push(written(&row));
        }
        owners.into_iter().map(|(owner, rows)| json!({ "OwnerId": owner, "Instances": rows })).collect()
    })
}

fn instance(instance: t::Instance) -> a::Instance {
    a::Instance {
        instance_id: text(instance.instance_id),
        subnet_id: instance.subnet_id,
        vpc_id: instance.vpc_id,
        public_ip_address: instance.public_ip_address,
        private_ip_address: instance.private_ip_address,
        security_groups: each(instance.security_groups, group),
        network_interfaces: each(instance.network_interfaces, |interface| a::InstanceInterface {
            network_interface_id: interface.network_interface_id,
            owner_id: interface.owner_id,
            association: interface
                .association
                .map(|association| a::PublicAssociation { public_ip: association.public_ip }),
        }),
        tags: tags(instance.tags),
    }
}

/// Addresses come in one answer.
pub(super) async fn addresses(job: &Job<'_>) -> Reply {
    let fetch = |filters, _| async move {
        let output = job.post.ec2().describe_addresses().set_filters(filters).send().await.map_err(refusal)?;
        Ok(page(output.addresses, address, None))
    };
    let id = |row: &a::Address| row.allocation_id.clone().unwrap_or_else(|| row.public_ip.clone());
    job.read(id, fetch).await.reply(job)
}

fn address(address: t::Address) -> a::Address {
    a::Address {
        public_ip: text(address.public_ip),
        allocation_id: address.allocation_id,
        network_interface_id: address.network_interface_id,
        instance_id: address.instance_id,
        network_interface_owner_id: address.network_interface_owner_id,
    }
}
