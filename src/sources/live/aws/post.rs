//! One account in one region: a client for each service, made when it is first used.

use std::sync::OnceLock;

use aws_config::SdkConfig;

use super::super::Lane;
use super::whole::WholeBody;

macro_rules! clients {
    ($($(#[doc = $doc:literal])* $service:ident: $sdk:ident $(, $option:ident($value:expr))?;)*) => {
        /// See the module.
        pub(in super::super) struct Post {
            /// The account.
            pub(in super::super) account: String,
            /// The region.
            pub(in super::super) region: String,
            config: SdkConfig,
            $($service: OnceLock<$sdk::Client>,)*
        }

        impl Post {
            /// A post that asks with the credentials of `config`.
            pub(super) fn new(account: &str, region: &str, config: &SdkConfig) -> Self {
                let config = config.to_builder().region(aws_config::Region::new(region.to_owned())).build();
                Self { account: account.to_owned(), region: region.to_owned(), config, $($service: OnceLock::new(),)* }
            }

            $($(#[doc = $doc])*
            pub(super) fn $service(&self) -> &$sdk::Client {
                self.$service.get_or_init(|| {
                    let config = $sdk::config::Builder::from(&self.config).interceptor(WholeBody);
                    $(let config = config.$option($value(&self.config));)?
                    $sdk::Client::from_conf(config.build())
                })
            })*
        }
    };
}

clients! {
    /// Networks.
    ec2: aws_sdk_ec2;
    /// Roles and policies.
    iam: aws_sdk_iam;
    /// Keys.
    kms: aws_sdk_kms;
    /// Firewalls.
    firewall: aws_sdk_networkfirewall;
    /// Accounts of the organization.
    organizations: aws_sdk_organizations;
    /// Zones and records.
    route53: aws_sdk_route53;
    /// Resolver endpoints and rules.
    resolver: aws_sdk_route53resolver;
    /// Buckets; an endpoint of one's own has no name for each of them.
    s3: aws_sdk_s3, force_path_style(|config: &SdkConfig| config.endpoint_url().is_some());
    /// Identities.
    sts: aws_sdk_sts;
}

impl Post {
    /// Whose limits a request to `service` counts against.
    pub(super) fn lane(&self, service: &'static str) -> Lane {
        Lane { account: self.account.clone(), region: self.region.clone(), service }
    }
}
