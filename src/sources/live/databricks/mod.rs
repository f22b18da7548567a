//! Databricks: credentials by the rules of unified authentication, tokens, and the account and
//! workspace REST API. Answers stay as the API gives them, but for members that are not needed.
