//! Why a packet does not arrive: the explanation codes of AWS Reachability Analyzer, and the few
//! that this engine needs beside them. Source: AWS, "Reachability Analyzer explanation codes".

use super::flow::Component;

macro_rules! codes {
    ($($variant:ident = $name:literal, $remedy:literal;)*) => {
        /// An explanation code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $(#[doc = $name] $variant,)* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As AWS writes it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What to do about it.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

codes! {
    BadState = "BAD_STATE", "Bring the component into the state `available` or `active`, or route around it.";
    BadStateAttachment = "BAD_STATE_ATTACHMENT", "Accept or repair the attachment.";
    BadStateRoute = "BAD_STATE_ROUTE", "Replace the blackhole route: its target is gone.";
    NoRoute = "NO_ROUTE_TO_DESTINATION", "Add a route for the destination to the route table.";
    NoPossibleDestination = "NO_POSSIBLE_DESTINATION", "Check which resource the address belongs to.";
    DestinationDoesNotExist = "DESTINATION_DNE", "Ask for an address that an interface has, or start the resource.";
    GroupMismatch = "ENI_SG_RULES_MISMATCH", "Add a rule for the flow to a security group of the interface.";
    GroupEmpty = "SG_HAS_NO_RULES", "Give the security group a rule for the flow: without rules it drops everything.";
    ReferenceNotPreserved = "SG_REFERENCES_NOT_PRESERVED", "Admit the address block: a group reference does not reach across this path.";
    ReferencingSupport = "SG_REFERENCING_SUPPORT", "Enable security group referencing on the transit gateway and both attachments, or admit the address block.";
    AclRestriction = "SUBNET_ACL_RESTRICTION", "Admit the flow in the network ACL with a lower number than the deny; replies go to ports 1024-65535.";
    BlockPublicAccess = "VPC_BLOCK_PUBLIC_ACCESS_ENABLED", "Exclude the VPC or subnet from VPC Block Public Access, or leave it blocked.";
    SourceDestCheck = "ENI_SOURCE_DEST_CHECK_RESTRICTION", "Switch the source/destination check of the interface off, if it forwards for others.";
    ProtocolRestriction = "PROTOCOL_RESTRICTION", "Use a protocol that the component carries.";
    IgwDestinationRfc1918 = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS", "Route private destinations to a peering, a transit gateway or a VPN: the internet does not carry them.";
    IgwDestinationRfc6598 = "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS", "Route shared address space to a private path: the internet does not carry it.";
    IgwPrivateForIngress = "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS", "Address the public address of the interface, or give it one.";
    IgwPublicForEgress = "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS", "Route through a NAT gateway, or give the interface a public address.";
    IgwSourceRfc1918 = "IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS", "Come from a public address.";
    IgwSourceRfc6598 = "IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS", "Come from a public address.";
    IgwMissing = "UNASSOCIATED_COMPONENT", "Attach the component.";
    IngressRedirection = "INGRESS_RTB_TRAFFIC_REDIRECTION", "Give the appliance a public address, or let the edge route table lead to the subnet.";
    NatSourceInVpc = "NGW_REQUIRES_SOURCE_IN_VPC", "Send the traffic of peers and VPNs through a NAT of their own: a NAT gateway does not carry it.";
    NatNoSession = "NGW_NO_SESSION", "Route replies back the way the request came: a NAT gateway drops what it has no session for.";
    PeeringAddresses = "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR", "Use addresses of the two VPCs: a peering connection carries no transit.";
    TransitZone = "TGW_ROUTE_AZ_RESTRICTION", "Add a subnet of this availability zone to the transit gateway attachment.";
    TransitNoAttachment = "TGW_ATTACH_VPC_AZ_RESTRICTION", "Attach the VPC to the transit gateway.";
    TransitNoAssociation = "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION", "Associate the attachment with a transit gateway route table.";
    TransitBlackhole = "TGW_RTB_BAD_STATE_ROUTE", "Remove the blackhole route from the transit gateway route table.";
    TransitNoRoute = "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT", "Add a route, or a propagation, to the transit gateway route table.";
    GatewayEndpointProtocol = "VPCE_GATEWAY_PROTOCOL_RESTRICTION", "Use TCP: a gateway endpoint carries nothing else.";
    GatewayEndpointSource = "VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION", "Use an interface endpoint: a gateway endpoint serves its own VPC only.";
    EndpointCannotStart = "VPCE_INTRA_VPC_TRAFFIC", "Start the connection from the client: an endpoint only answers.";
    EndpointPolicy = "VPCE_POLICY_RESTRICTION", "Admit the resource and the action in the endpoint policy.";
    EgressOnly = "EIGW_EGRESS_ONLY", "Start the connection from inside: an egress-only gateway admits replies alone.";
    RouteLoop = "ROUTE_LOOP", "Break the loop: the route leads back to where the packet came from.";
    ReturnMismatch = "RETURN_PATH_MISMATCH", "Route the reply through the same appliance as the request.";
    UnknownDestination = "UNKNOWN_DESTINATION", "Use a destination that the evidence knows.";
    NameShadowed = "DNS_ZONE_SHADOWS_NAME", "Add a record for the name to the private zone, or use a narrower zone.";
    NameNotResolved = "DNS_NO_ANSWER", "Give the name a record, or ask the resolver that has one.";
    NameSupportOff = "DNS_SUPPORT_DISABLED", "Enable DNS support and DNS host names of the VPC.";
    NameLeadsElsewhere = "DNS_UNEXPECTED_ANSWER", "Lead the name to the endpoint that serves it.";
}

impl Code {
    /// What kind of component blocks with this code.
    pub(crate) fn component(self) -> Component {
        match self {
            Self::GroupMismatch | Self::GroupEmpty | Self::ReferenceNotPreserved | Self::ReferencingSupport => {
                Component::SecurityGroup
            }
            Self::AclRestriction => Component::NetworkAcl,
            Self::BadStateRoute | Self::NoRoute | Self::RouteLoop => Component::RouteTable,
            Self::BlockPublicAccess
            | Self::IgwDestinationRfc1918
            | Self::IgwDestinationRfc6598
            | Self::IgwPrivateForIngress
            | Self::IgwPublicForEgress
            | Self::IgwSourceRfc1918
            | Self::IgwSourceRfc6598
            | Self::IgwMissing
            | Self::IngressRedirection => Component::InternetGateway,
            Self::NatSourceInVpc | Self::NatNoSession => Component::NatGateway,
            Self::PeeringAddresses => Component::Peering,
            Self::TransitZone | Self::TransitNoAttachment | Self::TransitNoAssociation | Self::BadStateAttachment => {
                Component::TransitAttachment
            }
            Self::TransitBlackhole | Self::TransitNoRoute => Component::TransitRouteTable,
            Self::GatewayEndpointProtocol | Self::GatewayEndpointSource => Component::GatewayEndpoint,
            Self::EndpointCannotStart => Component::Endpoint,
            Self::EndpointPolicy => Component::EndpointPolicy,
            Self::EgressOnly => Component::EgressOnlyGateway,
            Self::NameShadowed | Self::NameNotResolved | Self::NameSupportOff | Self::NameLeadsElsewhere => {
                Component::Resolver
            }
            Self::BadState
            | Self::NoPossibleDestination
            | Self::DestinationDoesNotExist
            | Self::SourceDestCheck
            | Self::ProtocolRestriction
            | Self::ReturnMismatch
            | Self::UnknownDestination => Component::Interface,
        }
    }
}
