//! `generateContent` and `countTokens`, asked.

use crate::{
    format::object::object,
    json::{Number, Raw, Text},
};

object! {
    /// The body of both. `countTokens` may have all but the contents in an object of its own.
    pub(in crate::format::gemini) struct Request<'a> {
        model: Text<'a>,
        contents: Raw<'a>,
        system_instruction = "systemInstruction" | "system_instruction": Raw<'a>,
        tools: Raw<'a>,
        tool_config = "toolConfig" | "tool_config": Raw<'a>,
        generation_config = "generationConfig" | "generation_config": Raw<'a>,
        labels: Raw<'a>,
        service_tier = "serviceTier" | "service_tier": Text<'a>,
        store: bool,
        generate_content_request = "generateContentRequest" | "generate_content_request": Raw<'a>,
    }
}

object! {
    /// `generationConfig`.
    pub(in crate::format::gemini) struct GenerationConfig<'a> {
        temperature: Number<'a>,
        top_p = "topP" | "top_p": Number<'a>,
        top_k = "topK" | "top_k": Number<'a>,
        max_output_tokens = "maxOutputTokens" | "max_output_tokens": Number<'a>,
        candidate_count = "candidateCount" | "candidate_count": Number<'a>,
        stop_sequences = "stopSequences" | "stop_sequences": Vec<Text<'a>>,
        seed: Number<'a>,
        frequency_penalty = "frequencyPenalty" | "frequency_penalty": Number<'a>,
        presence_penalty = "presencePenalty" | "presence_penalty": Number<'a>,
        response_logprobs = "responseLogprobs" | "response_logprobs": bool,
        logprobs: Number<'a>,
        response_mime_type = "responseMimeType" | "response_mime_type": Text<'a>,
        response_schema = "responseSchema" | "response_schema": Raw<'a>,
        response_json_schema = "responseJsonSchema" | "response_json_schema" | "_responseJsonSchema": Raw<'a>,
        response_format = "responseFormat" | "response_format": Raw<'a>,
        response_modalities = "responseModalities" | "response_modalities": Raw<'a>,
        thinking_config = "thinkingConfig" | "thinking_config": Raw<'a>,
    }
}

object! {
    /// `generationConfig.thinkingConfig`.
    pub(in crate::format::gemini) struct ThinkingConfig<'a> {
        include_thoughts = "includeThoughts" | "include_thoughts": bool,
        thinking_budget = "thinkingBudget" | "thinking_budget": Raw<'a>,
        thinking_level = "thinkingLevel" | "thinking_level": Raw<'a>,
    }
}

object! {
    /// An element of `generationConfig.responseFormat`.
    pub(in crate::format::gemini) struct ResponseFormat<'a> {
        text: TextFormat<'a>,
    }
}

object! {
    /// Its `text`.
    pub(in crate::format::gemini) struct TextFormat<'a> {
        mime_type = "mimeType" | "mime_type": Text<'a>,
        schema: Raw<'a>,
    }
}

object! {
    /// An element of `tools`, for its functions. What the provider would run is in `extra`.
    pub(in crate::format::gemini) struct Tool<'a> {
        function_declarations = "functionDeclarations" | "function_declarations": Vec<Raw<'a>>,
    }
}

object! {
    /// An element of `functionDeclarations`.
    pub(in crate::format::gemini) struct Declaration<'a> {
        name: Text<'a>,
        description: Text<'a>,
        parameters: Raw<'a>,
        parameters_json_schema = "parametersJsonSchema" | "parameters_json_schema": Raw<'a>,
    }
}

object! {
    /// `googleSearch`.
    pub(in crate::format::gemini) struct GoogleSearch<'a> {
        exclude_domains = "excludeDomains" | "exclude_domains": Vec<Text<'a>>,
    }
}

object! {
    /// `toolConfig`.
    pub(in crate::format::gemini) struct ToolConfig<'a> {
        function_calling_config = "functionCallingConfig" | "function_calling_config": FunctionCallingConfig<'a>,
    }
}

object! {
    /// `toolConfig.functionCallingConfig`.
    pub(in crate::format::gemini) struct FunctionCallingConfig<'a> {
        mode: Text<'a>,
        allowed_function_names = "allowedFunctionNames" | "allowed_function_names": Vec<Text<'a>>,
    }
}

object! {
    /// The `response` of a function, as far as it says something to others.
    pub(in crate::format::gemini) struct Outcome<'a> {
        output: Raw<'a>,
        result: Raw<'a>,
        error: Raw<'a>,
    }
}

object! {
    /// An element of the `parts` of a `functionResponse`.
    pub(in crate::format::gemini) struct ResultPart<'a> {
        inline_data = "inlineData" | "inline_data": Raw<'a>,
        file_data = "fileData" | "file_data": Raw<'a>,
    }
}

object! {
    /// What `countTokens` answers.
    pub(in crate::format::gemini) struct Count<'a> {
        total_tokens = "totalTokens" | "total_tokens": Number<'a>,
    }
}

object! {
    /// Any object, for its members in order.
    pub(in crate::format::gemini) struct Members<'a> {}
}
