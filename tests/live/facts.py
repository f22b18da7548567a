"""Databricks' published PrivateLink services of the regions that the estate uses, as src/estate/region.json has them."""

REGIONS = [
    {"region": "eu-west-1", "region_name": "ireland",
     "workspace_vpce_service": "com.amazonaws.vpce.eu-west-1.vpce-svc-0da6ebf1461278016",
     "scc_relay_vpce_service": "com.amazonaws.vpce.eu-west-1.vpce-svc-09b4eb2bc775f4e8c"},
    {"region": "us-east-1", "region_name": "nvirginia",
     "workspace_vpce_service": "com.amazonaws.vpce.us-east-1.vpce-svc-09143d1e626de2f04",
     "scc_relay_vpce_service": "com.amazonaws.vpce.us-east-1.vpce-svc-00018a8c3ff62ffdf"},
]
