"""A stand-in for Gemini that implements its REST protocol, so that the real SDK can be used without a key.

It generates plausible texts from the JSON in the request, always the same for the same input. It can be configured to
be late, to return errors or invalid content, to promise, to chat, to obey what stands in the data, or to mix people up.
"""
