//! KMS keys by ARN. Tables of key answers are keyed `<region>/<key-id>`, because a multi-Region
//! key has one id in many regions, or `<key-id>` alone when no answer told the region.
//!
//! Input: a table and the ARN that some other resource names. Output: the row, or the gap. It
//! refuses to take the key of another region for the one that the ARN names.

use super::aws::{arn_account, arn_region};
use super::evidence::Known;
use super::table::{Place, Table};

/// The row id of a key, as the sources write it.
pub fn row_id(region: Option<&str>, key: &str) -> String {
    region.map_or_else(|| key.to_owned(), |region| format!("{region}/{key}"))
}

/// The row of the key with this ARN, in any table of key answers.
pub fn find<T>(table: &Table<T>, arn: &str) -> Known<u32> {
    let key = arn.rsplit('/').next().unwrap_or(arn);
    let region = arn_region(arn);
    let bare = || table.number(key).filter(|row| table.row(*row).place.region.is_none());
    let place = Place { account: arn_account(arn).map(str::to_owned), region: region.map(str::to_owned) };
    let id = row_id(region, key);
    match table.number(&id).or_else(bare) {
        Some(row) => Ok(row),
        None => table.find(&id, &place),
    }
}

/// The answer about the key with this ARN.
pub fn body<'t, T>(table: &'t Table<T>, arn: &str) -> Known<&'t T> {
    table.row(find(table, arn)?).body.known()
}

#[cfg(test)]
mod tests {
    use super::{body, find};
    use crate::estate::{Evidence, Operation, Origin, Place, Reason, Row, Table};

    fn table(rows: &[(&str, Option<&str>, bool)]) -> Table<bool> {
        let mut table = Table::new(Operation::GetKeyRotationStatus);
        for (id, region, value) in rows {
            let place = Place { account: None, region: region.map(str::to_owned) };
            table.push(Row { id: (*id).to_owned(), place, origin: Origin::default(), body: Evidence::Known(*value) });
        }
        table
    }

    #[test]
    fn the_region_of_the_arn_decides_between_replicas() {
        let table =
            table(&[("eu-west-1/mrk-1", Some("eu-west-1"), true), ("us-east-1/mrk-1", Some("us-east-1"), false)]);
        assert_eq!(body(&table, "arn:aws:kms:us-east-1:111122223333:key/mrk-1"), Ok(&false));
        let gap = find(&table, "arn:aws:kms:us-west-2:111122223333:key/mrk-1").unwrap_err();
        assert_eq!(gap.reason, Reason::NotCollected);
    }

    #[test]
    fn a_key_whose_region_nobody_told_is_found_by_its_id() {
        let table = table(&[("1234", None, true)]);
        assert_eq!(body(&table, "arn:aws:kms:us-east-1:111122223333:key/1234"), Ok(&true));
    }
}
