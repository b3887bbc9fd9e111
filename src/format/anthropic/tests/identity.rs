use super::*;

/// A request with everything, as the encoder orders it.
const REQUEST: &str = r#"{"model":"claude-opus-5","max_tokens":4096,"stream":true,"temperature":0.50,"top_p":0.9,"top_k":5,"stop_sequences":["a","\u00e9"],"metadata":{"user_id":"a@b.c","trace":"t"},"service_tier":"auto","thinking":{"type":"adaptive","display":"omitted"},"output_config":{"effort":"max","format":{"type":"json_schema","schema":{"type":"object","minimum":1.0},"name":"n"},"task_budget":{"tokens":5}},"cache_control":{"type":"ephemeral","ttl":"1h"},"container":"c","mcp_servers":[{"url":"u"}],"foo":18446744073709551616,"tools":[{"type":"custom","name":"f","description":"d","input_schema":{"z":1,"type":"object"},"strict":false,"defer_loading":true,"cache_control":{"type":"ephemeral"}},{"type":"web_search_20260318","name":"web_search"}],"tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":false},"system":[{"type":"text","text":"x-anthropic-billing-header: 1"},{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"5m"}}],"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},{"type":"image","source":{"type":"file","file_id":"f"},"odd":1},{"type":"document","source":{"type":"content","content":"c"},"title":"t","context":"x","citations":{"enabled":true}},{"type":"search_result","source":"u","content":[{"type":"text","text":"r"}],"title":"T"},{"type":"text","text":"\ud83d\ude00q"},{"type":"container_upload","file_id":"f"}]},{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"sig=="},{"type":"redacted_thinking","data":"blob"},{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}},{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[]},{"type":"text","text":"a","citations":[{"type":"web_search_result_location","url":"u","encrypted_index":"e"}]},{"type":"tool_use","id":"toolu_1","name":"f","input":{"n":12345678901234567890.50},"caller":{"type":"direct"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","is_error":true,"content":[{"type":"text","text":"x"},{"type":"tool_reference","tool_name":"f"}],"odd":null},{"type":"tomorrow","x":1}]},{"role":"system","content":"now"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]}"#;

#[test]
fn a_request_comes_out_as_it_went_in() {
    let written = write(&read(REQUEST).unwrap()).unwrap();
    assert_eq!(written.json, value(REQUEST));
    assert!(written.losses.is_empty(), "{:?}", written.losses);
    for spelling in [
        "0.50",
        "\\u00e9",
        "18446744073709551616",
        "\\ud83d\\ude00q",
        "12345678901234567890.50",
        "{\"z\":1,\"type\"",
    ] {
        assert!(written.text.contains(spelling), "{spelling}");
    }
}

const RESPONSE: &str = r#"{"id":"msg_01","type":"message","role":"assistant","model":"claude-opus-5","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"text","text":"a","citations":[{"type":"char_location","cited_text":"c","document_index":0}],"odd":1},{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{"q":1}},{"type":"tool_use","id":"toolu_1","name":"f","input":{"big":123456789012345678901234567890},"caller":{"type":"direct"}},{"type":"tomorrow"}],"stop_reason":"refusal","stop_sequence":null,"stop_details":{"type":"refusal","category":"cyber","explanation":"no"},"usage":{"input_tokens":1,"cache_creation_input_tokens":5,"cache_read_input_tokens":3,"output_tokens":4,"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":3},"output_tokens_details":{"thinking_tokens":2},"server_tool_use":{"web_search_requests":1},"inference_geo":"eu","service_tier":"priority"},"container":{"id":"c"}}"#;

#[test]
fn an_answer_comes_out_as_it_went_in() {
    let mut out = BytesMut::new();
    let response = Anthropic.decode_response(RESPONSE.as_bytes()).unwrap();
    let mut exchange = Exchange::new(0, 0);
    Anthropic
        .encode_response(&response, &mut exchange, &mut out)
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&out), RESPONSE);
    assert!(exchange.losses.is_empty());
}

/// A stream with everything that the neutral events can say.
fn stream() -> String {
    sse_of(&[
        r#"{"type":"message_start","message":{"id":"msg_01","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":8,"cache_read_input_tokens":4,"output_tokens":1}}}"#,
        r#"{"type":"ping"}"#,
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s=="}}"#,
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"blob"}}"#,
        r#"{"type":"content_block_stop","index":1}"#,
        r#"{"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"\u00e9\n😀"}}"#,
        r#"{"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{"type":"page_location","x":1.0}}}"#,
        r#"{"type":"content_block_stop","index":2}"#,
        r#"{"type":"content_block_start","index":3,"content_block":{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}}}"#,
        r#"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{}"}}"#,
        r#"{"type":"content_block_stop","index":3}"#,
        r#"{"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}}"#,
        r#"{"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}"#,
        r#"{"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":" 1}"}}"#,
        r#"{"type":"content_block_stop","index":4}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"tomorrow","stop_sequence":null,"stop_details":{"type":"odd"}},"usage":{"input_tokens":8,"cache_read_input_tokens":4,"output_tokens":9}}"#,
        r#"{"type":"message_stop"}"#,
    ])
}

fn through(pieces: &[&[u8]]) -> String {
    let mut exchange = Exchange::new(0, 0);
    exchange.provider = ID;
    let mut encoder = Anthropic.stream_encoder(Arc::new(exchange));
    let mut decoder = Anthropic.stream_decoder();
    let mut parser = sse::Parser::new(1 << 20);
    let mut out = BytesMut::new();
    let mut sink = |event: Event<'_>| encoder.event(&event, &mut out);
    for piece in pieces {
        parser.push(piece);
        while let Some(item) = parser.next().unwrap() {
            decoder.item(item, &mut sink);
        }
    }
    decoder.finish(StreamEnd::Clean, &mut sink);
    String::from_utf8(out.to_vec()).unwrap()
}

#[test]
fn a_stream_comes_out_as_it_went_in() {
    assert_eq!(through(&[stream().as_bytes()]), stream());
}

#[test]
fn trap_104_a_stream_is_the_same_however_it_is_cut() {
    let stream = stream();
    for at in 0..stream.len() {
        let (head, tail) = stream.as_bytes().split_at(at);
        assert_eq!(through(&[head, tail]), stream, "cut at {at}");
    }
    let bytes: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
    assert_eq!(through(&bytes), stream);
    assert_eq!(through(&[stream.replace('\n', "\r\n").as_bytes()]), stream);
}
