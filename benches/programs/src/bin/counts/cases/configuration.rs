use std::fmt::Write as _;

/// A configuration with 20 rules, of which three match something: `mock-model` passes, `rename-me` passes under another
/// name, `claude-sonnet-4-20250514` is translated.
pub(super) fn configuration() -> String {
    let mut yaml = "
downstreams:
  - {id: openai, api_formats: [openai], base_url: 'http://provider/v1', api_key: key, output_model_ids: [mock-model]}
  - {id: renamed, api_formats: [openai], base_url: 'http://provider/v1', api_key: key, output_model_ids: [another-model]}
  - {id: anthropic, api_formats: [anthropic], base_url: 'http://provider', api_key: key, output_model_ids: [claude-sonnet-4-20250514]}
rules:
  - {id: passes, pattern_model: mock-model, match_downstreams: [openai]}
  - {id: renames, pattern_model: rename-me, match_downstreams: [renamed], output_model: another-model}
  - {id: translates, pattern_path: /v1/chat/completions, pattern_model: claude-sonnet-4-20250514, match_downstreams: [anthropic]}
"
    .to_owned();
    for other in 0..17 {
        let _ = writeln!(
            yaml,
            "  - {{id: other-{other}, pattern_path: /v1/chat/completions, pattern_model: 'other-{other}-*', match_downstreams: [openai]}}"
        );
    }
    yaml
}
