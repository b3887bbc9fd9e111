const WORDS: &[&str] = &[
    "the",
    "request",
    "fn main() {\n",
    "let x = \"value\";\n",
    "router",
    "translate",
    "of",
    "a",
    "stream",
    "é",
    "→",
    "if",
    "return",
    "error",
    "tokens",
    "model",
    "while",
    "and",
    "config.yaml",
    "path\\to\\file",
    "\t",
    "user",
];

/// Prose and code of about this length, the same for the same seed.
pub(super) fn text(seed: u64, length: usize) -> String {
    let mut state = seed.wrapping_mul(2_654_435_761) + 1;
    let mut text = String::with_capacity(length + 16);
    while text.len() < length {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let word = (state >> 33) as usize % WORDS.len();
        text.push_str(WORDS[word]);
        text.push(' ');
    }
    text
}

/// So many deltas of a few words each.
pub(super) fn deltas(count: u64) -> Vec<String> {
    (0..count).map(|delta| text(delta, 12)).collect()
}
