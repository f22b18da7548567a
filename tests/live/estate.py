"""Fills moto with a Databricks estate and says what went in.

    python estate.py --endpoint http://127.0.0.1:5000 --workspaces 4 [--faults] [--answers] > estate.json

Two accounts, two regions; the workspaces take turns. Account 444455556666 is the hub: transit gateway, resolver,
front-end endpoints. Every region also holds a VPC that has nothing to do with Databricks. What is printed:

    credentials   of account 111122223333, as the environment variables of AWS
    workspaces    by name: every id that was made for it
    hubs          by region: ids of the hub
    strangers     ids that Databricks does not lead to: a scoped collection must not hold them
    secrets       planted texts that must not get into any evidence
    planted       with --faults: name of the rule -> id of what it must find
    answers       with --answers: boto3's reading of everything, under the paths of a directory of answers
    databricks    REST answers, under the names of a directory of answers
"""

import argparse
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from account import Account, new
from facts import REGIONS

ACCOUNTS = ["111122223333", "444455556666"]
HUB = ACCOUNTS[1]
ROLE = "plaudit"
DATABRICKS_AWS = "414351767826"
# what must never get out; each is planted once
SECRETS = {
    "user-data": "hunter2-planted-in-user-data",
    "tag-value": "AKIAPLANTEDINATAG001",
    "tag-key": "planted-behind-a-telling-key",
    "spark-env": "planted-in-spark-env-vars",
}


def tags(name, *more):
    return [{"Key": "Name", "Value": name}, *more]


def spec(kind, name, *more):
    return [{"ResourceType": kind, "Tags": tags(name, *more)}]


class Place:
    """Clients of one account and region."""

    def __init__(self, endpoint, keys, account, region):
        self.account, self.region = account, region
        self._make = lambda service: boto3.client(
            service, region_name=region, endpoint_url=endpoint,
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}), **keys)
        self._made = {}

    def __getattr__(self, service):
        if service not in self._made:
            self._made[service] = self._make(service)
        return self._made[service]


