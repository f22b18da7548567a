//! The check of an expression at load: every variable, field, function and argument against
//! the tables of facts and functions. CEL itself finds an unknown field only when it meets one;
//! a security rule must not wait for that.
//!
//! Input: a parsed expression and the types of its variables. Output: its type, or the first
//! mistakes with their offsets in the expression. Values of type [`Kind::Any`] are not checked.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, LiteralValue, SourceInfo, operators};

use super::facts::{Kind, Record};
use super::function::{self, FUNCTIONS};
use crate::hint::nearest;

/// Comprehensions within comprehensions: deeper ones grow with the power of the estate.
const DEPTH: usize = 3;

/// A mistake in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Byte range in the expression.
    pub start: usize,
    /// End of the range.
    pub end: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// Checks one expression.
pub struct Checker<'a> {
    source: &'a SourceInfo,
    scope: Vec<(String, Kind)>,
    depth: usize,
    mistakes: Vec<Mistake>,
}

impl<'a> Checker<'a> {
    /// A checker for an expression with these variables.
    pub fn new(source: &'a SourceInfo, variables: Vec<(String, Kind)>) -> Self {
        Self { source, scope: variables, depth: 0, mistakes: Vec::new() }
    }

    /// The type of the expression, or its mistakes.
    pub fn check(mut self, expression: &IdedExpr) -> Result<Kind, Vec<Mistake>> {
        let kind = self.infer(expression);
        if self.mistakes.is_empty() { Ok(kind) } else { Err(self.mistakes) }
    }

    fn mistake(&mut self, at: &IdedExpr, message: String, help: Option<String>) -> Kind {
        let (start, end) = self.source.offset_for(at.id).unwrap_or((0, 0));
        let (start, end) = (start as usize, (end as usize).max(start as usize) + 1);
        self.mistakes.push(Mistake { start, end, message, help });
        Kind::Any
    }

