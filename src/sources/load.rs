//! Bytes of a file to text: size bounded, gzip and zstd recognised by their magic bytes
//! whatever the name says, UTF-8 checked. It does not look at the JSON.
#![expect(clippy::disallowed_methods, reason = "sources are where files are read")]

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

use super::error::Cause;
use super::limits::FILE_BYTES;

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The text of a file. A byte order mark stays, so that offsets are those of the file.
pub(super) fn file(path: &Path) -> Result<String, Cause> {
    let file = File::open(path)?;
    text(bounded(file)?)
}

/// The text of bytes that were read.
pub(super) fn text(bytes: Vec<u8>) -> Result<String, Cause> {
    let plain = if bytes.starts_with(GZIP) {
        bounded(MultiGzDecoder::new(bytes.as_slice())).map_err(|cause| broken("gzip", cause))?
    } else if bytes.starts_with(ZSTD) {
        zstd(&bytes).map_err(|cause| broken("zstd", cause))?
    } else {
        bytes
    };
    if plain.starts_with(&[0xff, 0xfe]) || plain.starts_with(&[0xfe, 0xff]) {
        return Err(Cause::Utf16);
    }
    String::from_utf8(plain).map_err(|error| Cause::NotUtf8 { offset: error.utf8_error().valid_up_to() })
}

/// The JSON in a text, without byte order mark and blanks around it.
pub(super) fn json(text: &str) -> &str {
    text.trim_start_matches(BYTE_ORDER_MARK).trim()
}

fn bounded(source: impl Read) -> Result<Vec<u8>, Cause> {
    let mut bytes = Vec::new();
    source.take(FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES {
        return Err(Cause::TooLarge { limit: FILE_BYTES, what: "bytes" });
    }
    Ok(bytes)
}

/// Every frame, one after the other.
fn zstd(bytes: &[u8]) -> Result<Vec<u8>, Cause> {
    let mut rest = bytes;
    let mut plain = Vec::new();
    while !rest.is_empty() {
        let frame = StreamingDecoder::new(&mut rest).map_err(std::io::Error::other)?;
        plain.append(&mut bounded(frame)?);
        if plain.len() as u64 > FILE_BYTES {
            return Err(Cause::TooLarge { limit: FILE_BYTES, what: "bytes" });
        }
    }
    Ok(plain)
}

fn broken(format: &'static str, cause: Cause) -> Cause {
    match cause {
        Cause::Io(error) => Cause::Compression { format, problem: error.to_string() },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::text;
    use crate::sources::error::Cause;

    #[test]
    fn compression_is_known_by_its_magic_bytes() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(b"{}").unwrap();
        assert_eq!(text(gzip.finish().unwrap()).unwrap(), "{}");
        let zstd = ruzstd::encoding::compress_to_vec(&b"{}"[..], ruzstd::encoding::CompressionLevel::Fastest);
        assert_eq!(text(zstd.clone()).unwrap(), "{}");
        assert_eq!(text([zstd.clone(), zstd].concat()).unwrap(), "{}{}");
    }

    #[test]
    fn a_broken_stream_and_a_foreign_encoding_say_what_they_are() {
        assert!(matches!(text(vec![0x1f, 0x8b, 8, 0]), Err(Cause::Compression { format: "gzip", .. })));
        assert!(matches!(text(vec![0x28, 0xb5, 0x2f, 0xfd, 1]), Err(Cause::Compression { format: "zstd", .. })));
        assert!(matches!(text(vec![0xff, 0xfe, b'{', 0]), Err(Cause::Utf16)));
        assert!(matches!(text(vec![b'{', 0xff]), Err(Cause::NotUtf8 { offset: 1 })));
    }
}
