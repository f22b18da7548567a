//! Where a resource was read: the file and the position in it, so that a finding can point at
//! the text that proves it. Positions are 1-based; columns count bytes.

/// Position of a resource in a source file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// Index into [`Estate::files`](super::Estate::files).
    pub file: u32,
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in bytes.
    pub column: u32,
    /// 1-based last line of the resource.
    pub end_line: u32,
}

/// A place in a file, resolved for a report.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Path as the user gave it; of a file in a directory, joined to the path of the directory.
    pub file: String,
    /// 1-based first line.
    pub line: u32,
    /// 1-based column of the first line, in bytes.
    pub column: u32,
    /// 1-based last line.
    pub end_line: u32,
}