class Builder:
    def __init__(self, endpoint, faults):
        self.endpoint, self.faults = endpoint, faults
        sts = boto3.client("sts", region_name=REGIONS[0]["region"], endpoint_url=endpoint,
                           aws_access_key_id="testing", aws_secret_access_key="testing")
        self.keys = {}
        for account in ACCOUNTS:
            made = sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{ROLE}", RoleSessionName="estate")["Credentials"]
            self.keys[account] = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"],
                                  "aws_session_token": made["SessionToken"]}
        self.places = {(a, r["region"]): Place(endpoint, self.keys[a], a, r["region"]) for a in ACCOUNTS for r in REGIONS}
        self.databricks = Account()
        self.workspaces, self.hubs, self.strangers, self.planted = {}, {}, [], {}

    # networks

    def vpc(self, at, name, cidr):
        vpc = at.ec2.create_vpc(CidrBlock=cidr, TagSpecifications=spec("vpc", name))["Vpc"]["VpcId"]
        for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
            at.ec2.modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": True}})
        return vpc

    def subnet(self, at, vpc, name, cidr, zone):
        made = at.ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"{at.region}{zone}",
                                    TagSpecifications=spec("subnet", name))["Subnet"]["SubnetId"]
        at.ec2.modify_subnet_attribute(SubnetId=made, MapPublicIpOnLaunch={"Value": False})
        return made

    def table(self, at, vpc, name, subnets):
        made = at.ec2.create_route_table(VpcId=vpc, TagSpecifications=spec("route-table", name))["RouteTable"]["RouteTableId"]
        for subnet in subnets:
            at.ec2.associate_route_table(RouteTableId=made, SubnetId=subnet)
        return made

    def group(self, at, vpc, name, description):
        made = at.ec2.create_security_group(VpcId=vpc, GroupName=name, Description=description,
                                            TagSpecifications=spec("security-group", name))["GroupId"]
        # AWS's own rule lets everything out
        at.ec2.revoke_security_group_egress(GroupId=made, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
        return made

    def internet(self, at, vpc, name, cidr):
        """A public subnet with a NAT gateway."""
        igw = at.ec2.create_internet_gateway(TagSpecifications=spec("internet-gateway", name))["InternetGateway"]["InternetGatewayId"]
        at.ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
        subnet = self.subnet(at, vpc, f"{name}-public", cidr, "a")
        table = self.table(at, vpc, f"{name}-public", [subnet])
        at.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=igw)
        address = at.ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = at.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
        return {"internet_gateway": igw, "public_subnet": subnet, "public_table": table, "address": address, "nat": nat}

    def endpoint_of(self, at, vpc, name, service, subnets, groups, policy=None):
        more = {"PolicyDocument": json.dumps(policy)} if policy else {}
        return at.ec2.create_vpc_endpoint(
            VpcId=vpc, VpcEndpointType="Interface", ServiceName=service, SubnetIds=subnets, SecurityGroupIds=groups,
            PrivateDnsEnabled=True, TagSpecifications=spec("vpc-endpoint", name), **more)["VpcEndpoint"]["VpcEndpointId"]

    def bucket(self, at, name, policy=None, key=None, block=True):
        where = {} if at.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": at.region}}
        at.s3.create_bucket(Bucket=name, **where)
        rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key} if key else {"SSEAlgorithm": "AES256"}
        at.s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": rule, "BucketKeyEnabled": True}]})
        if block:
            every = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]
            at.s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(every, True))
        if policy:
            at.s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))

    # the hub

    def hub(self, facts):
        region = facts["region"]
        at = self.places[HUB, region]
        index = [known["region"] for known in REGIONS].index(region)
        net = f"10.{8 + index}"
        vpc = self.vpc(at, f"hub-{region}", f"{net}.0.0/16")
        subnets = [self.subnet(at, vpc, f"hub-{region}-{zone}", f"{net}.{number}.0/24", zone) for number, zone in enumerate("ab")]
        self.table(at, vpc, f"hub-{region}", subnets)
        group = self.group(at, vpc, f"hub-front-end-{region}", "Users to the front-end endpoint")
        at.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.100.0.0/16", "Description": "offices"}]}])
        front = self.endpoint_of(at, vpc, f"hub-front-end-{region}", facts["workspace_vpce_service"], subnets, [group])
        registration = self.databricks.registration(f"hub-{region}", at, front, facts["workspace_vpce_service"], "WORKSPACE_ACCESS")

        options = {"DefaultRouteTableAssociation": "disable", "DefaultRouteTablePropagation": "disable"}
        gateway = at.ec2.create_transit_gateway(Description=region, Options=options,
                                                TagSpecifications=spec("transit-gateway", f"hub-{region}"))["TransitGateway"]["TransitGatewayId"]
        attachment = at.ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=gateway, VpcId=vpc, SubnetIds=subnets)[
            "TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
        table = at.ec2.create_transit_gateway_route_table(TransitGatewayId=gateway)["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]
        at.ec2.associate_transit_gateway_route_table(TransitGatewayRouteTableId=table, TransitGatewayAttachmentId=attachment)
        at.ec2.create_transit_gateway_route(DestinationCidrBlock=f"{net}.0.0/16", TransitGatewayRouteTableId=table,
                                            TransitGatewayAttachmentId=attachment)

        vpn = at.ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
        at.ec2.attach_vpn_gateway(VpcId=vpc, VpnGatewayId=vpn)
        outward = at.ec2.create_egress_only_internet_gateway(VpcId=vpc)["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
        zone = at.route53.create_hosted_zone(
            Name="privatelink.cloud.databricks.com.", VPC={"VPCRegion": region, "VPCId": vpc}, CallerReference=f"hub-{region}",
            HostedZoneConfig={"Comment": region, "PrivateZone": True})["HostedZone"]["Id"].split("/")[-1]
        at.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [
            {"Action": "CREATE", "ResourceRecordSet": {"Name": f"{facts['region_name']}.privatelink.cloud.databricks.com.", "Type": "A",
                                                       "TTL": 60, "ResourceRecords": [{"Value": f"{net}.0.10"}]}}]})
        resolver = at.route53resolver
        ends = {}
        for direction in ("INBOUND", "OUTBOUND"):
            ends[direction] = resolver.create_resolver_endpoint(
                CreatorRequestId=f"{region}-{direction}", Name=f"hub-{direction.lower()}", SecurityGroupIds=[group], Direction=direction,
                IpAddresses=[{"SubnetId": subnet} for subnet in subnets])["ResolverEndpoint"]["Id"]
        rule = resolver.create_resolver_rule(
            CreatorRequestId=region, Name="offices", RuleType="FORWARD", DomainName="corp.example.", TargetIps=[{"Ip": "10.100.0.53", "Port": 53}],
            ResolverEndpointId=ends["OUTBOUND"])["ResolverRule"]["Id"]
        association = resolver.associate_resolver_rule(ResolverRuleId=rule, VPCId=vpc)["ResolverRuleAssociation"]["Id"]

        balancer = at.elbv2.create_load_balancer(Name=f"ledger-{region}", Type="network", Scheme="internal", Subnets=subnets)[
            "LoadBalancers"][0]["LoadBalancerArn"]
        service = at.ec2.create_vpc_endpoint_service_configuration(NetworkLoadBalancerArns=[balancer], AcceptanceRequired=True)[
            "ServiceConfiguration"]["ServiceId"]
        at.ec2.modify_vpc_endpoint_service_permissions(ServiceId=service, AddAllowedPrincipals=["arn:aws:iam::565502421330:role/private-connectivity-role-" + region])
        self.databricks.ncc(region, service)
        self.hubs[region] = {
            "account": HUB, "region": region, "vpc": vpc, "subnets": subnets, "group": group, "endpoint": front, "registration": registration,
            "transit_gateway": gateway, "attachment": attachment, "transit_table": table, "zone": zone, "vpn_gateway": vpn, "egress_only": outward,
            "resolver_endpoints": list(ends.values()), "resolver_rule": rule, "association": association, "service": service}

    def stranger(self, at):
        """What Databricks does not lead to."""
        vpc = self.vpc(at, "shop", "172.20.0.0/16")
        subnet = self.subnet(at, vpc, "shop-a", "172.20.0.0/24", "a")
        group = self.group(at, vpc, "shop", "Web shop")
        instance = at.ec2.run_instances(ImageId="ami-0ff8a91507f77f867", MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[group],
                                        InstanceType="t3.micro")["Instances"][0]["InstanceId"]
        key = at.kms.create_key(Description="shop")["KeyMetadata"]["KeyId"]
        name = f"shop-{at.account}-{at.region}"
        self.bucket(at, name)
        self.strangers += [vpc, subnet, group, instance, key, name]

    # a workspace

    def workspace(self, number):
        account, facts = ACCOUNTS[number % 2], REGIONS[number // 2 % 2]
        at, region, name = self.places[account, facts["region"]], facts["region"], f"ws-{number:03}"
        net = f"10.{32 + number % 200}"
        vpc = self.vpc(at, name, f"{net}.0.0/16")
        options = at.ec2.create_dhcp_options(DhcpConfigurations=[
            {"Key": "domain-name-servers", "Values": ["AmazonProvidedDNS"]}, {"Key": "domain-name", "Values": [f"{region}.compute.internal"]}])[
            "DhcpOptions"]["DhcpOptionsId"]
        at.ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=vpc)
        subnets = [self.subnet(at, vpc, f"{name}-nodes-{zone}", f"{net}.{16 * index}.0/20", zone) for index, zone in enumerate("ab")]
        ends = [self.subnet(at, vpc, f"{name}-endpoints-{zone}", f"{net}.255.{16 * index}/28", zone) for index, zone in enumerate("ab")]
        made = {"workspace_id": 1000000000000000 + number, "account": account, "region": region, "vpc": vpc, "dhcp_options": options,
                "subnets": subnets, "endpoint_subnets": ends}
        made["tables"] = [self.table(at, vpc, f"{name}-nodes", subnets), self.table(at, vpc, f"{name}-endpoints", ends)]
        made["acl"] = self.acl(at, vpc, name, subnets)
        if number % 3 == 1:
            made |= self.internet(at, vpc, name, f"{net}.250.0/24")
            at.ec2.create_route(RouteTableId=made["tables"][0], DestinationCidrBlock="0.0.0.0/0", NatGatewayId=made["nat"])
        if account == HUB:
            self.attach(at, made, net)
        made["prefix_list"] = at.ec2.create_managed_prefix_list(
            PrefixListName=f"{name}-offices", MaxEntries=4, AddressFamily="IPv4",
            Entries=[{"Cidr": "10.100.40.0/24", "Description": "warehouse"}, {"Cidr": "10.100.41.0/24"}])["PrefixList"]["PrefixListId"]
        self.groups(at, made, name, net)
        self.endpoints(at, made, name, facts)
        self.keys_of(at, made, name)
        self.storage(at, made, name, number)
        self.role(at, made, name)
        self.nodes(at, made, name, number)
        self.workspaces[name] = made
        self.databricks.workspace(name, made, self.hubs[region])

    def acl(self, at, vpc, name, subnets):
        made = at.ec2.create_network_acl(VpcId=vpc, TagSpecifications=spec("network-acl", name))["NetworkAcl"]["NetworkAclId"]
        for egress in (False, True):
            at.ec2.create_network_acl_entry(NetworkAclId=made, RuleNumber=100, Protocol="-1", RuleAction="allow", Egress=egress, CidrBlock="0.0.0.0/0")
        default = at.ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "default", "Values": ["true"]}])["NetworkAcls"][0]
        for association in default["Associations"]:
            if association["SubnetId"] in subnets:
                at.ec2.replace_network_acl_association(AssociationId=association["NetworkAclAssociationId"], NetworkAclId=made)
        return made

    def attach(self, at, made, net):
        hub = self.hubs[at.region]
        made["attachment"] = at.ec2.create_transit_gateway_vpc_attachment(
            TransitGatewayId=hub["transit_gateway"], VpcId=made["vpc"], SubnetIds=made["endpoint_subnets"])["TransitGatewayVpcAttachment"][
            "TransitGatewayAttachmentId"]
        at.ec2.associate_transit_gateway_route_table(TransitGatewayRouteTableId=hub["transit_table"], TransitGatewayAttachmentId=made["attachment"])
        at.ec2.create_transit_gateway_route(DestinationCidrBlock=f"{net}.0.0/16", TransitGatewayRouteTableId=hub["transit_table"],
                                            TransitGatewayAttachmentId=made["attachment"])
        at.ec2.create_route(RouteTableId=made["tables"][0], DestinationCidrBlock="10.100.0.0/16", TransitGatewayId=hub["transit_gateway"])

    def groups(self, at, made, name, net):
        nodes = self.group(at, made["vpc"], f"{name}-nodes", "Databricks cluster nodes")
        each_other = [{"IpProtocol": protocol, "FromPort": 0, "ToPort": 65535, "UserIdGroupPairs": [{"GroupId": nodes}]} for protocol in ("tcp", "udp")]
        at.ec2.authorize_security_group_ingress(GroupId=nodes, IpPermissions=each_other)
        inside = [{"CidrIp": f"{net}.0.0/16"}]
        wide = [{"CidrIp": "0.0.0.0/0"}] if "nat" in made else inside
        out = [(443, 443, wide), (6666, 6666, inside), (2443, 2443, inside), (8443, 8451, inside)]
        at.ec2.authorize_security_group_egress(GroupId=nodes, IpPermissions=[
            *each_other, *({"IpProtocol": "tcp", "FromPort": low, "ToPort": high, "IpRanges": to} for low, high, to in out),
            {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "PrefixListIds": [{"PrefixListId": made["prefix_list"]}]}])
        closed = self.fault("relay-endpoint-closed", name)
        ends = self.group(at, made["vpc"], f"{name}-endpoints", "Databricks and AWS endpoints")
        ports = [(443, 443), (2443, 2443), (8443, 8451), *([] if closed else [(6666, 6666)])]
        at.ec2.authorize_security_group_ingress(GroupId=ends, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": low, "ToPort": high, "UserIdGroupPairs": [{"GroupId": nodes}]} for low, high in ports])
        if self.fault("nodes-open-to-internet", name):
            at.ec2.authorize_security_group_ingress(GroupId=nodes, IpPermissions=[
                {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "temporary"}]}])
            self.planted["nodes-open-to-internet"] = nodes
        made["groups"] = {"nodes": nodes, "endpoints": ends}

    def endpoints(self, at, made, name, facts):
        region, vpc, group = at.region, made["vpc"], [made["groups"]["endpoints"]]
        own = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": [at.account, DATABRICKS_AWS]}, "Action": "*", "Resource": "*"}]}
        make = lambda kind, service, policy=None: self.endpoint_of(at, vpc, f"{name}-{kind}", service, made["endpoint_subnets"], group, policy)
        made["endpoints"] = {
            "rest": make("rest", facts["workspace_vpce_service"]), "relay": make("relay", facts["scc_relay_vpce_service"]),
            "sts": make("sts", f"com.amazonaws.{region}.sts", own), "kinesis": make("kinesis", f"com.amazonaws.{region}.kinesis-streams", own),
            "s3": at.ec2.create_vpc_endpoint(VpcId=vpc, VpcEndpointType="Gateway", ServiceName=f"com.amazonaws.{region}.s3",
                                             RouteTableIds=made["tables"], PolicyDocument=json.dumps(own))["VpcEndpoint"]["VpcEndpointId"]}
        made["registrations"] = {
            "rest": self.databricks.registration(f"{name}-rest", at, made["endpoints"]["rest"], facts["workspace_vpce_service"], "WORKSPACE_ACCESS"),
            "relay": self.databricks.registration(f"{name}-relay", at, made["endpoints"]["relay"], facts["scc_relay_vpce_service"], "DATAPLANE_RELAY_ACCESS")}
        if self.fault("relay-endpoint-closed", name):
            self.planted["relay-endpoint-closed"] = str(made["workspace_id"])

    def keys_of(self, at, made, name):
        made["keys"] = {}
        for use in ("managed-services", "storage"):
            databricks = {"Sid": "Databricks", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{DATABRICKS_AWS}:root"}, "Resource": "*",
                          "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
                          "Condition": {"StringEquals": {"aws:PrincipalTag/DatabricksAccountId": [self.databricks.id]}}}
            grants = databricks | {"Sid": "Grants", "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]}
            grants["Condition"] = databricks["Condition"] | {"Bool": {"kms:GrantIsForAWSResource": "true"}}
            owner = {"Sid": "Owner", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{at.account}:root"}, "Action": "kms:*", "Resource": "*"}
            policy = {"Version": "2012-10-17", "Statement": [owner, databricks, *([grants] if use == "storage" else [])]}
            key = at.kms.create_key(Description=f"{name} {use}", Policy=json.dumps(policy))["KeyMetadata"]
            if not (use == "storage" and self.fault("rotation-off", name)):
                at.kms.enable_key_rotation(KeyId=key["KeyId"])
            else:
                self.planted["rotation-off"] = new("storage-key", name)
            at.kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=f"arn:aws:iam::{at.account}:role/{name}-cross-account",
                                Operations=["Decrypt", "GenerateDataKeyWithoutPlaintext"], Name="volumes")
            made["keys"][use] = key["Arn"]

    def storage(self, at, made, name, number):
        root = f"{name}-root-{at.account}"
        policy = {"Version": "2012-10-17", "Statement": [
            {"Sid": "Databricks", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{DATABRICKS_AWS}:root"},
             "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:GetBucketLocation"],
             "Resource": [f"arn:aws:s3:::{root}/*", f"arn:aws:s3:::{root}"],
             "Condition": {"StringEquals": {"aws:PrincipalTag/DatabricksAccountId": [self.databricks.id]}}}]}
        # the last one has no policy: AWS answers 404, which is an answer
        made["bucket_has_policy"] = number != 3
        open_bucket = self.fault("public-access-not-blocked", name)
        self.bucket(at, root, policy if made["bucket_has_policy"] else None, made["keys"]["storage"], not open_bucket)
        if open_bucket:
            self.planted["public-access-not-blocked"] = root
        logs = f"{name}-flow-logs-{at.account}"
        self.bucket(at, logs)
        made["flow_log"] = at.ec2.create_flow_logs(ResourceIds=[made["vpc"]], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3",
                                                   LogDestination=f"arn:aws:s3:::{logs}")["FlowLogIds"][0]
        made |= {"bucket": root, "log_bucket": logs}

    def role(self, at, made, name):
        role = f"{name}-cross-account"
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{DATABRICKS_AWS}:root"}, "Action": "sts:AssumeRole",
             "Condition": {"StringEquals": {"sts:ExternalId": self.databricks.id}}}]}
        allow = lambda *actions: json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]})
        arn = at.iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        at.iam.put_role_policy(RoleName=role, PolicyName="cross-account", PolicyDocument=allow("ec2:RunInstances", "ec2:TerminateInstances"))
        attached = at.iam.create_policy(PolicyName=f"{name}-describe", PolicyDocument=allow("ec2:Describe*"))["Policy"]["Arn"]
        at.iam.attach_role_policy(RoleName=role, PolicyArn=attached)
        made |= {"role": role, "role_arn": arn, "attached_policy": attached}

    def nodes(self, at, made, name, number):
        more = [{"Key": "Vendor", "Value": "Databricks"}, {"Key": "DatabricksInstanceGroupId", "Value": "-1"}]
        if number == 0:
            more += [{"Key": "db-password", "Value": SECRETS["tag-key"]}, {"Key": "Note", "Value": SECRETS["tag-value"]}]
        data = f"#!/bin/sh\nexport DB_PASSWORD={SECRETS['user-data']}\n"
        made["instances"] = [at.ec2.run_instances(
            ImageId="ami-0ff8a91507f77f867", MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[made["groups"]["nodes"]],
            InstanceType="m5.large", UserData=data, TagSpecifications=spec("instance", f"{name}-node", *more))["Instances"][0]["InstanceId"]
            for subnet in made["subnets"]]

    def fault(self, fault, name):
        """Whether `name` is the workspace that carries `fault`."""
        carriers = {"nodes-open-to-internet": "ws-000", "relay-endpoint-closed": "ws-001", "rotation-off": "ws-000", "public-access-not-blocked": "ws-001"}
        return self.faults and carriers[fault] == name

    def peering(self):
        """The first workspace with a VPC of data, which Databricks knows nothing of: a neighbour."""
        first = next(iter(self.workspaces.values()))
        at, other = self.places[first["account"], first["region"]], self.places[HUB, first["region"]]
        data = self.vpc(other, "data", "10.20.0.0/16")
        made = at.ec2.create_vpc_peering_connection(VpcId=first["vpc"], PeerVpcId=data, PeerOwnerId=HUB, PeerRegion=first["region"])[
            "VpcPeeringConnection"]["VpcPeeringConnectionId"]
        other.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=made)
        at.ec2.create_route(RouteTableId=first["tables"][0], DestinationCidrBlock="10.20.0.0/16", VpcPeeringConnectionId=made)
        first |= {"peering": made, "neighbour": data}

    def build(self, workspaces):
        for facts in REGIONS:
            self.hub(facts)
        for at in self.places.values():
            self.stranger(at)
        for number in range(workspaces):
            self.workspace(number)
        if self.workspaces:
            self.peering()
        if self.faults:
            self.databricks.settings[0]["public_access_enabled"] = True
            self.planted["public-access-on"] = str(self.databricks.workspaces[0]["workspace_id"])


