//! Every call that evidence comes from: the AWS action or the Databricks REST path, and the
//! answer that a directory of answers holds for it. One table, so that a gap can always say
//! which permission or which file would close it.

/// How a directory of answers holds the answer of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Any JSON file whose top-level key is this one.
    Key(&'static str),
    /// A file at the end of a path; the segment before it names the resource, `*` is any name.
    Path(&'static [&'static str]),
    /// Not an answer of its own.
    None,
}

/// What Databricks wants of whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Administrator of the Databricks account.
    AccountAdmin,
    /// Administrator of the workspace.
    WorkspaceAdmin,
    /// Administrator of the workspace, or a permission on each cluster and warehouse; whatever the
    /// caller may not see is left out of the answer without a word.
    Compute,
}

macro_rules! operations {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal, $global:literal, $answer:expr, $file:literal;)*) => {
        /// A call of the AWS or Databricks API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Operation { $($(#[doc = $doc])* $variant,)* }

        impl Operation {
            /// Every operation, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// What the answer holds, in a few words.
            pub fn words(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),*).trim_matches([' ', '.']),)* }
            }

            /// The IAM action (`ec2:DescribeVpcs`) or the Databricks request (`GET …/workspaces`).
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether one answer speaks for every region of the account; not so for lists of one
            /// workspace, whose [`Place::region`](super::Place::region) is the workspace id.
            pub fn is_global(self) -> bool {
                match self { $(Self::$variant => $global,)* }
            }

            /// How a directory of answers holds it.
            pub fn answer(self) -> Answer {
                match self { $(Self::$variant => $answer,)* }
            }

            /// The file that answers it in a directory of answers, for messages.
            pub fn file(self) -> &'static str {
                match self { $(Self::$variant => $file,)* }
            }
        }
    };
}

