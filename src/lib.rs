//! Tower middleware that routes, translates and compares LLM API traffic.
