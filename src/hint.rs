//! "Did you mean": the nearest known word, for hints in errors.

/// The candidate that `word` was probably meant to be; none when all are far off.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = candidates.into_iter().map(|candidate| (distance(word, candidate), candidate));
    let best = scored.min()?;
    (best.0 <= word.chars().count().max(3) / 2).then_some(best.1)
}

/// Levenshtein distance, enough for a hint.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_near_miss_is_suggested_and_a_far_one_is_not() {
        assert_eq!(nearest("subnts", ["subnets", "vpc", "name"]), Some("subnets"));
        assert_eq!(nearest("zzzzzz", ["subnets", "vpc", "name"]), None);
    }
}
