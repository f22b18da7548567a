//! Text with wildcards and policy variables, as Action, Resource and condition values hold it.
//!
//! Input: the text of one value. Output: whether it matches a text, once its variables are
//! resolved. `*` is any run of characters, `?` is exactly one, `${*}`, `${?}` and `${$}` are
//! those characters themselves, and `${key}` or `${key, 'default'}` is a value of the request.
//!
//! The matcher never returns to a wildcard before the latest one, so it cannot blow up: it
//! takes one pass over inputs like `a*a*a*…`, and in the worst case (one long run after a
//! wildcard that almost matches everywhere) the product of the two lengths.

use std::borrow::Cow;

/// One piece of a pattern: small, because an estate holds millions of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// This character.
    Char(char),
    /// `?`
    One,
    /// `*`
    Any,
    /// `${…}`, which the request replaces, by its number in the pattern.
    Variable(u32),
}

/// A policy variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    /// The condition key in lower case.
    pub(super) key: String,
    /// What stands in for an absent key.
    pub(super) default: Option<String>,
}

/// One value of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    /// As written.
    pub(super) text: String,
    pub(super) tokens: Vec<Token>,
    variables: Vec<Variable>,
}

impl Pattern {
    /// Reads `text`. Variables exist only since version 2012-10-17 of the language; before
    /// that, `${` is text like any other.
    pub(super) fn new(text: &str, variables: bool) -> Self {
        Self::read(text.to_owned(), text, variables)
    }

    /// Reads an action, whose case never matters and which holds no variables.
    pub(super) fn action(text: &str) -> Self {
        Self::read(text.to_owned(), &text.to_ascii_lowercase(), false)
    }

    fn read(text: String, meant: &str, variables: bool) -> Self {
        let mut pattern = Self { text, tokens: Vec::with_capacity(meant.len()), variables: Vec::new() };
        pattern.tokenize(meant, variables);
        pattern
    }

    /// A variable of this pattern.
    pub(super) fn variable(&self, number: u32) -> Option<&Variable> {
        self.variables.get(number as usize)
    }

    /// One, and one more for each variable, which the request may replace by long text.
    pub(super) fn weight(&self) -> usize {
        1 + self.variables.len()
    }

    /// The tokens with each variable replaced by the characters that `value` gives for it.
    pub(super) fn resolve<E>(&self, value: impl Fn(&Variable) -> Result<String, E>) -> Result<Cow<'_, [Token]>, E> {
        if self.variables.is_empty() {
            return Ok(Cow::Borrowed(&self.tokens));
        }
        let mut resolved = Vec::with_capacity(self.tokens.len());
        for token in &self.tokens {
            match token {
                // A wildcard inside the value is a character: the request must not widen a policy.
                Token::Variable(number) => {
                    if let Some(variable) = self.variable(*number) {
                        resolved.extend(value(variable)?.chars().map(Token::Char));
                    }
                }
                other => resolved.push(*other),
            }
        }
        Ok(Cow::Owned(resolved))
    }

    /// Whether everything that `other` can match is matched by this pattern too. Errs to no.
    pub(super) fn covers(&self, other: &Self) -> bool {
        glob(&self.tokens, &other.tokens, |ours, theirs| match ours {
            Token::One => matches!(theirs, Token::One | Token::Char(_)),
            Token::Variable(ours) => {
                matches!(theirs, Token::Variable(theirs) if self.variable(*ours) == other.variable(*theirs))
            }
            same => same == theirs,
        })
    }

    /// Whether it matches every text.
    pub(super) fn is_everything(&self) -> bool {
        is_everything(&self.tokens)
    }
}

/// Whether these tokens match every text: nothing but `*`.
pub(super) fn is_everything(tokens: &[Token]) -> bool {
    !tokens.is_empty() && tokens.iter().all(|token| *token == Token::Any)
}

/// Whether there is a wildcard among these tokens.
pub(super) fn has_wildcard(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| matches!(token, Token::Any | Token::One))
}

