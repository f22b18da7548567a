//! Byte offsets of a file to lines and columns: one pass over the file, then one search a
//! resource.

use crate::estate::Origin;

/// Where the lines of a file begin.
pub(super) struct Lines(Vec<u32>);

impl Lines {
    /// The lines of a text that is shorter than 4 GiB.
    pub(super) fn of(text: &str) -> Self {
        let breaks = (1u32..).zip(text.bytes()).filter(|(_, byte)| *byte == b'\n');
        Self(std::iter::once(0).chain(breaks.map(|(next, _)| next)).collect())
    }

    /// 1-based line and column of an offset.
    pub(super) fn position(&self, offset: usize) -> (u32, u32) {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        let line = self.0.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|index| self.0.get(index)).copied().unwrap_or(0);
        (u32::try_from(line).unwrap_or(u32::MAX), offset - start + 1)
    }

    /// The origin of `length` bytes at `offset` of file number `file`.
    pub(super) fn origin(&self, file: u32, offset: usize, length: usize) -> Origin {
        let (line, column) = self.position(offset);
        let (end_line, _) = self.position(offset + length.saturating_sub(1));
        Origin { file, line, column, end_line }
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn offsets_become_lines_and_columns() {
        let lines = Lines::of("{\n  \"a\":\n 1}\n");
        let origin = lines.origin(3, 4, 7);
        assert_eq!((origin.file, origin.line, origin.column, origin.end_line), (3, 2, 3, 3));
        assert_eq!(lines.position(0), (1, 1));
        assert_eq!(Lines::of("").position(0), (1, 1));
    }
}
