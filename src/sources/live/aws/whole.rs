//! Whether a body came whole. The SDK's XML reader takes one that breaks off for a shorter
//! list; a list that lost its end would pass for the whole.

use aws_sdk_ec2::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_ec2::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ec2::error::BoxError;

/// Refuses answers in XML whose root element is not closed.
#[derive(Debug)]
pub(super) struct WholeBody;

/// What is said of such a body.
pub(super) const BROKEN_OFF: &str = "the answer broke off";

impl Intercept for WholeBody {
    fn name(&self) -> &'static str {
        "WholeBody"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let whole = context.response().body().bytes().is_none_or(is_whole);
        if whole { Ok(()) } else { Err(BROKEN_OFF.into()) }
    }
}

/// Whether the root element of an XML text is closed; what is no XML is left to its reader.
pub(super) fn is_whole(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    if !body.starts_with(b"<") {
        return true;
    }
    let Some(root) = body.windows(2).position(|two| two[0] == b'<' && !matches!(two[1], b'?' | b'!')) else {
        return false;
    };
    let root = &body[root + 1..];
    let name = root.iter().take_while(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'>' | b'/')).count();
    let closed = body.strip_suffix(b">").map(<[u8]>::trim_ascii_end);
    let alone = || root.ends_with(b"/>") && !root.contains(&b'<');
    alone() || closed.is_some_and(|body| body.strip_suffix(&root[..name]).is_some_and(|body| body.ends_with(b"</")))
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn a_body_is_whole_when_its_root_is_closed() {
        for whole in [
            "",
            "{\"a\":",
            "<A/>",
            "<?xml version=\"1.0\"?>\n<!-- c -->\n<A xmlns=\"x\"><B/></A>\n",
            "<A></A >",
            "<L xmlns=\"x\"/>",
        ] {
            assert!(is_whole(whole.as_bytes()), "{whole}");
        }
        for broken in ["<", "<?xml version=\"1.0\"?>", "<A", "<A>", "<A><B/>", "<A><B></B>", "<A><B></B></", "<A><B>x"]
        {
            assert!(!is_whole(broken.as_bytes()), "{broken}");
        }
    }
}
