//! Which paths are this API's.

use crate::format::{
    Api as _, Call, Operation,
    responses::{ENDPOINTS, Responses},
};

#[test]
fn the_end_of_the_path_tells_what_is_asked_for() {
    let operation = |path| Responses.detect(path).map(|call| call.operation);
    assert_eq!(operation("/v1/responses"), Some(Operation::Generate));
    assert_eq!(operation("/llm/v1/responses"), Some(Operation::Generate));
    assert_eq!(operation("/surveys/5/responses"), None);
    assert_eq!(
        operation("/v1/responses/input_tokens"),
        Some(Operation::CountTokens)
    );
    assert_eq!(operation("/v1/responses/resp_1"), None);
    assert_eq!(operation("/v1/responses/resp_1/cancel"), None);
    assert_eq!(operation("/v1/myresponses"), None);
    assert_eq!(operation("/v1/chat/completions"), None);
}

#[test]
fn a_path_that_is_written_is_recognized() {
    for (_, operation) in ENDPOINTS {
        let path = Responses.path(*operation, "m", false);
        assert_eq!(Responses.detect(&path), Some(Call::new(*operation)));
    }
}
