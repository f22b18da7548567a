//! How much input is read. Evidence comes from accounts and files that others can write to, so
//! every size has an end, far above what real estates need.

/// Bytes of one file, compressed or not: 2 GiB. Offsets fit in 32 bits.
pub(super) const FILE_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// JSON files below one directory.
pub(super) const FILES: usize = 200_000;

/// Folders inside folders, in a directory or in an evidence file. The layout needs 6.
pub(super) const FOLDERS: usize = 16;

/// Objects and lists inside each other in one answer. AWS's deepest answers nest about 10;
/// serde_json itself stops at 128, so that nothing that passes here fails later.
pub(super) const NESTING: usize = 100;

/// Ids that a list says it was asked for. AWS grants far fewer VPCs to an account.
pub(super) const ASKED: usize = 100_000;
