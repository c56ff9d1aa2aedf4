"""The checklist of a campaign: what is missing or wrong before it can be launched. The launch refuses for the same
reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from common.audience.preview import preview
from common.audience.reader import query_time_limit
from common.catalogue.channels import CHANNELS
from common.catalogue.vendor_choice import check_vendor
from common.errors import FieldError, Invalid
from common.guard.findings import Background, Prose
from common.guard.forbidden import FORBIDDEN
from common.messages.sms import MAX_SMS_SEGMENTS
from common.messages.templates import PARTS, field_of, validate_template
from common.rules import Rule, parse
from common.rules.references import resolve_references
from common.storage.documents import Snapshot
from common.web.principal import Principal
from common.web.problems import ProblemField
from common.writing.brief import forbidden_words

from ..lifecycle.approval import content_fingerprint, is_approved, require_approval
from ..model.campaign import CampaignResponse
from ..model.topic_choice import check_topic
from ..sending.recipients import unknown_consent_rule
from ..services import CampaignServices
from .message_preview import sample_recipients
from .segments import most_segments

MEASURED = 30
"""People for whom the SMS are counted."""
ItemCode = Literal["name", "audience", "recipients", "message", "sender"]
ItemState = Literal["ok", "missing", "wrong"]


class ChecklistItem(BaseModel):
    """One thing that a launch needs."""

    code: ItemCode
    state: ItemState
    errors: list[ProblemField]  # empty if it is ok

    @property
    def ok(self) -> bool:
        return self.state == "ok"


class RecipientCounts(BaseModel):
    """Whom a launch would reach now."""

    count: int  # customers whom the audience matches
    excluded: dict[str, int]  # of these, how many get no message, by reason
    reachable: int  # the others
    unknown_consent: int = 0  # of these, how many of whom nobody knows whether they agreed


ApprovalState = Literal["not_needed", "needed", "given"]


class Checklist(BaseModel):
    """What a launch needs, in the order of the form."""

    ok: bool  # whether the campaign can be launched
    items: list[ChecklistItem]
    recipients: RecipientCounts | None  # null while there is no valid audience
    approval: ApprovalState  # whether a second person has to approve it as it is, and has done so


@dataclass(frozen=True, kw_only=True, slots=True)
class ResolvedAudience:
    """The rule of a campaign as a launch would freeze it now, or what is wrong with it."""

    rule: Rule | None = None
    errors: Sequence[FieldError] = ()


async def build_checklist(services: CampaignServices, stored: Snapshot) -> Checklist:
    """The checklist of a campaign. It asks the index about the audience, and reads nothing else."""
    campaign = CampaignResponse.from_snapshot(stored)
    audience = await resolve_audience(services, campaign)
    recipients = await count_recipients(services, campaign, audience.rule) if audience.rule else None
    items = [
        _item("name", _name_errors(campaign)),
        _item("audience", audience.errors),
        _recipients_item(recipients),
        _item("message", await _message_and_length_errors(services, campaign, audience.rule)),
        _item("sender", [*_sender_errors(services, campaign), *await _topic_errors(services, campaign)]),
    ]
    approval = await _approval_state(services, stored, recipients)
    return Checklist(ok=all(item.ok for item in items), items=items, recipients=recipients, approval=approval)


async def _approval_state(
    services: CampaignServices, stored: Snapshot, recipients: RecipientCounts | None
) -> ApprovalState:
    """Not needed as long as nobody knows whom the campaign would reach."""
    reached, transactional = recipients.reachable if recipients else 0, bool(stored.get("transactional"))
    if recipients is None or not services.approval.is_needed(recipients=reached, transactional=transactional):
        return "not_needed"
    return "given" if stored.get("rules") and is_approved(stored, await present_content(services, stored)) else "needed"


async def present_content(services: CampaignServices, stored: Snapshot) -> str:
    """The fingerprint of the campaign as a launch would send it now."""
    return content_fingerprint(stored, await services.lifecycle.current_rule_fields(stored))


async def require_ready(services: CampaignServices, stored: Snapshot) -> Checklist:
    """The checklist. Raises `Invalid`, with all its errors, if the campaign cannot be launched."""
    checklist = await build_checklist(services, stored)
    _raise_errors(checklist.items)
    return checklist


async def require_checked(services: CampaignServices, stored: Snapshot, *, by: Principal) -> str | None:
    """The fingerprint of what may be launched; None in a deployment without approvals.

    Raises `Invalid` if the campaign cannot be launched, and `Refused` if somebody else has to approve it first.
    """
    checklist = await require_ready(services, stored)
    if services.approval.above is None:
        return None
    content = await present_content(services, stored)
    if checklist.approval != "not_needed":
        require_approval(stored, content, by=by)
    return content


async def require_complete(services: CampaignServices, stored: Snapshot) -> None:
    """Like `require_ready`, but for a later start: the number of recipients does not matter yet."""
    items = (await build_checklist(services, stored)).items
    _raise_errors([item for item in items if item.code != "recipients"])


def require_message(services: CampaignServices, campaign: CampaignResponse) -> None:
    """Raises `Invalid` if the message or its sender is not ready."""
    if errors := [*_message_errors(services, campaign), *_sender_errors(services, campaign)]:
        raise Invalid("The message cannot be sent yet.", fields=errors)


async def resolve_audience(services: CampaignServices, campaign: CampaignResponse) -> ResolvedAudience:
    """The rule of the campaign with the present rules of its segment and of all that it refers to."""
    if not campaign.rule and not campaign.rule_text:
        return ResolvedAudience(errors=[_missing("audience", "Choose a segment, or write a rule.")])
    try:
        return ResolvedAudience(rule=await _resolve(services, campaign))
    except Invalid as error:
        return ResolvedAudience(errors=error.fields)


async def require_audience(services: CampaignServices, campaign: CampaignResponse) -> Rule:
    """The rule of the campaign's audience. Raises `Invalid` without a valid one."""
    audience = await resolve_audience(services, campaign)
    if audience.rule is None:
        raise Invalid("The campaign has no valid audience yet.", fields=audience.errors)
    return audience.rule


