use http::{HeaderMap, header::CONTENT_TYPE};

use super::{Operation, multipart::Boundary};

/// What kind of body a request has, and so where in it a model may be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    /// In the member `model`.
    Json,
    /// In the field `model`.
    Form(Boundary),
    /// Nowhere.
    Opaque,
}

impl Content {
    /// Of a request with these headers. Where JSON is all there can be, it need not say so; where nothing is known of
    /// the endpoint, it must.
    pub(crate) fn of(operation: Operation, headers: &HeaderMap) -> Self {
        if matches!(operation, Operation::Generate | Operation::CountTokens) {
            return Self::Json;
        }
        let content_type = headers.get(CONTENT_TYPE);
        let content_type = content_type.map(|value| value.to_str().unwrap_or_default());
        let content_type = content_type.unwrap_or_default();
        let is_json = || {
            let media_type = content_type.split(';').next().unwrap_or_default().trim();
            media_type.eq_ignore_ascii_case("application/json") || media_type.ends_with("+json")
        };
        let is_binary = || {
            let kinds = ["audio/", "image/", "video/", "application/octet-stream"];
            kinds.iter().any(|kind| content_type.starts_with(kind))
        };
        match Boundary::of(content_type) {
            Some(boundary) => Self::Form(boundary),
            None if operation == Operation::Unknown && !is_json() => Self::Opaque,
            None if is_binary() => Self::Opaque,
            None => Self::Json,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(operation: Operation, content_type: Option<&'static str>) -> Content {
        let mut headers = HeaderMap::new();
        if let Some(content_type) = content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        Content::of(operation, &headers)
    }

    #[test]
    fn what_is_known_to_take_json_need_not_say_so() {
        for content_type in [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
        ] {
            assert_eq!(of(Operation::Generate, content_type), Content::Json);
            assert_eq!(of(Operation::Other("/x"), content_type), Content::Json);
            assert_eq!(of(Operation::Unknown, content_type), Content::Opaque);
        }
        let json = Some("application/json; charset=utf-8");
        assert_eq!(of(Operation::Unknown, json), Content::Json);
    }

    #[test]
    fn a_file_names_no_model_and_a_form_may() {
        assert_eq!(
            of(Operation::Other("/x"), Some("audio/wav")),
            Content::Opaque
        );
        let form = Some("multipart/form-data; boundary=b");
        assert!(matches!(of(Operation::Other("/x"), form), Content::Form(_)));
        assert!(matches!(of(Operation::Unknown, form), Content::Form(_)));
        assert_eq!(of(Operation::Generate, form), Content::Json);
    }
}
