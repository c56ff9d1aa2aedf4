"""The entry point."""

from common.words import GREETING

print(GREETING)
