use http::Response;

use crate::{
    Body,
    context::{End, Progress},
    headers::is_encoded,
    ir::{Exchange, LossPolicy, Losses},
};

use super::{
    empty::has_untold,
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
    pub(super) fn into_answer(self, asked: &[u8]) -> Answer {
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
        let mut exchange = exchange(&plan);
        // A request that can't be read here asks for nothing more.
        let _ = self.codec.decode_request(asked, &mut exchange);
        let exchange = Exchange {
            provider: self.format.id(),
            stream: self.stream,
            json_array: self.json_array,
            // Nothing was lost of what was not translated.
            losses: Losses::default(),
            ..exchange
        };
        let plan = Box::new(plan);
        Answer { plan, exchange }
    }
}

impl Answer {
    /// Whether this is such an answer, and better stays as it came: it can't be read here, or no stream can tell it.
    pub(super) fn stays(&self, body: &[u8]) -> bool {
        if self.plan.client != self.plan.provider {
            return false;
        }
        let progress = self.plan.progress.as_ref();
        let seeks_empty = progress.is_some_and(Progress::seeks_empty);
        let (stays, end) = match self.plan.encoder.decode_response(body) {
            Ok(response) => (has_untold(&response), End::Complete),
            Err(error) if error.is_empty_answer() && seeks_empty => (true, End::Empty),
            // Whoever gets it will see more in it.
            Err(error) => (error.is_empty_answer() || error.is_undecodable(), End::Open),
        };
        if stays {
            self.ended(end);
        }
        stays
    }
}