/// Whether resolved `tokens` match the whole of `text`.
pub(super) fn matches(tokens: &[Token], text: &str) -> bool {
    let same = |token: &Token, c: &char| match token {
        Token::Char(expected) => expected == c,
        Token::One => true,
        Token::Any | Token::Variable(_) => false,
    };
    // What stands before the first `*` settles most questions without a copy of the text.
    let mut rest = text.chars();
    let wildcard = tokens.iter().position(|token| *token == Token::Any).unwrap_or(tokens.len());
    if !tokens[..wildcard].iter().all(|token| rest.next().is_some_and(|c| same(token, &c))) {
        return false;
    }
    match &tokens[wildcard..] {
        [] => rest.next().is_none(),
        [_] => true,
        tokens => glob(tokens, &rest.collect::<Vec<_>>(), same),
    }
}

/// Whether resolved `tokens` match the ARN `text`, part by part: a wildcard does not reach
/// over a colon, except in the last part. None if the tokens have fewer than six parts.
pub(super) fn matches_arn(tokens: &[Token], text: &str) -> Option<bool> {
    let tokens = arn_parts(tokens)?;
    let text: Vec<&str> = text.splitn(6, ':').collect();
    Some(text.len() == tokens.len() && tokens.iter().zip(text).all(|(tokens, text)| matches(tokens, text)))
}

/// The six parts of an ARN: `arn`, partition, service, region, account, resource.
pub(super) fn arn_parts(tokens: &[Token]) -> Option<Vec<&[Token]>> {
    let parts: Vec<_> = tokens.splitn(6, |token| *token == Token::Char(':')).collect();
    (parts.len() == 6).then_some(parts)
}

/// The characters of tokens in which wildcards stand for themselves.
pub(super) fn literal(tokens: &[Token]) -> String {
    let char = |token: &Token| match token {
        Token::Char(c) => Some(*c),
        Token::One => Some('?'),
        Token::Any => Some('*'),
        Token::Variable(_) => None,
    };
    tokens.iter().filter_map(char).collect()
}

impl Pattern {
    fn tokenize(&mut self, text: &str, variables: bool) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if variables
                && let Some(inner) = rest.strip_prefix("${")
                && let Some((inner, after)) = inner.split_once('}')
            {
                self.add_variable(inner);
                rest = after;
                continue;
            }
            self.tokens.push(match c {
                '*' => Token::Any,
                '?' => Token::One,
                other => Token::Char(other),
            });
            rest = &rest[c.len_utf8()..];
        }
    }

    /// What stands between `${` and `}`.
    fn add_variable(&mut self, inner: &str) {
        let token = match inner {
            "*" => Token::Char('*'),
            "?" => Token::Char('?'),
            "$" => Token::Char('$'),
            _ => Token::Variable(u32::try_from(self.variables.len()).unwrap_or(u32::MAX)),
        };
        if matches!(token, Token::Variable(_)) {
            let (key, default) = match inner.split_once(',') {
                Some((key, default)) => (key, Some(default.trim().trim_matches('\'').to_owned())),
                None => (inner, None),
            };
            self.variables.push(Variable { key: key.trim().to_lowercase(), default });
        }
        self.tokens.push(token);
    }
}

/// Greedy wildcard match; `same` compares a token other than `*` with one item of the text.
fn glob<T>(pattern: &[Token], text: &[T], same: impl Fn(&Token, &T) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to resume after a mismatch: behind the latest `*`, with one more item given to it.
    // An earlier `*` need not be tried again, because the latest can take whatever it would.
    let mut resume: Option<(usize, usize)> = None;
    while let Some(item) = text.get(t) {
        match pattern.get(p) {
            Some(Token::Any) => {
                p += 1;
                if p == pattern.len() {
                    return true;
                }
                resume = Some((p, t));
            }
            Some(token) if same(token, item) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((after, from)) = resume else { return false };
                p = after;
                t = from + 1;
                resume = Some((after, t));
            }
        }
    }
    pattern[p..].iter().all(|token| *token == Token::Any)
}
