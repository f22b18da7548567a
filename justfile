# What CI does, in pieces. `just --list` shows them.

# format, lints, tests, docs: everything before a push
check: fmt clippy test docs

# format the code
fmt:
    cargo fmt --all

# lints, warnings denied
clippy:
    cargo clippy --all-targets --locked -- -D warnings
    cargo clippy --all-targets --locked --features live -- -D warnings

# all tests, those inside the rules included
test:
    cargo test --locked --features live

# all but those of live collection, which build AWS's SDK
test-offline:
    cargo test --locked

# tests inside the rule files, and their mutants
rules:
    cargo run --quiet -- rules test

# write what is generated: rule catalogue, vocabulary, schemas, command line reference
generate:
    PLAUDIT_WRITE_GENERATED=1 cargo test --locked --test it generated

# API documentation, broken links denied
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked

# the audit against a bare JSON parse
bench:
    cargo bench --bench audit

# what collecting costs beside the AWS CLI and boto3
bench-collect:
    cargo build --release --locked --features live
    python3 benches/collect.py target/release/plaudit