operations! {
    /// VPCs.
    DescribeVpcs = "ec2:DescribeVpcs", false, Answer::Key("Vpcs"), "describe-vpcs.json";
    /// enableDnsSupport of one VPC.
    DescribeVpcDnsSupport = "ec2:DescribeVpcAttribute", false, Answer::Path(&["vpc-attributes", "*", "enableDnsSupport"]), "vpc-attributes/<vpc-id>/enableDnsSupport.json";
    /// enableDnsHostnames of one VPC.
    DescribeVpcDnsHostnames = "ec2:DescribeVpcAttribute", false, Answer::Path(&["vpc-attributes", "*", "enableDnsHostnames"]), "vpc-attributes/<vpc-id>/enableDnsHostnames.json";
    /// DHCP option sets.
    DescribeDhcpOptions = "ec2:DescribeDhcpOptions", false, Answer::Key("DhcpOptions"), "describe-dhcp-options.json";
    /// Subnets.
    DescribeSubnets = "ec2:DescribeSubnets", false, Answer::Key("Subnets"), "describe-subnets.json";
    /// Route tables with their associations.
    DescribeRouteTables = "ec2:DescribeRouteTables", false, Answer::Key("RouteTables"), "describe-route-tables.json";
    /// Security groups with inline rules.
    DescribeSecurityGroups = "ec2:DescribeSecurityGroups", false, Answer::Key("SecurityGroups"), "describe-security-groups.json";
    /// Security group rules, one object a rule.
    DescribeSecurityGroupRules = "ec2:DescribeSecurityGroupRules", false, Answer::Key("SecurityGroupRules"), "describe-security-group-rules.json";
    /// Network ACLs.
    DescribeNetworkAcls = "ec2:DescribeNetworkAcls", false, Answer::Key("NetworkAcls"), "describe-network-acls.json";
    /// Elastic network interfaces.
    DescribeNetworkInterfaces = "ec2:DescribeNetworkInterfaces", false, Answer::Key("NetworkInterfaces"), "describe-network-interfaces.json";
    /// Instances.
    DescribeInstances = "ec2:DescribeInstances", false, Answer::Key("Reservations"), "describe-instances.json";
    /// Elastic IP addresses.
    DescribeAddresses = "ec2:DescribeAddresses", false, Answer::Key("Addresses"), "describe-addresses.json";
    /// NAT gateways.
    DescribeNatGateways = "ec2:DescribeNatGateways", false, Answer::Key("NatGateways"), "describe-nat-gateways.json";
    /// Internet gateways.
    DescribeInternetGateways = "ec2:DescribeInternetGateways", false, Answer::Key("InternetGateways"), "describe-internet-gateways.json";
    /// Egress-only internet gateways.
    DescribeEgressOnlyInternetGateways = "ec2:DescribeEgressOnlyInternetGateways", false, Answer::Key("EgressOnlyInternetGateways"), "describe-egress-only-internet-gateways.json";
    /// VPN gateways.
    DescribeVpnGateways = "ec2:DescribeVpnGateways", false, Answer::Key("VpnGateways"), "describe-vpn-gateways.json";
    /// VPC peering connections.
    DescribeVpcPeeringConnections = "ec2:DescribeVpcPeeringConnections", false, Answer::Key("VpcPeeringConnections"), "describe-vpc-peering-connections.json";
    /// Transit gateways.
    DescribeTransitGateways = "ec2:DescribeTransitGateways", false, Answer::Key("TransitGateways"), "describe-transit-gateways.json";
    /// Transit gateway attachments of every type.
    DescribeTransitGatewayAttachments = "ec2:DescribeTransitGatewayAttachments", false, Answer::Key("TransitGatewayAttachments"), "describe-transit-gateway-attachments.json";
    /// VPC attachments with their subnets.
    DescribeTransitGatewayVpcAttachments = "ec2:DescribeTransitGatewayVpcAttachments", false, Answer::Key("TransitGatewayVpcAttachments"), "describe-transit-gateway-vpc-attachments.json";
    /// Transit gateway route tables.
    DescribeTransitGatewayRouteTables = "ec2:DescribeTransitGatewayRouteTables", false, Answer::Key("TransitGatewayRouteTables"), "describe-transit-gateway-route-tables.json";
    /// Routes of one transit gateway route table.
    SearchTransitGatewayRoutes = "ec2:SearchTransitGatewayRoutes", false, Answer::Path(&["search-transit-gateway-routes", "*"]), "search-transit-gateway-routes/<tgw-rtb-id>.json";
    /// Managed prefix lists.
    DescribePrefixLists = "ec2:DescribeManagedPrefixLists", false, Answer::Key("PrefixLists"), "describe-managed-prefix-lists.json";
    /// Entries of one managed prefix list.
    GetManagedPrefixListEntries = "ec2:GetManagedPrefixListEntries", false, Answer::Path(&["managed-prefix-lists", "*", "entries"]), "managed-prefix-lists/<pl-id>/entries.json";
    /// VPC endpoints of every type.
    DescribeVpcEndpoints = "ec2:DescribeVpcEndpoints", false, Answer::Key("VpcEndpoints"), "describe-vpc-endpoints.json";
    /// Endpoint services of the account itself.
    DescribeVpcEndpointServices = "ec2:DescribeVpcEndpointServiceConfigurations", false, Answer::Key("ServiceConfigurations"), "describe-vpc-endpoint-service-configurations.json";
    /// Who may connect to one endpoint service.
    DescribeVpcEndpointServicePermissions = "ec2:DescribeVpcEndpointServicePermissions", false, Answer::Path(&["vpc-endpoint-services", "*", "permissions"]), "vpc-endpoint-services/<vpce-svc-id>/permissions.json";
    /// Flow logs.
    DescribeFlowLogs = "ec2:DescribeFlowLogs", false, Answer::Key("FlowLogs"), "describe-flow-logs.json";
    /// VPC Block Public Access of the region.
    DescribeVpcBlockPublicAccess = "ec2:DescribeVpcBlockPublicAccessOptions", false, Answer::Key("VpcBlockPublicAccessOptions"), "describe-vpc-block-public-access-options.json";
    /// VPCs and subnets that VPC Block Public Access leaves alone.
    DescribeVpcBlockPublicAccessExclusions = "ec2:DescribeVpcBlockPublicAccessExclusions", false, Answer::Key("VpcBlockPublicAccessExclusions"), "describe-vpc-block-public-access-exclusions.json";
    /// Network Firewall firewalls.
    ListFirewalls = "network-firewall:ListFirewalls", false, Answer::Key("Firewalls"), "list-firewalls.json";
    /// One firewall with its endpoints.
    DescribeFirewall = "network-firewall:DescribeFirewall", false, Answer::Path(&["network-firewall", "*", "describe-firewall"]), "network-firewall/<firewall-name>/describe-firewall.json";
    /// Policy of one firewall.
    DescribeFirewallPolicy = "network-firewall:DescribeFirewallPolicy", false, Answer::Path(&["network-firewall", "*", "describe-firewall-policy"]), "network-firewall/<firewall-name>/describe-firewall-policy.json";
    /// Hosted zones.
    ListHostedZones = "route53:ListHostedZones", true, Answer::Key("HostedZones"), "list-hosted-zones.json";
    /// Hosted zones that one VPC sees.
    ListHostedZonesByVpc = "route53:ListHostedZonesByVPC", true, Answer::Key("HostedZoneSummaries"), "list-hosted-zones-by-vpc.json";
    /// One hosted zone with its VPCs.
    GetHostedZone = "route53:GetHostedZone", true, Answer::Path(&["route53", "*", "get-hosted-zone"]), "route53/<zone-id>/get-hosted-zone.json";
    /// Records of one hosted zone.
    ListResourceRecordSets = "route53:ListResourceRecordSets", true, Answer::Path(&["route53", "*", "list-resource-record-sets"]), "route53/<zone-id>/list-resource-record-sets.json";
    /// Resolver endpoints.
    ListResolverEndpoints = "route53resolver:ListResolverEndpoints", false, Answer::Key("ResolverEndpoints"), "list-resolver-endpoints.json";
    /// Resolver rules.
    ListResolverRules = "route53resolver:ListResolverRules", false, Answer::Key("ResolverRules"), "list-resolver-rules.json";
    /// Which VPC follows which resolver rule.
    ListResolverRuleAssociations = "route53resolver:ListResolverRuleAssociations", false, Answer::Key("ResolverRuleAssociations"), "list-resolver-rule-associations.json";
    /// One KMS key.
    DescribeKey = "kms:DescribeKey", false, Answer::Path(&["kms", "*", "describe-key"]), "kms/<key-id>/describe-key.json";
    /// Policy of one KMS key.
    GetKeyPolicy = "kms:GetKeyPolicy", false, Answer::Path(&["kms", "*", "get-key-policy"]), "kms/<key-id>/get-key-policy.json";
    /// Rotation of one KMS key.
    GetKeyRotationStatus = "kms:GetKeyRotationStatus", false, Answer::Path(&["kms", "*", "get-key-rotation-status"]), "kms/<key-id>/get-key-rotation-status.json";
    /// Grants on one KMS key.
    ListGrants = "kms:ListGrants", false, Answer::Path(&["kms", "*", "list-grants"]), "kms/<key-id>/list-grants.json";
    /// Policy of one bucket.
    GetBucketPolicy = "s3:GetBucketPolicy", true, Answer::Path(&["s3", "*", "get-bucket-policy"]), "s3/<bucket>/get-bucket-policy.json";
    /// Default encryption of one bucket.
    GetBucketEncryption = "s3:GetEncryptionConfiguration", true, Answer::Path(&["s3", "*", "get-bucket-encryption"]), "s3/<bucket>/get-bucket-encryption.json";
    /// Public access block of one bucket.
    GetPublicAccessBlock = "s3:GetBucketPublicAccessBlock", true, Answer::Path(&["s3", "*", "get-public-access-block"]), "s3/<bucket>/get-public-access-block.json";
    /// Region of one bucket.
    GetBucketLocation = "s3:GetBucketLocation", true, Answer::Path(&["s3", "*", "get-bucket-location"]), "s3/<bucket>/get-bucket-location.json";
    /// One role with its trust policy.
    GetRole = "iam:GetRole", true, Answer::Path(&["iam", "*", "get-role"]), "iam/<role-name>/get-role.json";
    /// The policies of one role, inline and attached.
    GetRolePolicies = "iam:GetRolePolicy", true, Answer::Path(&["iam", "*", "policies", "*"]), "iam/<role-name>/policies/<policy>.json";
    /// Databricks workspaces.
    ListWorkspaces = "GET /accounts/{account}/workspaces", true, Answer::Path(&["workspaces"]), "databricks/<account-id>/workspaces.json";
    /// Databricks network configurations.
    ListNetworks = "GET /accounts/{account}/networks", true, Answer::Path(&["networks"]), "databricks/<account-id>/networks.json";
    /// Registered VPC endpoints.
    ListRegistrations = "GET /accounts/{account}/vpc-endpoints", true, Answer::Path(&["vpc-endpoints"]), "databricks/<account-id>/vpc-endpoints.json";
    /// Private access settings.
    ListPrivateAccessSettings = "GET /accounts/{account}/private-access-settings", true, Answer::Path(&["private-access-settings"]), "databricks/<account-id>/private-access-settings.json";
    /// Key configurations.
    ListKeyConfigurations = "GET /accounts/{account}/customer-managed-keys", true, Answer::Path(&["customer-managed-keys"]), "databricks/<account-id>/customer-managed-keys.json";
    /// Credential configurations.
    ListCredentials = "GET /accounts/{account}/credentials", true, Answer::Path(&["credentials"]), "databricks/<account-id>/credentials.json";
    /// Storage configurations.
    ListStorageConfigurations = "GET /accounts/{account}/storage-configurations", true, Answer::Path(&["storage-configurations"]), "databricks/<account-id>/storage-configurations.json";
    /// Network connectivity configurations.
    ListNccs = "GET /accounts/{account}/network-connectivity-configs", true, Answer::Path(&["network-connectivity-configs"]), "databricks/<account-id>/network-connectivity-configs.json";
    /// Network policies.
    ListNetworkPolicies = "GET /accounts/{account}/network-policies", true, Answer::Path(&["network-policies"]), "databricks/<account-id>/network-policies.json";
    /// IP access lists of the account console.
    ListAccountIpAccessLists = "GET /accounts/{account}/ip-access-lists", true, Answer::Path(&["ip-access-lists"]), "databricks/<account-id>/ip-access-lists.json";
    /// Log delivery configurations.
    ListLogDelivery = "GET /accounts/{account}/log-delivery", true, Answer::Path(&["log-delivery"]), "databricks/<account-id>/log-delivery.json";
    /// One setting of the account.
    GetAccountSetting = "GET /accounts/{account}/settings/types/{type}", true, Answer::Path(&["settings", "*"]), "databricks/<account-id>/settings/<type>.json";
    /// IP access lists of a workspace.
    ListWorkspaceIpAccessLists = "GET /ip-access-lists", true, Answer::Path(&["*", "ip-access-lists"]), "databricks/<account-id>/<workspace-id>/ip-access-lists.json";
    /// workspace-conf of a workspace.
    GetWorkspaceConf = "GET /workspace-conf", true, Answer::Path(&["*", "workspace-conf"]), "databricks/<account-id>/<workspace-id>/workspace-conf.json";
    /// Clusters of a workspace.
    ListClusters = "GET /clusters/list", false, Answer::Path(&["*", "clusters"]), "databricks/<account-id>/<workspace-id>/clusters.json";
    /// SQL warehouses of a workspace.
    ListWarehouses = "GET /sql/warehouses", false, Answer::Path(&["*", "warehouses"]), "databricks/<account-id>/<workspace-id>/warehouses.json";
    /// Which network policy a workspace uses.
    GetWorkspaceNetwork = "GET /accounts/{account}/workspaces/{workspace}/network", true, Answer::Path(&["*", "network-policy"]), "databricks/<account-id>/<workspace-id>/network-policy.json";
    /// One setting of a workspace.
    GetWorkspaceSetting = "GET /settings/types/{type}", true, Answer::Path(&["*", "settings", "*"]), "databricks/<account-id>/<workspace-id>/settings/<type>.json";
    /// Who asks.
    GetCallerIdentity = "sts:GetCallerIdentity", true, Answer::None, "credentials of AWS";
    /// The role in another account.
    AssumeRole = "sts:AssumeRole", true, Answer::None, "--assume-role, and a role that trusts the caller";
    /// Accounts of the organization.
    ListAccounts = "organizations:ListAccounts", true, Answer::None, "--accounts in place of --organization";
    /// Regions that the account has switched on.
    DescribeRegions = "ec2:DescribeRegions", false, Answer::None, "--regions in place of --all-regions";
    /// A token of Databricks.
    GetToken = "POST /oidc/v1/token", true, Answer::None, "credentials of Databricks";
    /// A source that could not be attributed to a call.
    ReadEvidence = "reading the evidence", true, Answer::None, "a readable answer";
}

