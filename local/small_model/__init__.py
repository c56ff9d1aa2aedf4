"""A real small model, Gemma 3 with 270 million weights, that writes on this machine instead of the stand-in.

It is fetched by `make run MODEL=local` only; no test needs it. It is no chat model: it continues a prompt of examples,
one text at a time, and invents orders, dates and people by itself. So it shows what the checks are for. Gemma's terms
apply to it: https://ai.google.dev/gemma/terms
"""
