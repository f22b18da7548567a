//! plaudit
pub mod engine;
pub mod estate;
pub mod finding;
pub mod reach;
pub mod report;
pub mod sources;
