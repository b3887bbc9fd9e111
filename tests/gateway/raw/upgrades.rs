//! Callers who ask for a WebSocket.

use super::{World, asks};

const HANDSHAKE: &str = "connection: keep-alive, Upgrade\r\nupgrade: WebSocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";

/// Asks for a WebSocket, and says something behind it as if it had one.
async fn refused(world: &World, head: &str, words: &str) {
    let said = format!("{head}\r\nhost: gateway\r\n{HANDSHAKE}\r\n");
    for behind in [asks("gpt", ""), "\u{81}\u{5}hello".to_owned()] {
        let received = world.say(said.clone() + &behind).await;
        let lower = received.to_ascii_lowercase();
        assert!(received.starts_with("HTTP/1.1 426 "), "{head}: {received}");
        assert!(lower.contains("\r\nupgrade: http/1.1\r\n"), "{received}");
        assert!(
            lower.contains("\r\nconnection: upgrade, close\r\n"),
            "{received}"
        );
        assert!(received.contains(words), "{received}");
        assert_eq!(received.matches("HTTP/1.1 ").count(), 1, "{received}");
    }
    assert!(world.seen().is_empty());
}

#[tokio::test]
async fn situation_50_a_web_socket_is_refused_and_what_follows_is_not_read() {
    let world = World::start().await;
    let openai = "\"type\":\"invalid_request_error\"";
    for (path, words) in [
        ("/v1/realtime?model=m", openai),
        ("/v1/responses", openai),
        ("/v1/chat/completions", openai),
        ("/v1/messages", "{\"type\":\"error\""),
        (
            "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=k",
            "\"code\":426",
        ),
    ] {
        refused(&world, &format!("GET {path} HTTP/1.1"), words).await;
        refused(&world, &format!("POST {path} HTTP/1.1"), words).await;
    }
}
