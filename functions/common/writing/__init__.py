"""Writing a recipient's own text with Gemini: the prompt, the checks, and the template where a text does not pass."""
