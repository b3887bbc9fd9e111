//! What a routing decision costs, by the number of rules, beside its floor: looking the model up in a hash map.
//!
//! ```sh
//! cargo bench --bench route
//! ```

use std::{collections::HashMap, fmt::Write as _, hint::black_box};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use http::HeaderMap;
use tower_llm_gateway::{
    config::Config,
    format::ApiFormat,
    plugin::Registry,
    router::{Facts, Table},
};

/// A table with this many rules, of which the last one matches `model-N`.
fn table(rules: usize) -> Table {
    let mut yaml = String::from(
        "downstreams:\n- {id: openai, api_formats: [openai], base_url: 'http://127.0.0.1', output_model_ids: [gpt-4o]}\nrules:\n",
    );
    for rule in 0..rules {
        let _ = writeln!(
            yaml,
            "- {{id: rule-{rule}, pattern_path: /v1/chat/completions, pattern_model: model-{rule}, match_downstreams: [openai]}}"
        );
    }
    let config = Config::from_yaml(&yaml).expect("good YAML");
    config
        .build(&Registry::default())
        .expect("a good configuration")
}

fn decide(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decide");
    let headers = HeaderMap::new();
    for rules in [1, 20, 1_000] {
        let table = table(rules);
        let model = format!("model-{}", rules - 1);
        let facts = Facts::new("/v1/chat/completions", ApiFormat::OPENAI, &model, &headers);
        let map: HashMap<String, usize> = (0..rules)
            .map(|rule| (format!("model-{rule}"), rule))
            .collect();
        let count = allocation_counter::measure(|| drop(table.decide(&facts))).count_total;
        println!("decide among {rules} rules: {count} allocations");
        group.bench_with_input(
            BenchmarkId::new("floor", rules),
            &model,
            |bencher, model| {
                bencher.iter(|| map.get(black_box(model)));
            },
        );
        group.bench_with_input(
            BenchmarkId::new("decide", rules),
            &facts,
            |bencher, facts| {
                bencher.iter(|| table.decide(black_box(facts)));
            },
        );
    }
}

criterion_group!(benches, decide);
criterion_main!(benches);
