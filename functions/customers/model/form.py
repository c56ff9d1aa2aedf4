"""A form for the sites of the deployer: what people agree to, what they read, and where it may stand.

forms/{id}                the form, as a manager wrote it
form_counts/{id}.{shard}  asked, confirmed: how many people; in 8 shards, because many may ask at once
settings/deleted_forms    by id, when a form was deleted: what was asked with it is found by that until it expires
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from common.addresses.topics import MAX_TOPICS, TopicName
from common.errors import FieldError, Invalid, NotFound
from common.ids import stable_hash
from common.storage.documents import Create, DocumentReader, Increment, Merge, Put, Snapshot, Write
from common.web.given_by_herald import without_computed

COUNT_SHARDS = 8
MAX_ORIGINS = 20
THIS_MACHINE = frozenset({"localhost", "127.0.0.1"})
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
DELETED_FORMS_PATH = "settings/deleted_forms"
DELETED_FORMS_KEPT = timedelta(days=7)
"""A request expires a day after it was made, and Firestore removes it within about a day after that."""
Count = Literal["asked", "confirmed"]


def _check_origin(value: str) -> str:
    """A browser's `Origin`: scheme, host and port, without the usual port. http only on this machine."""
    parts = urlsplit(value.strip().lower().rstrip("/"))
    is_allowed = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in THIS_MACHINE)
    if not is_allowed or parts.path or parts.query or parts.fragment or not _is_host(parts.netloc):
        raise PydanticCustomError(
            "web_address", "Write the beginning of the site's address, such as https://shop.example"
        )
    usual_port = ":443" if parts.scheme == "https" else ":80"
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual_port)}"


def _is_host(netloc: str) -> bool:
    """Whether it is the name of a host, with a port or without."""
    host, _, port = netloc.partition(":")
    return bool(_HOST.fullmatch(host)) and (not port or (port.isdecimal() and 0 < int(port) < 65_536))


def _check_redirect(value: str) -> str:
    """An address on the internet, without a name and a password in it."""
    parts = urlsplit(value)
    if parts.scheme != "https" or not _is_host(parts.netloc.lower()) or not value.isascii() or not value.isprintable():
        raise PydanticCustomError("web_address", "Write an address that begins with https://")
    return value


def _check_plain(value: str) -> str:
    """The mail goes to somebody of whom nothing is known: fields would be empty."""
    if "{{" in value or "{%" in value:
        raise PydanticCustomError("unknown_field", "The mail can have no fields: nothing is known of the person yet")
    return value


Origin = Annotated[str, StringConstraints(max_length=200), AfterValidator(_check_origin)]
Redirect = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000), AfterValidator(_check_redirect)]


def _line(max_length: int) -> Any:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=max_length, pattern=r"^[^\x00-\x1f\x7f]+$")


class ConfirmationMail(BaseModel):
    """The mail that asks whether it was really the owner of the mailbox. The link follows the text, as a button."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: Annotated[str, _line(200), AfterValidator(_check_plain)]
    body: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=5_000),
        AfterValidator(_check_plain),
        Field(description="Markdown"),
    ]
    button: Annotated[str, _line(60), Field(pattern=r"^[^\[\]\\]+$", description="what stands on the button")]


class FormContent(BaseModel):
    """What a manager decides about a form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, _line(100)] = Field(description="for your team; people do not see it")
    channel: Literal["email"] = Field(default="email", description="the link in a mail confirms only a mail address")
    topics: list[TopicName] = Field(
        default=[],
        max_length=MAX_TOPICS,
        description="people agree to e-mail, and to these topics in particular",
    )
    thank_you: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)] = Field(
        description="what people read when they have sent the form: that they are to look into their mailbox"
    )
    redirect_url: Redirect | None = Field(default=None, description="where the browser goes instead")
    allowed_origins: list[Origin] = Field(
        min_length=1, max_length=MAX_ORIGINS, description="the sites that the form stands on"
    )
    accepts_hidden_sites: bool = Field(
        default=False,
        description="also of pages that do not say which site they are of, as with the referrer policy no-referrer: "
        "then it can be sent from every site that hides itself",
    )
    vendor: str = Field(max_length=50, description="who sends the mail that asks for a confirmation")
    confirmation: ConfirmationMail

    def to_document(self) -> dict[str, Any]:
        return self.model_dump()


COMPUTED = frozenset({"id", "asked", "confirmed", "created_at", "created_by"})
"""What forms have in responses, and no manager writes."""


class FormInput(FormContent):
    """A form as a manager writes it, or as the list of forms gives it."""

    @model_validator(mode="before")
    @classmethod
    def _as_given(cls, value: Any) -> Any:
        return without_computed(value, known_by=COMPUTED, computed=COMPUTED)


class Form(FormContent):
    """A form, and how many people have asked with it and confirmed it."""

    id: str
    asked: int
    confirmed: int
    created_at: datetime
    created_by: str

    @classmethod
    def from_snapshots(cls, stored: Snapshot, counts: Sequence[Snapshot] = ()) -> Self:
        sums = {kind: sum(one.get(kind, 0) for one in counts) for kind in ("asked", "confirmed")}
        return cls.model_validate({**(stored.data or {}), **sums, "id": stored.id})


def form_path(form_id: str) -> str:
    return f"forms/{form_id}"


def deletion_write(known: Snapshot, form_id: str, now: datetime) -> Write:
    """Notes that the form is deleted, beside those whose requests may not have expired yet. `known` is the note."""
    forms = {id_: at for id_, at in known.get("forms", {}).items() if at > now - DELETED_FORMS_KEPT}
    fields = {"forms": {**forms, form_id: now}}
    return Put(known.path, fields, known.version) if known.exists else Create(known.path, fields)


def count_paths(form_id: str) -> list[str]:
    """Where the numbers of a form are."""
    return [f"form_counts/{form_id}.{shard}" for shard in range(COUNT_SHARDS)]


def count_write(form_id: str, request_id: str, kind: Count) -> Merge:
    """Counts one person."""
    shard = int(stable_hash("form count", request_id), 16) % COUNT_SHARDS
    return Merge(count_paths(form_id)[shard], {kind: Increment(1)})


async def get_form_or_404(documents: DocumentReader, form_id: str) -> Snapshot:
    """Raises `NotFound`."""
    stored = await documents.get(form_path(form_id))
    if not stored.exists:
        raise NotFound("There is no such form.")
    return stored


def check_topics(topics: Sequence[str], known: Collection[str]) -> None:
    """Raises `Invalid` for a topic that the deployment does not have."""
    errors = [
        FieldError(field=f"topics.{number}", code="not_found", message=f"There is no topic {name!r}.")
        for number, name in enumerate(topics)
        if name not in known
    ]
    if errors:
        raise Invalid("The form names topics that do not exist.", fields=errors)
