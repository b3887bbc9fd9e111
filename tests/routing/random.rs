//! Configurations and requests at random, of so few names that they collide.

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{select, subsequence},
};

use crate::naive::{
    self, Alias, AliasOption, Config, Downstream, FORMATS, Fallback, Format, Output, Refusal,
    Request, Rule, Step,
};

const MODELS: [&str; 6] = ["a", "b", "ab", "abb", "aab", "c"];
const STRANGERS: [&str; 4] = ["d", "ba", "A", "bab"];
const PATTERNS: [&str; 12] = [
    "a*", "ab*", "*b", "a*b", "*", "*", "**", "d*", "re:a.*", "re:a|b", "re:[ab]+", "re:b.|d",
];
const REGEXES: [&str; 4] = ["a.*", "a|b", "[abc]+", "ba?"];
/// With the format of who calls there, if that says it.
const PATHS: [(&str, Option<Format>); 7] = [
    ("/v1/chat/completions", Some("openai")),
    ("/v1/messages", Some("anthropic")),
    ("/v1/responses", Some("openai_responses")),
    ("/v1beta/models/a:generateContent", Some("gemini")),
    ("/team/v1/chat/completions", Some("openai")),
    ("/p", None),
    ("/v1", None),
];
const PATH_PATTERNS: [&str; 9] = [
    "*",
    "*",
    "*",
    "/v1/chat/completions",
    "/v1/messages",
    "/p",
    "/v1/*",
    "*/completions",
    "/v1*s",
];
const IDS: [&str; 5] = ["v", "w", "x", "y", "z"];

fn one_of(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(names).prop_map(str::to_owned)
}

/// Mostly none of the formats.
fn few_formats() -> impl Strategy<Value = Vec<Format>> {
    prop_oneof![
        3 => Just(Vec::new()),
        1 => subsequence(FORMATS.to_vec(), 1..=2),
    ]
}

fn downstream(id: &'static str) -> impl Strategy<Value = Downstream> {
    let models = prop_oneof![
        1 => Just(Vec::new()),
        1 => Just(vec!["*".to_owned()]),
        4 => one_of(&MODELS).prop_map(|model| vec![model]),
        3 => subsequence(MODELS.to_vec(), 2..=3)
            .prop_map(|models| models.into_iter().map(str::to_owned).collect()),
        1 => one_of(&MODELS).prop_map(|model| vec![model, "*".to_owned()]),
    ];
    let formats = prop_oneof![
        1 => Just(Vec::new()),
        9 => subsequence(FORMATS.to_vec(), 1..=3).prop_shuffle(),
    ];
    (prop::bool::weighted(0.9), formats, models).prop_map(move |(enabled, formats, models)| {
        Downstream {
            id: id.to_owned(),
            enabled,
            formats,
            models,
        }
    })
}

/// Translators that can be of use in a chain or to each other, and plugins between them.
fn pipeline() -> impl Strategy<Value = Vec<Step>> {
    let few = vec(select(&FORMATS[..]), 2..=3);
    let plugins = vec(prop::bool::weighted(0.3), 4);
    let translators = prop_oneof![1 => Just(Vec::new()), 2 => few];
    (translators, any::<bool>(), plugins).prop_map(|(formats, twice, plugins)| {
        let pairs = formats.windows(2).filter(|pair| pair[0] != pair[1]);
        let mut translators: Vec<_> = pairs.map(|pair| (pair[0], pair[1])).collect();
        if twice && translators.len() == 1 {
            let (from, to) = translators[0];
            translators.push((to, from));
        }
        let mut translators = translators.into_iter();
        let mut pipeline = Vec::new();
        for plugin in plugins {
            if plugin {
                pipeline.push(Step::Plugin(String::new()));
            }
            if let Some((from, to)) = translators.next() {
                pipeline.push(Step::Translator { from, to });
            }
        }
        pipeline
    })
}

fn models() -> impl Strategy<Value = Option<Vec<String>>> {
    let pattern = prop_oneof![
        1 => one_of(&MODELS),
        1 => one_of(&STRANGERS),
        2 => one_of(&PATTERNS),
    ];
    prop_oneof![
        1 => Just(None),
        4 => pattern.clone().prop_map(|pattern| Some(vec![pattern])),
        1 => vec(pattern, 2..=3).prop_map(Some),
    ]
}

fn output_model() -> impl Strategy<Value = Option<Output>> {
    prop_oneof![
        5 => Just(None),
        1 => Just(Some(Output::Passthrough)),
        1 => one_of(&MODELS).prop_map(|model| Some(Output::Named(model))),
    ]
}

fn fallbacks(ids: Vec<&'static str>) -> impl Strategy<Value = Option<Vec<Fallback>>> {
    let fallback = (select(ids), output_model());
    let fallback = fallback.prop_map(|(downstream, output_model)| Fallback {
        downstream: downstream.to_owned(),
        output_model,
    });
    option::weighted(0.4, vec(fallback, 0..=3))
}

