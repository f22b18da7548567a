//! The policy as Terraform: a policy document and the managed policy that holds it.

use std::fmt::Write as _;

use super::{Holder, Statement};

/// The configuration, in the layout of `terraform fmt`.
pub fn terraform(holder: &Holder) -> String {
    let name = holder.name();
    let label = name.replace('-', "_");
    let mut text = format!("data \"aws_iam_policy_document\" \"{label}\" {{\n");
    for (index, statement) in holder.statements().iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        block(&mut text, statement);
    }
    let _ = write!(
        text,
        "}}\n\nresource \"aws_iam_policy\" \"{label}\" {{\n  name        = \"{name}\"\n  description = \"{}\"\n  policy      = data.aws_iam_policy_document.{label}.json\n}}\n",
        match holder {
            Holder::Account => "What plaudit collect reads",
            Holder::Hub { .. } => "Where plaudit collect goes",
        }
    );
    text
}

fn block(text: &mut String, statement: &Statement) {
    let _ =
        write!(text, "  statement {{\n    sid    = \"{}\"\n    effect = \"Allow\"\n\n    actions = [\n", statement.sid);
    for action in &statement.actions {
        let _ = writeln!(text, "      \"{action}\",");
    }
    let _ = write!(text, "    ]\n\n    resources = [\"{}\"]\n  }}\n", statement.resource);
}
