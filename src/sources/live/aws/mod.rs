//! AWS: credentials and clients by account and region, and one function a call that turns the
//! SDK's answer into the estate's own types, written as the AWS CLI writes them.
//!
//! Lists are read to their last page. A list that broke off is answered as far as it came, with
//! `NextToken` left in it, beside the refusal, so that nobody takes it for the whole. The answer
//! to a question about [`About::Within`](super::About) says so: `"PlauditAsked": [ids]`.
