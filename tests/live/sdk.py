"""Lists everything that `plaudit collect` asks for, with Databricks' own SDK, as one JSON object.

Arguments: the account's host, its id, a workspace's host, its id, and `faults` to tell what the SDK makes of a
server on which things break. Credentials are in the environment.
"""

import itertools
import json
import os
import socket
import sys

import requests
from databricks.sdk import AccountClient, WorkspaceClient
from databricks.sdk.core import Config
from databricks.sdk.errors import DatabricksError, NotFound

console, account_id, host, workspace_id, *mode = sys.argv[1:]

# names under localhost are this machine (RFC 6761), whatever the resolver of the system knows of them
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda name, *rest, **more: resolve("127.0.0.1" if str(name).endswith(".localhost") else name, *rest, **more)

principal = {"client_id": os.environ["CLIENT_ID"], "client_secret": os.environ["CLIENT_SECRET"], "auth_type": "oauth-m2m"}


def plain(items):
    return [item.as_dict() for item in items]


def outcome(call):
    try:
        return len(plain(call()))
    except DatabricksError as error:
        return [type(error).__name__, error.error_code]
    except requests.RequestException as error:
        return [type(error).__name__]


account = AccountClient(config=Config(host=console, account_id=account_id, http_timeout_seconds=2, **principal))
if mode == ["faults"]:
    json.dump({
        "networks": outcome(account.networks.list),
        "vpc-endpoints": outcome(account.vpc_endpoints.list),
        "credentials": outcome(account.credentials.list),
        "storage-configurations": outcome(account.storage.list),
        "private-access-settings": outcome(account.private_access.list),
        "customer-managed-keys": outcome(account.encryption_keys.list),
        "ip-access-lists": outcome(account.ip_access_lists.list),
        "network-policies": outcome(lambda: itertools.islice(account.network_policies.list_network_policies_rpc(), 3)),
        "clusters": outcome(WorkspaceClient(host=host, token=os.environ["TOKEN"], auth_type="pat").clusters.list),
    }, sys.stdout)
    sys.exit()

nccs = plain(account.network_connectivity.list_network_connectivity_configurations())
read = {
    "workspaces": plain(account.workspaces.list()),
    "networks": plain(account.networks.list()),
    "vpc-endpoints": plain(account.vpc_endpoints.list()),
    "private-access-settings": plain(account.private_access.list()),
    "customer-managed-keys": plain(account.encryption_keys.list()),
    "credentials": plain(account.credentials.list()),
    "storage-configurations": plain(account.storage.list()),
    "network-connectivity-configs": nccs,
    "rules": plain(account.network_connectivity.list_private_endpoint_rules(nccs[0]["network_connectivity_config_id"])),
    "network-policies": plain(account.network_policies.list_network_policies_rpc()),
    "ip-access-lists": plain(account.ip_access_lists.list()),
    "log-delivery": plain(account.log_delivery.list()),
    "network-policy": account.workspace_network_configuration.get_workspace_network_option_rpc(int(workspace_id)).as_dict(),
    "settings": {
        "acct_ip_acl_enable": account.settings.enable_ip_access_lists.get().as_dict(),
        "disable_legacy_features": account.settings.disable_legacy_features.get().as_dict(),
    },
}
try:
    account.settings.personal_compute.get()
except NotFound as error:
    read["unset"] = error.error_code

for way, credentials in {"oauth": principal, "token": {"token": os.environ["TOKEN"], "auth_type": "pat"}}.items():
    workspace = WorkspaceClient(host=host, **credentials)
    read[way] = {
        "clusters": plain(workspace.clusters.list()),
        "warehouses": plain(workspace.warehouses.list()),
        "ip-access-lists": plain(workspace.ip_access_lists.list()),
        "workspace-conf": workspace.workspace_conf.get_status("enableIpAccessLists,maxTokenLifetimeDays,enableEnforceImdsV2"),
        "settings": {
            "disable_legacy_dbfs": workspace.settings.disable_legacy_dbfs.get().as_dict(),
            "restrict_workspace_admins": workspace.settings.restrict_workspace_admins.get().as_dict(),
            "shield_csp_enablement_ws_db": workspace.settings.compliance_security_profile.get().as_dict(),
        },
    }
    assert workspace.get_workspace_id() == int(workspace_id)

json.dump(read, sys.stdout)
