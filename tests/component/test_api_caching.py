"""What clients may keep of the API's answers: ETags and 304 in one place, for all functions."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from common.errors import NotFound
from common.settings import RateLimitSettings
from common.web.app import create_app
from common.web.rate_limits import RateLimits
from tests.support import ApiClient


class Numbers:
    """An application with a number that changes, an export and an error."""

    def __init__(self) -> None:
        self.app: FastAPI = create_app("numbers", limits=RateLimits(RateLimitSettings.read({})))
        self.number = 1
        self.app.get("/number")(self._get)
        self.app.post("/number")(self._get)
        self.app.get("/numbers.csv")(self._export)
        self.app.get("/missing")(self._fail)
        self.call = ApiClient(self.app)

    async def _get(self) -> dict[str, int]:
        return {"number": self.number}

    async def _export(self) -> StreamingResponse:
        async def lines() -> AsyncIterator[str]:
            yield "1\n"
            yield "2\n"

        return StreamingResponse(lines(), media_type="text/csv")

    async def _fail(self) -> None:
        raise NotFound()


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


async def test_unchanged_answer_is_304_without_a_body(numbers: Numbers) -> None:
    """A client that sends the ETag of the present answer gets 304, the ETag and no body."""
    first = await numbers.call("GET", "/number")
    assert first.json() == {"number": 1}
    again = await numbers.call("GET", "/number", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert "content-type" not in again.headers


@pytest.mark.parametrize("known", ["W/{etag}", '"other", {etag}', '"other",W/{etag}', "*"])
async def test_etag_is_recognized_in_every_form(numbers: Numbers, known: str) -> None:
    """A weak ETag, as a compressing proxy makes it, one of a list, and `*` match too."""
    etag = (await numbers.call("GET", "/number")).headers["etag"]
    response = await numbers.call("GET", "/number", headers={"If-None-Match": known.format(etag=etag)})
    assert response.status_code == 304


async def test_changed_answer_is_sent_with_a_new_etag(numbers: Numbers) -> None:
    """As soon as the answer differs, an old ETag gets the whole new answer."""
    etag = (await numbers.call("GET", "/number")).headers["etag"]
    numbers.number = 2
    response = await numbers.call("GET", "/number", headers={"If-None-Match": etag})
    assert response.json() == {"number": 2}
    assert response.headers["etag"] != etag


@pytest.mark.parametrize(("method", "path"), [("POST", "/number"), ("GET", "/numbers.csv"), ("GET", "/missing")])
async def test_other_answers_have_no_etag(numbers: Numbers, method: str, path: str) -> None:
    """Actions, exports and errors are sent as they are, also to a client that would take any answer for known."""
    response = await numbers.call(method, path, headers={"If-None-Match": "*"})
    assert response.status_code != 304
    assert response.content
    assert "etag" not in response.headers


@pytest.mark.parametrize("path", ["/number", "/numbers.csv", "/missing"])
async def test_no_answer_is_kept_on_a_disk(numbers: Numbers, path: str) -> None:
    """Every answer may have personal data, so neither a browser nor a proxy stores it."""
    assert (await numbers.call("GET", path)).headers["cache-control"] == "private, no-store"