impl Operation {
    /// Whether Databricks answers it.
    pub fn is_databricks(self) -> bool {
        self.name().starts_with("GET ") || self.name().starts_with("POST ")
    }

    /// Whether `collect` asks it. Groups hold their rules, so that nobody needs to ask for the rules
    /// again; the answer is read where somebody gathered it.
    pub fn is_asked(self) -> bool {
        !matches!(self, Self::DescribeSecurityGroupRules | Self::ReadEvidence)
    }

    /// The IAM actions that the call takes: its own, but for a few that need more than one, and for
    /// `sts:GetCallerIdentity`, which AWS grants to everybody, even past an explicit Deny.
    pub fn actions(self) -> Vec<&'static str> {
        match self {
            Self::GetRolePolicies => vec![
                "iam:ListRolePolicies",
                "iam:GetRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:GetPolicy",
                "iam:GetPolicyVersion",
            ],
            // Route 53 looks whether the caller may see the VPC
            Self::ListHostedZonesByVpc => vec![self.name(), Self::DescribeVpcs.name()],
            Self::GetCallerIdentity | Self::ReadEvidence => Vec::new(),
            _ if self.is_databricks() => Vec::new(),
            _ => vec![self.name()],
        }
    }

    /// Whether only the caller's own account answers it, before it goes to any other.
    pub fn is_of_hub(self) -> bool {
        matches!(self, Self::AssumeRole | Self::ListAccounts)
    }

    /// Who in Databricks may ask; none for AWS, and for the token, which the credentials give.
    pub fn role(self) -> Option<Role> {
        match self {
            Self::ListClusters | Self::ListWarehouses => Some(Role::Compute),
            Self::GetToken => None,
            _ if self.name().starts_with("GET /accounts/") => Some(Role::AccountAdmin),
            _ => self.is_databricks().then_some(Role::WorkspaceAdmin),
        }
    }

    /// The operation of this name, as evidence files write it; the first of those that share it.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|operation| operation.name() == name)
    }
}