LISTS = {
    "describe_vpcs": "Vpcs", "describe_dhcp_options": "DhcpOptions", "describe_subnets": "Subnets", "describe_route_tables": "RouteTables",
    "describe_security_groups": "SecurityGroups", "describe_network_acls": "NetworkAcls", "describe_network_interfaces": "NetworkInterfaces",
    "describe_instances": "Reservations", "describe_addresses": "Addresses", "describe_nat_gateways": "NatGateways",
    "describe_internet_gateways": "InternetGateways", "describe_egress_only_internet_gateways": "EgressOnlyInternetGateways",
    "describe_vpn_gateways": "VpnGateways", "describe_vpc_peering_connections": "VpcPeeringConnections",
    "describe_transit_gateways": "TransitGateways", "describe_transit_gateway_attachments": "TransitGatewayAttachments",
    "describe_transit_gateway_vpc_attachments": "TransitGatewayVpcAttachments",
    "describe_transit_gateway_route_tables": "TransitGatewayRouteTables", "describe_managed_prefix_lists": "PrefixLists",
    "describe_vpc_endpoints": "VpcEndpoints", "describe_vpc_endpoint_service_configurations": "ServiceConfigurations",
    "describe_flow_logs": "FlowLogs"}
RESOLVER = {"list_resolver_endpoints": "ResolverEndpoints", "list_resolver_rules": "ResolverRules",
            "list_resolver_rule_associations": "ResolverRuleAssociations"}