fn rule(ids: Vec<&'static str>) -> impl Strategy<Value = Rule> {
    let most = ids.len().min(3);
    let fallbacks = fallbacks(ids.clone());
    let downstreams = subsequence(ids, 1..=most)
        .prop_map(|ids| ids.into_iter().map(str::to_owned).collect::<Vec<_>>());
    (
        (prop::bool::weighted(0.9), one_of(&PATH_PATTERNS), models()),
        (
            few_formats(),
            few_formats(),
            option::weighted(0.7, downstreams),
        ),
        (output_model(), fallbacks, pipeline()),
    )
        .prop_map(
            |((enabled, path, models), filters, (output_model, fallbacks, pipeline))| {
                let (formats, downstream_formats, downstreams) = filters;
                Rule {
                    id: String::new(),
                    enabled,
                    path,
                    models,
                    formats,
                    downstream_formats,
                    downstreams,
                    output_model,
                    fallbacks,
                    pipeline,
                }
            },
        )
}

fn alias(ids: Vec<&'static str>) -> impl Strategy<Value = Alias> {
    let name = prop_oneof![
        2 => prop_oneof![one_of(&MODELS), one_of(&STRANGERS)].prop_map(|name| (name, false, Vec::new())),
        1 => (one_of(&REGEXES), option::of(select(&MODELS[..]))).prop_map(|(name, announced)| {
            (name, true, announced.into_iter().map(str::to_owned).collect())
        }),
    ];
    let option = (select(ids), one_of(&MODELS));
    let activated = prop_oneof![Just(None), Just(Some(0)), Just(Some(1))];
    (name, vec(option, 1..=2), activated).prop_map(
        |((name, is_regex, announced), options, activated)| {
            let activated = activated.filter(|at| *at < options.len());
            let option = |(downstream, model): (&str, String)| AliasOption {
                id: String::new(),
                downstream: downstream.to_owned(),
                model,
            };
            Alias {
                name,
                is_regex,
                announced,
                options: options.into_iter().map(option).collect(),
                activated,
            }
        },
    )
}

/// Names rules, options and plugins, so that no two have the same.
fn named(mut config: Config) -> Config {
    for (rule_at, rule) in config.rules.iter_mut().enumerate() {
        rule.id = format!("r{rule_at}");
        for (at, step) in rule.pipeline.iter_mut().enumerate() {
            if let Step::Plugin(name) = step {
                *name = format!("r{rule_at}p{at}");
            }
        }
    }
    for (alias_at, alias) in config.aliases.iter_mut().enumerate() {
        for (at, option) in alias.options.iter_mut().enumerate() {
            option.id = format!("a{alias_at}o{at}");
        }
    }
    config
}

/// Mends what can't be built.
fn mended(mut config: Config) -> Config {
    while let Some(refusal) = naive::refusals(&config).pop() {
        let rules = config.rules.iter_mut();
        match refusal {
            Refusal::Unknown(_) => unreachable!("only those that are there are drawn"),
            Refusal::RenamesAll([id, _]) | Refusal::NoName([id, _]) => rules
                .filter(|rule| rule.id == id)
                .for_each(|rule| rule.output_model = Some(Output::Passthrough)),
            Refusal::Inert(id, translator) => rules
                .filter(|rule| rule.id == id)
                .for_each(|rule| rule.pipeline.retain(|step| !step.is(&translator))),
            Refusal::Fallback(id, at) => rules
                .filter(|rule| rule.id == id)
                .flat_map(|rule| &mut rule.fallbacks)
                .for_each(|fallbacks| drop(fallbacks.remove(at))),
            Refusal::Name(name) => config
                .aliases
                .retain(|alias| alias.name != name && !alias.announced.contains(&name)),
        }
    }
    config
}

/// Where a downstream does not say what it speaks, translators mean more than the rules of routing say.
fn without_translators(mut config: Config) -> Config {
    let mut downstreams = config.downstreams.iter();
    if downstreams.any(|downstream| downstream.formats.is_empty()) {
        for rule in &mut config.rules {
            rule.pipeline.retain(|step| matches!(step, Step::Plugin(_)));
        }
    }
    config
}

pub(crate) fn config() -> impl Strategy<Value = Config> {
    let drawn = (1..=IDS.len()).prop_flat_map(|count| {
        let ids = IDS[..count].to_vec();
        let downstreams: Vec<_> = ids.iter().map(|id| downstream(id)).collect();
        (
            downstreams,
            vec(rule(ids.clone()), 0..=8),
            vec(alias(ids), 0..=3),
        )
    });
    let config = drawn.prop_map(|(downstreams, rules, aliases)| {
        without_translators(named(Config {
            downstreams,
            rules,
            aliases,
        }))
    });
    (config, prop::bool::weighted(0.9)).prop_map(
        |(config, mend)| {
            if mend { mended(config) } else { config }
        },
    )
}

pub(crate) fn request() -> impl Strategy<Value = Request> {
    let model = prop_oneof![3 => one_of(&MODELS), 1 => one_of(&STRANGERS)];
    (select(&PATHS[..]), select(&FORMATS[..]), model).prop_map(|((path, of_path), any, model)| {
        Request {
            path: path.to_owned(),
            format: of_path.unwrap_or(any),
            model,
        }
    })
}
