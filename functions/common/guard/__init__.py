"""The guard: small validators, one file each, that find what prose must not contain.

Each is a pure function from a text to what it finds. The same validators cut a campaign's message into prose and facts
(`common/messages/facts.py`) and check the prose that Gemini writes (`common/writing/check.py`): so whatever the guard
refuses in a generated text is a fact where the manager wrote it.
"""