def answers(builder):
    """Everything, read by AWS's own client, under the paths of a directory of answers: what a collection must agree with."""
    read = {}

    def put(path, answer, *keys):
        read[path] = {key: answer[key] for key in keys or answer if key != "ResponseMetadata" and key in answer}

    for (account, region), at in builder.places.items():
        here = f"aws/{account}/{region}"
        for service, lists in ((at.ec2, LISTS), (at.route53resolver, RESOLVER)):
            for call, key in lists.items():
                put(f"{here}/{call.replace('_', '-')}", getattr(service, call)(), key)
        for vpc in read[f"{here}/describe-vpcs"]["Vpcs"]:
            for attribute in ("enableDnsSupport", "enableDnsHostnames"):
                put(f"{here}/vpc-attributes/{vpc['VpcId']}/{attribute}", at.ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute))
        for prefixes in read[f"{here}/describe-managed-prefix-lists"]["PrefixLists"]:
            one = prefixes["PrefixListId"]
            put(f"{here}/managed-prefix-lists/{one}/entries", at.ec2.get_managed_prefix_list_entries(PrefixListId=one), "Entries")
        for table in read[f"{here}/describe-transit-gateway-route-tables"]["TransitGatewayRouteTables"]:
            one = table["TransitGatewayRouteTableId"]
            put(f"{here}/search-transit-gateway-routes/{one}", at.ec2.search_transit_gateway_routes(
                TransitGatewayRouteTableId=one, Filters=[{"Name": "state", "Values": ["active", "blackhole"]}]))
        for service in read[f"{here}/describe-vpc-endpoint-service-configurations"]["ServiceConfigurations"]:
            one = service["ServiceId"]
            put(f"{here}/vpc-endpoint-services/{one}/permissions", at.ec2.describe_vpc_endpoint_service_permissions(ServiceId=one))
    for made in builder.workspaces.values():
        owned(put, builder.places[made["account"], made["region"]], made)
    at = builder.places[HUB, REGIONS[0]["region"]]
    put(f"aws/{HUB}/global/list-hosted-zones", at.route53.list_hosted_zones(), "HostedZones")
    for hub in builder.hubs.values():
        put(f"aws/{HUB}/global/route53/{hub['zone']}/get-hosted-zone", at.route53.get_hosted_zone(Id=hub["zone"]))
        put(f"aws/{HUB}/global/route53/{hub['zone']}/list-resource-record-sets", at.route53.list_resource_record_sets(HostedZoneId=hub["zone"]))
    return read


