//! Prose and code, with quotes, newlines, backslashes and letters beyond ASCII.

const WORDS: [&str; 23] = [
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
    "assert_eq!(a, b);\n",
    "user",
];

/// About so many bytes, the same for the same seed.
pub(super) fn text(seed: usize, bytes: usize) -> String {
    let mut state = (seed as u64).wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut text = String::with_capacity(bytes + 24);
    while text.len() < bytes {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let word = usize::try_from(state >> 33).unwrap_or_default() % WORDS.len();
        text.push_str(WORDS.get(word).copied().unwrap_or_default());
        text.push(' ');
    }
    text
}
