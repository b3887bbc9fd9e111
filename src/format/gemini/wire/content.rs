//! What is said: contents and their parts, in requests and answers alike.

use crate::{
    format::object::object,
    json::{Raw, Text},
};

object! {
    /// An element of `contents`, the `content` of a candidate, or `systemInstruction`. Some callers give one part
    /// instead of a list.
    pub(in crate::format::gemini) struct Content<'a> {
        role: Text<'a>,
        parts: Raw<'a>,
    }
}

object! {
    /// A part. It holds one of many things; those that no other format knows are in `extra`.
    pub(in crate::format::gemini) struct Part<'a> {
        text: Text<'a>,
        thought: bool,
        thought_signature = "thoughtSignature" | "thought_signature": Text<'a>,
        inline_data = "inlineData" | "inline_data": Raw<'a>,
        file_data = "fileData" | "file_data": Raw<'a>,
        function_call = "functionCall" | "function_call": FunctionCall<'a>,
        function_response = "functionResponse" | "function_response": FunctionResponse<'a>,
    }
}

object! {
    /// `inlineData`.
    pub(in crate::format::gemini) struct Blob<'a> {
        mime_type = "mimeType" | "mime_type": Text<'a>,
        data: Text<'a>,
    }
}

object! {
    /// `fileData`.
    pub(in crate::format::gemini) struct FileData<'a> {
        mime_type = "mimeType" | "mime_type": Text<'a>,
        file_uri = "fileUri" | "file_uri": Text<'a>,
    }
}

object! {
    /// `functionCall`.
    pub(in crate::format::gemini) struct FunctionCall<'a> {
        id: Text<'a>,
        name: Text<'a>,
        args: Raw<'a>,
    }
}

object! {
    /// `functionResponse`.
    pub(in crate::format::gemini) struct FunctionResponse<'a> {
        id: Text<'a>,
        name: Text<'a>,
        response: Raw<'a>,
        parts: Raw<'a>,
    }
}
