//! The compliance frameworks of the pack.

use plaudit::finding::Framework;

#[test]
fn frameworks_are_readable_and_have_no_empty_title() {
    for (id, text) in [
        ("nist-800-53-r5", include_str!("../../../rules/compliance/nist-800-53-r5.yaml")),
        ("cis-aws-foundations", include_str!("../../../rules/compliance/cis-aws-foundations.yaml")),
        ("pci-dss-4", include_str!("../../../rules/compliance/pci-dss-4.yaml")),
        ("databricks-sat", include_str!("../../../rules/compliance/databricks-sat.yaml")),
    ] {
        let framework: Framework = serde_saphyr::from_str(text).unwrap();
        assert_eq!(framework.id, id);
        assert!(framework.url.starts_with("https://"));
        assert!(framework.controls.len() > 20);
        assert!(framework.controls.iter().all(|(id, title)| !id.is_empty() && title.len() > 3));
    }
}