    fn infer(&mut self, expression: &IdedExpr) -> Kind {
        match &expression.expr {
            Expr::Literal(literal) => match literal {
                LiteralValue::Boolean(_) => Kind::Bool,
                LiteralValue::Int(_) | LiteralValue::UInt(_) => Kind::Int,
                LiteralValue::String(_) => Kind::Text,
                LiteralValue::Null => Kind::Null,
                LiteralValue::Bytes(_) | LiteralValue::Double(_) => Kind::Any,
            },
            Expr::Ident(name) => self.variable(expression, name),
            Expr::Select(select) => {
                let operand = self.infer(&select.operand);
                if select.test {
                    return self.mistake(
                        expression,
                        "has() turns missing evidence into false".to_owned(),
                        Some("compare with null instead".to_owned()),
                    );
                }
                self.field(expression, operand, &select.field)
            }
            Expr::List(list) => {
                let mut kinds: Vec<Kind> = list.elements.iter().map(|element| self.infer(element)).collect();
                kinds.dedup();
                match kinds.as_slice() {
                    [Kind::Text] => super::facts::TEXTS,
                    [Kind::Int] => Kind::List(&Kind::Int),
                    _ => Kind::List(&Kind::Any),
                }
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.infer(&entry.key);
                        self.infer(&entry.value);
                    }
                }
                Kind::Map
            }
            Expr::Call(call) => self.call(expression, call),
            Expr::Comprehension(comprehension) => self.comprehension(expression, comprehension),
            Expr::Struct(_) | Expr::Unspecified => self.mistake(expression, "rules build no messages".to_owned(), None),
        }
    }

    fn variable(&mut self, at: &IdedExpr, name: &str) -> Kind {
        if let Some((_, kind)) = self.scope.iter().rev().find(|(known, _)| known == name) {
            return *kind;
        }
        let known: Vec<String> =
            self.scope.iter().map(|(name, _)| name.clone()).filter(|name| !name.starts_with('@')).collect();
        let help = nearest(name, known.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
        self.mistake(at, format!("unknown name `{name}`"), help)
    }

    fn field(&mut self, at: &IdedExpr, operand: Kind, name: &str) -> Kind {
        match operand {
            Kind::Any | Kind::Map => Kind::Any,
            Kind::Record(record) => match record.schema().field(name) {
                Some(field) => field.kind,
                None => {
                    let schema = record.schema();
                    let near = nearest(name, schema.fields.iter().map(|field| field.name));
                    let help = near.map_or_else(
                        || format!("`plaudit rules schema` lists the fields of {}", schema.name),
                        |near| format!("did you mean `{near}`?"),
                    );
                    self.mistake(at, format!("{} has no field `{name}`", schema.name), Some(help))
                }
            },
            other => self.mistake(at, format!("{} has no fields, so no `{name}`", describe(other)), None),
        }
    }

    fn call(&mut self, at: &IdedExpr, call: &CallExpr) -> Kind {
        let receiver = call.target.as_ref().map(|target| self.infer(target));
        let arguments: Vec<Kind> = call.args.iter().map(|argument| self.infer(argument)).collect();
        match (call.func_name.as_str(), arguments.as_slice()) {
            (operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT, kinds) => {
                for (argument, kind) in call.args.iter().zip(kinds) {
                    if !matches!(kind, Kind::Bool | Kind::Any) {
                        self.mistake(argument, format!("{} is no truth value", describe(*kind)), None);
                    }
                }
                Kind::Bool
            }
            (operators::NOT_STRICTLY_FALSE, _) => Kind::Bool,
            (operators::CONDITIONAL, [condition, yes, no]) => {
                if !matches!(condition, Kind::Bool | Kind::Any) {
                    self.mistake(at, format!("{} is no truth value", describe(*condition)), None);
                }
                if yes == no { *yes } else { Kind::Any }
            }
            (operators::EQUALS | operators::NOT_EQUALS, [left, right]) => {
                let comparable =
                    left == right || [*left, *right].iter().any(|kind| matches!(kind, Kind::Any | Kind::Null));
                let lists = matches!((left, right), (Kind::List(_), Kind::List(_)));
                if !comparable && !lists {
                    self.mistake(at, format!("{} never equals {}", describe(*left), describe(*right)), None);
                }
                Kind::Bool
            }
            (
                operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
                [left, right],
            ) => {
                if left != right && ![*left, *right].contains(&Kind::Any) {
                    self.mistake(at, format!("{} is not comparable with {}", describe(*left), describe(*right)), None);
                }
                Kind::Bool
            }
            (operators::IN, [left, right]) => {
                match right {
                    Kind::List(element) if **element == *left || **element == Kind::Any || *left == Kind::Any => {}
                    Kind::Any | Kind::Map => {}
                    other => {
                        self.mistake(at, format!("{} is never in {}", describe(*left), describe(*other)), None);
                    }
                }
                Kind::Bool
            }
            (operators::ADD, [left, right]) => match (left, right) {
                (Kind::List(_), Kind::List(_)) | (Kind::Text, Kind::Text) | (Kind::Int, Kind::Int) => *left,
                (Kind::Any, _) | (_, Kind::Any) => Kind::Any,
                _ => self.mistake(at, format!("{} does not add to {}", describe(*left), describe(*right)), None),
            },
            (
                operators::SUBSTRACT | operators::MULTIPLY | operators::DIVIDE | operators::MODULO | operators::NEGATE,
                _,
            ) => Kind::Int,
            (operators::INDEX, [Kind::List(element), _]) => **element,
            (operators::INDEX, _) => Kind::Any,
            (name, _) => self.function(at, name, receiver, call, &arguments),
        }
    }

    fn function(
        &mut self,
        at: &IdedExpr,
        name: &str,
        receiver: Option<Kind>,
        call: &CallExpr,
        arguments: &[Kind],
    ) -> Kind {
        // CEL's own
        match (name, receiver, arguments) {
            ("size", None, [Kind::List(_) | Kind::Text | Kind::Map | Kind::Any]) => return Kind::Int,
            ("size", Some(Kind::List(_) | Kind::Text | Kind::Any), []) => return Kind::Int,
            (
                "startsWith" | "endsWith" | "contains" | "matches",
                Some(Kind::Text | Kind::Any),
                [Kind::Text | Kind::Any],
            ) => return Kind::Bool,
            ("string", None, [_]) => return Kind::Text,
            ("int", None, [_]) => return Kind::Int,
            _ => {}
        }
        let record = match receiver {
            Some(Kind::Record(record)) => Some(record),
            Some(Kind::Any) => return Kind::Any,
            Some(other) => {
                return self.mistake(
                    at,
                    format!("{} has no function `{name}` for these arguments", describe(other)),
                    None,
                );
            }
            None => None,
        };
        let Some(function) = function::find(name, record) else {
            let known = FUNCTIONS.iter().filter(|function| function.receiver == record).map(|function| function.name);
            let help = nearest(name, known.chain(["size"])).map(|near| format!("did you mean `{near}`?"));
            let what = record.map_or_else(
                || "unknown function".to_owned(),
                |record| format!("{} has no function", record.schema().name),
            );
            return self.mistake(at, format!("{what} `{name}`"), help);
        };
        let signature = || {
            let parameters: Vec<String> =
                function.parameters.iter().map(|(name, kind)| format!("{name}: {}", describe(*kind))).collect();
            Some(format!("{name}({})", parameters.join(", ")))
        };
        if arguments.len() != function.parameters.len() {
            return self.mistake(
                at,
                format!("`{name}` takes {} arguments, not {}", function.parameters.len(), arguments.len()),
                signature(),
            );
        }
        for ((argument, kind), (parameter, expected)) in call.args.iter().zip(arguments).zip(function.parameters) {
            let fits = kind == expected
                || [*kind, *expected].contains(&Kind::Any)
                || matches!((kind, expected), (Kind::List(Kind::Any), Kind::List(_)));
            if !fits {
                self.mistake(
                    argument,
                    format!("`{parameter}` is {}, not {}", describe(*expected), describe(*kind)),
                    signature(),
                );
            }
            self.literal(argument, parameter);
        }
        function.result
    }

    /// Words that a function knows: a misspelt one would fall back to something else in silence.
    fn literal(&mut self, argument: &IdedExpr, parameter: &str) {
        let known: &[&str] = match parameter {
            "direction" => &["ingress", "egress"],
            "protocol" => &["tcp", "udp"],
            _ => return,
        };
        match &argument.expr {
            Expr::Literal(LiteralValue::String(text)) if known.contains(&text.inner()) => {}
            _ => {
                self.mistake(argument, format!("`{parameter}` is one of {}", known.join(", ")), None);
            }
        }
    }

    fn comprehension(&mut self, at: &IdedExpr, comprehension: &ComprehensionExpr) -> Kind {
        let range = self.infer(&comprehension.iter_range);
        let element = match range {
            Kind::List(element) => *element,
            Kind::Any | Kind::Map => Kind::Any,
            other => return self.mistake(&comprehension.iter_range, format!("{} is no list", describe(other)), None),
        };
        self.depth += 1;
        if self.depth > DEPTH {
            self.mistake(
                at,
                format!("more than {DEPTH} nested walks; the cost grows with their power"),
                Some("add a fact or a function instead".to_owned()),
            );
        }
        let accumulator = self.infer(&comprehension.accu_init);
        self.scope.push((comprehension.iter_var.clone(), element));
        self.scope.push((comprehension.accu_var.clone(), Kind::Any));
        let step = self.infer(&comprehension.loop_step);
        self.infer(&comprehension.result);
        self.scope.truncate(self.scope.len() - 2);
        self.depth -= 1;
        match accumulator {
            // map and filter collect into a list; its elements are what the step appends
            Kind::List(_) => appended(&comprehension.loop_step).map_or(Kind::List(&Kind::Any), |appended| {
                self.scope.push((comprehension.iter_var.clone(), element));
                self.scope.push((comprehension.accu_var.clone(), Kind::Any));
                let mistakes = self.mistakes.len();
                let kind = self.infer(appended);
                self.mistakes.truncate(mistakes);
                self.scope.truncate(self.scope.len() - 2);
                list_of(kind)
            }),
            Kind::Bool => Kind::Bool,
            _ => step,
        }
    }
}

