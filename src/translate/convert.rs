use http::Response;

use crate::{
    Body,
    headers::is_encoded,
    ir::{Exchange, LossPolicy},
};

use super::{
    layer::Limits,
    plan::{Plan, Task, Watch},
    request::exchange,
    response::{Answer, is_event_stream, is_json},
};

impl Watch {
    /// Whether an answer is a stream that was not asked for, or comes whole where a stream was: a client could make
    /// nothing of it.
    pub(super) fn is_answered_otherwise(&self, response: &Response<Body>) -> bool {
        let headers = response.headers();
        let is_otherwise = if self.stream {
            !self.json_array && is_json(headers)
        } else {
            self.is_read && is_event_stream(headers)
        };
        is_otherwise && response.status().is_success() && !is_encoded(headers)
    }

    /// The way back for such an answer: as of a translation between two who speak the same format.
    pub(super) fn into_answer(self) -> Answer {
        let plan = Plan {
            client: self.format,
            provider: self.format,
            decoder: self.codec,
            encoder: self.codec,
            task: Task::Generate,
            model: None,
            target: None,
            limits: Limits {
                body: self.body_limit,
                event: self.event_limit,
            },
            losses: LossPolicy::new(),
            progress: self.progress,
        };
        let exchange = Exchange {
            provider: self.format.id(),
            stream: self.stream,
            // Nobody has looked whether it was asked for; the provider gives it.
            include_usage: true,
            json_array: self.json_array,
            ..exchange(&plan)
        };
        let plan = Box::new(plan);
        Answer { plan, exchange }
    }
}