def owned(put, at, made):
    """What Databricks names: keys, bucket and role of a workspace."""
    for arn in made["keys"].values():
        key = {"KeyId": arn.split("/")[-1]}
        path = f"aws/{at.account}/{at.region}/kms/{key['KeyId']}"
        put(f"{path}/describe-key", at.kms.describe_key(**key))
        put(f"{path}/get-key-policy", at.kms.get_key_policy(**key, PolicyName="default"))
        put(f"{path}/get-key-rotation-status", at.kms.get_key_rotation_status(**key))
        put(f"{path}/list-grants", at.kms.list_grants(**key), "Grants")
    path, bucket = f"aws/{at.account}/global/s3/{made['bucket']}", {"Bucket": made["bucket"]}
    put(f"{path}/get-bucket-encryption", at.s3.get_bucket_encryption(**bucket))
    put(f"{path}/get-bucket-location", at.s3.get_bucket_location(**bucket))
    for file, call in (("get-bucket-policy", at.s3.get_bucket_policy), ("get-public-access-block", at.s3.get_public_access_block)):
        try:
            put(f"{path}/{file}", call(**bucket))
        except ClientError as error:
            # 404: there is none, which is an answer
            put(f"{path}/{file}", {"Error": error.response["Error"]})
    path, role = f"aws/{at.account}/global/iam/{made['role']}", {"RoleName": made["role"]}
    put(f"{path}/get-role", at.iam.get_role(**role))
    put(f"{path}/policies/cross-account", at.iam.get_role_policy(**role, PolicyName="cross-account"))
    attached = made["attached_policy"]
    put(f"{path}/policies/{attached.split('/')[-1]}", at.iam.get_policy_version(PolicyArn=attached, VersionId="v1"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--workspaces", type=int, default=4)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--answers", action="store_true")
    args = parser.parse_args()
    builder = Builder(args.endpoint, args.faults)
    builder.build(args.workspaces)
    keys = builder.keys[ACCOUNTS[0]]
    out = {
        "credentials": {name.upper(): value for name, value in keys.items()},
        "role": ROLE, "accounts": ACCOUNTS, "regions": [facts["region"] for facts in REGIONS],
        "workspaces": builder.workspaces, "hubs": builder.hubs, "strangers": builder.strangers,
        "secrets": SECRETS, "planted": builder.planted, "databricks": builder.databricks.answers(SECRETS["spark-env"])}
    if args.answers:
        out["answers"] = answers(builder)
    json.dump(out, sys.stdout, indent=1, default=lambda time: time.isoformat())


if __name__ == "__main__":
    main()
