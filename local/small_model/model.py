"""The small model as a process of its own, which is asked for one text at a time."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local.small_model.examples import prompt_for_sentence, prompt_of_examples, text_of

FOLDER = Path(__file__).parents[2] / ".local" / "model"
"""Where `make run MODEL=local` puts the model and what runs it."""

COMPLETE = Path(__file__).with_name("complete.mjs")
MAX_TOKENS = 120
MAX_TOKENS_OF_A_SENTENCE = 40


class SmallModel:
    """Writes the texts of a request. Calls wait for each other: the model has one context."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._lock = asyncio.Lock()
        self._calls = 0

    @classmethod
    async def start(cls, folder: Path = FOLDER) -> SmallModel:
        """Raises `FileNotFoundError` if the model was not fetched, `RuntimeError` if it does not load."""
        files = sorted(folder.glob("*.gguf"))
        if not files:
            raise FileNotFoundError(f"There is no model in {folder}: `make run MODEL=local` fetches it.")
        process = await asyncio.create_subprocess_exec("node", COMPLETE, folder, files[0], stdin=PIPE, stdout=PIPE)
        model = cls(process)
        await model.ready()
        return model

    async def ready(self) -> None:
        """Waits until the model is loaded."""
        await self._answer()

    async def stop(self) -> None:
        self._process.terminate()
        await self._process.wait()

    async def texts(
        self, message: Mapping[str, str], people: Sequence[Mapping[str, Any]], *, seed: int = 0
    ) -> list[dict[str, str]]:
        """Subject and body for each person. The subject is the message's: the model is asked for the body only."""
        subject = " ".join(message.get("subject", "").split())
        bodies = [text_of(await self._complete(prompt_of_examples(message, person), seed=seed)) for person in people]
        return [
            {"id": str(person["id"]), "subject": subject, "body": body}
            for person, body in zip(people, bodies, strict=True)
        ]

    async def sentences(
        self, message: Mapping[str, str], wanted: Mapping[str, int], *, seed: int = 0
    ) -> list[dict[str, Any]]:
        """As many sentences of each place as are wanted, each for everybody."""
        places = [place for place, number in wanted.items() for _ in range(number)]
        return [
            {"place": place, "traits": [], "text": text_of(await self._sentence(message, place, seed))}
            for place in places
        ]

    async def _sentence(self, message: Mapping[str, str], place: str, seed: int) -> str:
        """The first line of what the model writes."""
        prompt = prompt_for_sentence(message, place)
        written = await self._complete(prompt, seed=seed, tokens=MAX_TOKENS_OF_A_SENTENCE)
        return written.strip().split("\n", maxsplit=1)[0]

    async def _complete(self, prompt: str, *, seed: int, tokens: int = MAX_TOKENS) -> str:
        """What the model writes after a prompt. No two calls have one seed: what is asked for again is another text."""
        async with self._lock:
            self._calls += 1
            request = json.dumps({"prompt": prompt, "tokens": tokens, "seed": seed + self._calls})
            assert self._process.stdin is not None
            self._process.stdin.write(f"{request}\n".encode())
            await self._process.stdin.drain()
            return str((await self._answer())["text"])

    async def _answer(self) -> dict[str, Any]:
        """The next line of the process. Raises `RuntimeError` if it has ended."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("The small model has stopped.")
        answer: dict[str, Any] = json.loads(line)
        return answer
