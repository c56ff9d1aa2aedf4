"""A stand-in for Gemini that speaks its REST protocol, so that the real SDK is used where there is no key.

It writes what a model plausibly would from the JSON it is given, always the same for the same input, and can be told
to be slow, to refuse, to talk nonsense.
"""
