use super::*;

/// An answer with one of everything that this API says, in its own order of members.
const ANSWER: &str = r#"{
    "id":"resp_1","object":"response","created_at":1700000000,"status":"completed","error":null,
    "incomplete_details":null,"instructions":"be \u0062rief","max_output_tokens":100,"metadata":{"a":"b"},"model":"m",
    "output":[
        {"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}],
            "encrypted_content":"gAAA=","status":"completed"},
        {"id":"rs_2","type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"c"}]},
        {"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"q"}},
        {"id":"msg_1","type":"message","status":"completed","role":"assistant","phase":"commentary","content":[
            {"type":"output_text","text":"one","annotations":[
                {"type":"url_citation","start_index":0,"end_index":3,"url":"https://a","title":"A"},
                {"type":"file_citation","file_id":"file_1","filename":"f","index":1}],
                "logprobs":[{"token":"one","logprob":-0.10,"bytes":[111],"top_logprobs":[]}]},
            {"type":"output_text","text":"two","annotations":[],"logprobs":[]}]},
        {"id":"msg_2","type":"message","status":"completed","role":"assistant","content":[
            {"type":"refusal","refusal":"no"}]},
        {"id":"fc_1","type":"function_call","status":"completed","call_id":"call_1","name":"f","namespace":"n",
            "arguments":"{\"big\":123456789012345678901234567890, \"b\":1.0}"},
        {"id":"ctc_1","type":"custom_tool_call","status":"completed","call_id":"call_2","name":"patch","input":"*** x\n"},
        {"id":"ig_1","type":"image_generation_call","status":"completed","result":"aWc=","output_format":"webp",
            "size":"1024x1024"}],
    "parallel_tool_calls":false,"previous_response_id":null,"reasoning":{"effort":"low","summary":"auto"},
    "temperature":1.0,"text":{"format":{"type":"text"},"verbosity":"low"},"tool_choice":"auto","tools":[{"type":"web_search"}],
    "top_p":0.98,"truncation":"disabled","service_tier":"flex","store":true,"billing":{"payer":"x"},
    "usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":2,"cache_write_tokens":1},"output_tokens":7,
        "output_tokens_details":{"reasoning_tokens":3},"total_tokens":16,"cost_in_usd_ticks":12}}"#;

#[test]
fn an_answer_is_written_as_it_was_read() {
    let response = read_answer(ANSWER).unwrap();
    let (written, losses) = write_answer(&response, Exchange::default());
    assert_eq!(written, value(ANSWER));
    assert!(losses.is_empty(), "{losses:?}");
}
