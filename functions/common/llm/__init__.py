"""The Gemini adapter, and the check that a generated text is grounded in its source."""