/// The element that a `map` or `filter` step appends.
fn appended(step: &IdedExpr) -> Option<&IdedExpr> {
    let Expr::Call(call) = &step.expr else { return None };
    match (call.func_name.as_str(), call.args.as_slice()) {
        (operators::ADD, [_, list]) => match &list.expr {
            Expr::List(list) => list.elements.first(),
            _ => None,
        },
        (operators::CONDITIONAL, [_, yes, _]) => appended(yes),
        _ => None,
    }
}

fn list_of(kind: Kind) -> Kind {
    macro_rules! record_lists {
        ($record:expr; $($variant:ident)*) => {
            match $record { $(Record::$variant => Kind::List(&Kind::Record(Record::$variant)),)* }
        };
    }
    match kind {
        Kind::Bool => Kind::List(&Kind::Bool),
        Kind::Int => Kind::List(&Kind::Int),
        Kind::Text => Kind::List(&Kind::Text),
        Kind::Record(record) => record_lists!(record;
            Account Workspace Network Registration PrivateAccessSettings Vpc Subnet RouteTable Route SecurityGroup
            Permission NetworkAcl NatGateway Peering TransitGateway TransitAttachment VpcEndpoint EndpointService
            HostedZone DnsRecord ResolverEndpoint Instance Cluster Warehouse KeyConfiguration Bucket Role FlowLog
            IpAccessList LogDelivery Ncc NccRule NetworkPolicy RequiredPath Exposure
            Gap),
        Kind::List(_) | Kind::Map | Kind::Null | Kind::Any => Kind::List(&Kind::Any),
    }
}

/// A type in words.
pub fn describe(kind: Kind) -> String {
    match kind {
        Kind::Bool => "a truth value".to_owned(),
        Kind::Int => "a number".to_owned(),
        Kind::Text => "a text".to_owned(),
        Kind::Record(record) => format!("a {}", record.schema().name),
        Kind::List(element) => match element {
            Kind::Text => "a list of texts".to_owned(),
            Kind::Int => "a list of numbers".to_owned(),
            Kind::Record(record) => format!("a list of {}", record.schema().name),
            _ => "a list".to_owned(),
        },
        Kind::Map => "a map".to_owned(),
        Kind::Null => "null".to_owned(),
        Kind::Any => "a value".to_owned(),
    }
}
