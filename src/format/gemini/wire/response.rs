//! Answers, whole and in pieces. A member of the wrong type must not cost the rest, so that most are read only when
//! they are looked at.

use crate::{
    format::object::object,
    json::{Raw, Text},
};

object! {
    /// `GenerateContentResponse`: an answer, or a piece of one.
    pub(in crate::format::gemini) struct Answer<'a> {
        candidates: Vec<Candidate<'a>>,
        prompt_feedback = "promptFeedback": Raw<'a>,
        usage_metadata = "usageMetadata": Raw<'a>,
        model_version = "modelVersion": Raw<'a>,
        response_id = "responseId": Raw<'a>,
        create_time = "createTime": Raw<'a>,
        error: Raw<'a>,
    }
}

object! {
    /// `Candidate`: one of the answers, or a piece of one.
    pub(in crate::format::gemini) struct Candidate<'a> {
        index: Raw<'a>,
        content: Raw<'a>,
        finish_reason = "finishReason": Raw<'a>,
        finish_message = "finishMessage": Raw<'a>,
        grounding_metadata = "groundingMetadata": Raw<'a>,
        logprobs_result = "logprobsResult": Raw<'a>,
    }
}

object! {
    /// `PromptFeedback`.
    pub(in crate::format::gemini) struct PromptFeedback<'a> {
        block_reason = "blockReason": Text<'a>,
        block_reason_message = "blockReasonMessage": Text<'a>,
    }
}

object! {
    /// `UsageMetadata`.
    pub(in crate::format::gemini) struct Usage<'a> {
        prompt_token_count = "promptTokenCount": Raw<'a>,
        cached_content_token_count = "cachedContentTokenCount": Raw<'a>,
        candidates_token_count = "candidatesTokenCount": Raw<'a>,
        tool_use_prompt_token_count = "toolUsePromptTokenCount": Raw<'a>,
        thoughts_token_count = "thoughtsTokenCount": Raw<'a>,
        total_token_count = "totalTokenCount": Raw<'a>,
    }
}

object! {
    /// What only streams of Vertex AI have in a `functionCall`: its arguments in pieces.
    pub(in crate::format::gemini) struct Continued<'a> {
        partial_args = "partialArgs": Vec<PartialArg<'a>>,
        will_continue = "willContinue": bool,
    }
}

object! {
    /// `PartialArg`: a value, or a piece of a string.
    pub(in crate::format::gemini) struct PartialArg<'a> {
        json_path = "jsonPath": Text<'a>,
        string_value = "stringValue": Text<'a>,
        number_value = "numberValue": Raw<'a>,
        bool_value = "boolValue": Raw<'a>,
    }
}

object! {
    /// `GroundingMetadata`: sources, and what of the answer rests on them.
    pub(in crate::format::gemini) struct Grounding<'a> {
        chunks = "groundingChunks": Vec<GroundingChunk<'a>>,
        supports = "groundingSupports": Vec<GroundingSupport<'a>>,
    }
}

object! {
    /// `GroundingChunk`: a source.
    pub(in crate::format::gemini) struct GroundingChunk<'a> {
        web: Source<'a>,
        retrieved_context = "retrievedContext": Source<'a>,
        maps: Source<'a>,
    }
}

object! {
    /// A web page, a document or a place.
    pub(in crate::format::gemini) struct Source<'a> {
        uri: Text<'a>,
        title: Text<'a>,
        text: Text<'a>,
    }
}

object! {
    /// `GroundingSupport`.
    pub(in crate::format::gemini) struct GroundingSupport<'a> {
        segment: Segment<'a>,
        chunks = "groundingChunkIndices": Vec<Raw<'a>>,
    }
}

object! {
    /// `Segment`: a passage of a part, in bytes of UTF-8.
    pub(in crate::format::gemini) struct Segment<'a> {
        part_index = "partIndex": Raw<'a>,
        start_index = "startIndex": Raw<'a>,
        end_index = "endIndex": Raw<'a>,
        text: Text<'a>,
    }
}

object! {
    /// `LogprobsResult`: the tokens, and for each of them the likeliest ones.
    pub(in crate::format::gemini) struct Logprobs<'a> {
        chosen = "chosenCandidates": Vec<Logprob<'a>>,
        top = "topCandidates": Vec<TopLogprobs<'a>>,
    }
}

object! {
    /// `TopCandidates`.
    pub(in crate::format::gemini) struct TopLogprobs<'a> {
        candidates: Vec<Logprob<'a>>,
    }
}

object! {
    /// `LogprobsResult.Candidate`: a token.
    pub(in crate::format::gemini) struct Logprob<'a> {
        token: Text<'a>,
        log_probability = "logProbability": Raw<'a>,
    }
}

/// The string that `raw` is, if it is one.
pub(in crate::format::gemini) fn text(raw: Option<Raw<'_>>) -> Option<Text<'_>> {
    raw.and_then(Raw::text)
}

/// The whole number that `raw` is, if it is one. Numbers of 64 bits come as strings.
pub(in crate::format::gemini) fn count(raw: Option<Raw<'_>>) -> Option<u64> {
    let raw = raw?;
    match raw.number() {
        Some(number) => number.as_u64(),
        None => raw.text()?.decode().parse().ok(),
    }
}
