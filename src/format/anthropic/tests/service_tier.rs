use super::*;

#[test]
fn the_start_of_the_message_tells_the_price_class() {
    let told = |tier: &'static str, exchange: Exchange| {
        let stream = encode_stream_in(
            exchange,
            &[
                Event::ServiceTier(tier.into()),
                Event::Start {
                    id: "1".into(),
                    model: "m".into(),
                    created: None,
                    usage: crate::ir::Usage::default(),
                },
            ],
        );
        let data = stream.lines().find_map(|line| line.strip_prefix("data: "));
        value(data.unwrap())["message"]["usage"]["service_tier"].take()
    };
    assert_eq!(told("priority", Exchange::new(0, 0)), "priority");
    assert_eq!(told("default", Exchange::new(0, 0)), "standard");
    let mut own = Exchange::new(0, 0);
    own.provider = ID;
    assert_eq!(told("batch", own), "batch");
}
