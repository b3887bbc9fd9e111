use super::*;
use crate::ir::{Document, Source};

fn written(title: Option<&'static str>) -> (Value, Vec<String>) {
    let mut text = Document::new(Source::Text("a,b".into()));
    text.media_type = Some("text/csv".into());
    text.title = title.map(Into::into);
    let written = write(&turns(vec![user(0, vec![Part::Document(text)])])).unwrap();
    let part = &written.json["contents"][0]["parts"][0];
    (part["inlineData"].clone(), written.losses)
}

#[test]
fn a_text_keeps_its_type() {
    let (blob, losses) = written(None);
    assert_eq!(blob, json!({"mimeType": "text/csv", "data": "YSxi"}));
    assert!(losses.is_empty());
}

#[test]
fn the_title_of_a_text_is_its_first_line() {
    let (blob, losses) = written(Some("T"));
    assert_eq!(blob, json!({"mimeType": "text/plain", "data": "VAoKYSxi"}));
    assert_eq!(losses, ["messages[0].content[0]"]);
}
