"""The Databricks account that goes with the AWS estate, in the shapes of the REST API.

The answers are keyed by the file names of a directory of answers, without `.json`: what is under `workspace/<id>` is what the
workspace itself answers, the rest is what the account answers.
"""

import uuid

ACCOUNT = "0d26daa6-5e44-4c97-a497-ef015f91254a"
MADE = 1770712450000


def new(*names):
    """The same id for the same names, so that two runs can be compared."""
    return str(uuid.uuid5(uuid.UUID(ACCOUNT), "/".join(names)))


class Account:
    def __init__(self):
        self.id = ACCOUNT
        self.workspaces, self.networks, self.registrations, self.settings = [], [], [], []
        self.keys, self.credentials, self.storage, self.nccs = [], [], [], []

    def registration(self, name, at, endpoint, service, use):
        made = new("vpc-endpoint", name)
        self.registrations.append({
            "vpc_endpoint_id": made, "vpc_endpoint_name": name, "account_id": self.id, "region": at.region, "aws_vpc_endpoint_id": endpoint,
            "aws_account_id": at.account, "aws_endpoint_service_id": service.rsplit(".", 1)[1], "state": "available", "use_case": use})
        return made

    def ncc(self, region, service):
        made = new("ncc", region)
        rule = {"rule_id": new("rule", region), "network_connectivity_config_id": made, "account_id": self.id,
                "endpoint_service": f"com.amazonaws.vpce.{region}.{service}", "domain_names": ["ledger.internal.example"],
                "vpc_endpoint_id": "vpce-0798b69a8e0f31bcd", "connection_state": "ESTABLISHED", "deactivated": False,
                "creation_time": MADE, "updated_time": MADE}
        self.nccs.append({
            "network_connectivity_config_id": made, "account_id": self.id, "name": f"ncc-{region}", "region": region, "creation_time": MADE,
            "updated_time": MADE, "egress_config": {"default_rules": {"aws_stable_ip_rule": {"cidr_blocks": ["203.0.113.128/28"]}},
                                                    "target_rules": {"aws_private_endpoint_rules": [rule]}}})

    def workspace(self, name, made, hub):
        ids = {kind: new(kind, name) for kind in ("credentials", "storage", "network", "settings", "managed-services", "storage-key")}
        region = made["region"]
        self.credentials.append({
            "credentials_id": ids["credentials"], "credentials_name": name, "account_id": self.id, "creation_time": MADE,
            "aws_credentials": {"sts_role": {"role_arn": made["role_arn"], "external_id": self.id}}})
        self.storage.append({
            "storage_configuration_id": ids["storage"], "storage_configuration_name": name, "account_id": self.id, "creation_time": MADE,
            "root_bucket_info": {"bucket_name": made["bucket"]}})
        self.networks.append({
            "account_id": self.id, "network_id": ids["network"], "network_name": name, "vpc_id": made["vpc"], "subnet_ids": made["subnets"],
            "security_group_ids": [made["groups"]["nodes"]], "vpc_status": "VALID", "workspace_id": made["workspace_id"], "creation_time": MADE,
            "vpc_endpoints": {"rest_api": [made["registrations"]["rest"]], "dataplane_relay": [made["registrations"]["relay"]]}})
        self.settings.append({
            "private_access_settings_id": ids["settings"], "private_access_settings_name": name, "account_id": self.id, "region": region,
            "public_access_enabled": False, "private_access_level": "ENDPOINT",
            "allowed_vpc_endpoint_ids": [hub["registration"], made["registrations"]["rest"]]})
        for kind, key, use in (("managed-services", "managed-services", "MANAGED_SERVICES"), ("storage-key", "storage", "STORAGE")):
            info = {"key_arn": made["keys"][key], "key_alias": f"alias/{name}-{key}", "key_region": region}
            if use == "STORAGE":
                info["reuse_key_for_cluster_volumes"] = True
            self.keys.append({"customer_managed_key_id": ids[kind], "account_id": self.id, "creation_time": MADE, "use_cases": [use], "aws_key_info": info})
        self.workspaces.append({
            "account_id": self.id, "workspace_id": made["workspace_id"], "workspace_name": name, "deployment_name": f"dbc-{name}", "aws_region": region,
            "creation_time": MADE, "workspace_status": "RUNNING", "workspace_status_message": "Workspace is running.", "pricing_tier": "ENTERPRISE",
            "credentials_id": ids["credentials"], "storage_configuration_id": ids["storage"], "network_id": ids["network"],
            "private_access_settings_id": ids["settings"], "managed_services_customer_managed_key_id": ids["managed-services"],
            "storage_customer_managed_key_id": ids["storage-key"], "network_connectivity_config_id": new("ncc", region),
            "compute_mode": "HYBRID", "storage_mode": "CUSTOMER_HOSTED", "custom_tags": {"Environment": "test"}})

    def answers(self, secret):
        access = {"restriction_mode": "RESTRICTED_ACCESS", "policy_enforcement": {"enforcement_mode": "ENFORCED"}}
        policy = {"network_policy_id": "default-policy", "account_id": self.id, "egress": {"network_access": access},
                  "ingress": {"public_access": {"restriction_mode": "RESTRICTED_ACCESS"},
                              "private_access": {"restriction_mode": "ALLOW_ALL_REGISTERED_ENDPOINTS"},
                              "cross_workspace_access": {"restriction_mode": "FULL_ACCESS"}}}
        offices = {"list_id": new("list", "offices"), "label": "offices", "list_type": "ALLOW", "ip_addresses": ["198.51.100.0/25"],
                   "address_count": 1, "enabled": True, "created_at": MADE, "created_by": 1, "updated_at": MADE, "updated_by": 1}
        setting = lambda key, value: {key: value, "etag": new("etag", key), "setting_name": "default"}
        return {
            "account_id": self.id,
            "workspaces": self.workspaces, "networks": self.networks, "vpc-endpoints": self.registrations,
            "private-access-settings": self.settings, "customer-managed-keys": self.keys, "credentials": self.credentials,
            "storage-configurations": self.storage, "network-connectivity-configs": {"items": self.nccs},
            "network-policies": {"items": [policy]}, "ip-access-lists": {"ip_access_lists": [offices]},
            "log-delivery": {"log_delivery_configurations": []},
            "settings": {
                "acct_ip_acl_enable": setting("acct_ip_acl_enable", {"value": True}),
                "disable_legacy_features": setting("disable_legacy_features", {"value": True}),
                "shield_csp_enablement_ac": setting("csp_enablement_account", {"is_enforced": False, "compliance_standards": ["NONE"]})},
            "workspace": {str(workspace["workspace_id"]): self.of_workspace(workspace, setting, secret) for workspace in self.workspaces}}

    def of_workspace(self, workspace, setting, secret):
        cluster = {
            "cluster_id": f"1104-081522-{workspace['workspace_id'] % 1000:08}", "cluster_name": "ingest", "state": "RUNNING", "cluster_source": "UI",
            "spark_version": "16.4.x-scala2.12", "node_type_id": "m5.large", "num_workers": 1, "data_security_mode": "USER_ISOLATION",
            "enable_local_disk_encryption": True, "driver": {"private_ip": "10.32.0.4", "public_dns": ""}, "executors": [],
            "spark_env_vars": {"DB_PASSWORD": secret}, "aws_attributes": {"availability": "ON_DEMAND", "zone_id": f"{workspace['aws_region']}a"}}
        warehouse = {"id": f"{workspace['workspace_id']:016x}", "name": "reporting", "warehouse_type": "PRO", "enable_serverless_compute": True,
                     "state": "RUNNING", "cluster_size": "Small"}
        return {
            "deployment_name": workspace["deployment_name"],
            "ip-access-lists": {}, "workspace-conf": {"enableIpAccessLists": None, "maxTokenLifetimeDays": "90"},
            "clusters": {"clusters": [cluster], "next_page_token": "", "prev_page_token": ""}, "warehouses": {"warehouses": [warehouse]},
            "network-policy": {"network_policy_id": "default-policy", "workspace_id": workspace["workspace_id"]},
            "settings": {
                "disable_legacy_dbfs": setting("disable_legacy_dbfs", {"value": True}),
                "restrict_workspace_admins": setting("restrict_workspace_admins", {"status": "RESTRICT_TOKENS_AND_JOB_RUN_AS"}),
                "shield_csp_enablement_ws_db": setting("compliance_security_profile_workspace", {"is_enabled": False, "compliance_standards": ["NONE"]})}}