async def _resolve(services: CampaignServices, campaign: CampaignResponse) -> Rule:
    if campaign.segment_id:
        return await services.lifecycle.segment_rule(campaign.segment_id)
    rule = campaign.rule.to_rule() if campaign.rule else parse(campaign.rule_text or "", services.currency)
    return await resolve_references(services.documents, rule, field="text")


async def count_recipients(services: CampaignServices, campaign: CampaignResponse, rule: Rule) -> RecipientCounts:
    """Whom a launch would reach now, and why others are left out."""
    await services.audience.refresh()
    excluding = await services.exclusions.of(campaign)
    with query_time_limit():
        result = await preview(
            services.audience,
            rule,
            services.clock(),
            exclusion_rules=excluding.rules,
            samples=1,
            once=excluding.once,
            group=excluding.held_out,
            marked=None if campaign.transactional else unknown_consent_rule(campaign.channel, campaign.topic),
        )
    reachable = result.count - sum(result.excluded.values())
    return RecipientCounts(
        count=result.count, excluded=result.excluded, reachable=reachable, unknown_consent=result.marked
    )


def _recipients_item(recipients: RecipientCounts | None) -> ChecklistItem:
    """Without an audience it is missing, with no error of its own: the audience has one."""
    if recipients is None:
        return ChecklistItem(code="recipients", state="missing", errors=[])
    return _item("recipients", _recipient_errors(recipients))


def _item(code: ItemCode, errors: Sequence[FieldError]) -> ChecklistItem:
    is_missing = bool(errors) and all(error.code == "missing" for error in errors)
    state: ItemState = "missing" if is_missing else "wrong" if errors else "ok"
    return ChecklistItem(code=code, state=state, errors=ProblemField.from_errors(errors))


def _raise_errors(items: Sequence[ChecklistItem]) -> None:
    if errors := [FieldError(**error.model_dump()) for item in items for error in item.errors]:
        raise Invalid("The campaign cannot be launched yet.", fields=errors)


def _missing(field: str, message: str) -> FieldError:
    return FieldError(field=field, code="missing", message=message)


def _name_errors(campaign: CampaignResponse) -> list[FieldError]:
    return [] if campaign.name.strip() else [_missing("name", "Give the campaign a name.")]


def _recipient_errors(recipients: RecipientCounts) -> list[FieldError]:
    """An audience of nobody, or one in which everybody is excluded."""
    if recipients.reachable:
        return []
    if recipients.count:
        message = "Nobody in the audience can get a message: all of them are excluded."
        return [FieldError(field="audience", code="nobody_reachable", message=message)]
    return [FieldError(field="audience", code="nobody_matches", message="Nobody matches the audience.")]


async def _message_and_length_errors(
    services: CampaignServices, campaign: CampaignResponse, rule: Rule | None
) -> list[FieldError]:
    """Also whether an SMS is too long for some people of the audience, in each language."""
    errors = _message_errors(services, campaign)
    if errors or rule is None or campaign.channel != "sms":
        return errors
    sample = await sample_recipients(services, campaign, rule, people=MEASURED)
    most = most_segments(services, campaign, [person.row for person in sample.people])
    return [_too_long(name, segments) for name, segments in most.items() if segments > MAX_SMS_SEGMENTS]


def _too_long(text: str, segments: int) -> FieldError:
    message = f"The message takes up to {segments} SMS. At most {MAX_SMS_SEGMENTS} are allowed: shorten it."
    return FieldError(field=field_of(text, "body"), code="too_long", message=message, limit=MAX_SMS_SEGMENTS)


def _message_errors(services: CampaignServices, campaign: CampaignResponse) -> list[FieldError]:
    errors = [*_missing_parts(campaign)]
    try:
        validate_template(campaign.message)
    except Invalid as error:
        errors += error.fields
    return [*errors, *_forbidden_words(services, campaign)]


def _missing_parts(campaign: CampaignResponse) -> Iterator[FieldError]:
    """What is not written yet, in each language."""
    for name, text in campaign.message.texts.items():
        if CHANNELS[campaign.channel].has_subject and not text.subject.strip():
            yield _missing(field_of(name, "subject"), "Write a subject.")
        if not text.body.strip():
            yield _missing(field_of(name, "body"), "Write a message.")


def _forbidden_words(services: CampaignServices, campaign: CampaignResponse) -> Iterator[FieldError]:
    """Words in the message itself that the campaign or the deployment forbids."""
    background = Background(forbidden=forbidden_words(campaign.style, services.house_rules))
    for name, text in campaign.message.texts.items():
        for part in PARTS:
            if found := next(FORBIDDEN.find(Prose(getattr(text, part), background)), None):
                message = f"Leave out “{found.text}”: it is forbidden."
                yield FieldError(field=field_of(name, part), code="forbidden_word", message=message)


def _sender_errors(services: CampaignServices, campaign: CampaignResponse) -> Sequence[FieldError]:
    try:
        check_vendor(campaign.vendor, campaign.channel, services.available_vendors)
    except Invalid as error:
        return error.fields
    return []


async def _topic_errors(services: CampaignServices, campaign: CampaignResponse) -> Sequence[FieldError]:
    try:
        await check_topic(services.documents, campaign.topic)
    except Invalid as error:
        return error.fields
    return []
