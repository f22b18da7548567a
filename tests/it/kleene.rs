//! CEL's three-valued logic, which the promise "missing evidence never passes" stands on. A new
//! version of the `cel` crate cannot change it unseen.

use cel::{Context, ExecutionError, Program, Value};

/// What an expression over `t`, `f`, and `u()` (an error, as missing evidence raises) gives.
fn outcome(expression: &str) -> &'static str {
    let mut context = Context::default();
    context.add_variable_from_value("t", true);
    context.add_variable_from_value("f", false);
    let unknown = || -> Result<bool, ExecutionError> {
        Err(ExecutionError::FunctionError { function: "evidence".to_owned(), message: "missing".to_owned() })
    };
    context.add_function("u", unknown).unwrap();
    match Program::compile(expression).unwrap().execute(&context) {
        Ok(Value::Bool(true)) => "true",
        Ok(Value::Bool(false)) => "false",
        Err(ExecutionError::FunctionError { function, .. }) if function == "evidence" => "unknown",
        other => panic!("{expression}: {other:?}"),
    }
}

#[test]
fn conjunction_and_disjunction_absorb_what_cannot_matter() {
    for (expression, expected) in [
        ("t && u()", "unknown"),
        ("u() && t", "unknown"),
        ("f && u()", "false"),
        ("u() && f", "false"),
        ("u() && u()", "unknown"),
        ("t || u()", "true"),
        ("u() || t", "true"),
        ("f || u()", "unknown"),
        ("u() || f", "unknown"),
        ("u() || u()", "unknown"),
        ("!u()", "unknown"),
        ("!(t && u())", "unknown"),
        ("u() ? t : t", "unknown"),
        ("t ? t : u()", "true"),
        ("u() == true", "unknown"),
        ("(u() && f) || t", "true"),
    ] {
        assert_eq!(outcome(expression), expected, "{expression}");
    }
}

#[test]
fn all_and_exists_absorb_over_the_elements() {
    for (expression, expected) in [
        ("[1, 2].all(i, i > 5 && u())", "false"),
        ("[1, 2].all(i, i == 1 ? u() : f)", "false"),
        ("[2, 1].all(i, i == 1 ? u() : f)", "false"),
        ("[1, 2].all(i, i == 1 ? u() : t)", "unknown"),
        ("[1, 2].exists(i, i == 1 ? u() : t)", "true"),
        ("[2, 1].exists(i, i == 1 ? u() : t)", "true"),
        ("[1, 2].exists(i, i == 1 ? u() : f)", "unknown"),
        ("[].all(i, u())", "true"),
        ("[].exists(i, u())", "false"),
    ] {
        assert_eq!(outcome(expression), expected, "{expression}");
    }
}

#[test]
fn filter_map_and_size_do_not_absorb() {
    for expression in [
        "[1, 2].filter(i, i == 1 ? u() : t) == [2]",
        "[1, 2].map(i, i == 1 ? u() : t) == [true]",
        "size([1, 2].filter(i, u())) == 0",
        "[u()] == [true]",
        "u() in [true, false]",
    ] {
        assert_eq!(outcome(expression), "unknown", "{expression}");
    }
}
