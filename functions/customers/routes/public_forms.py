"""What people do with a form, without signing in: they send it from the deployer's site, and confirm it by the link in
the mail.

The answer is the same for every address. It does not say whether somebody is known, has unsubscribed, or was asked just
now.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from common.errors import Forbidden, HeraldError, Invalid, Unavailable
from common.events import field_errors
from common.web.app import DocumentId
from common.web.auth import guarded_router
from common.web.plain_page import PRIVATE_HEADERS, AcceptedLanguages, ReaderLanguages, parse_form
from common.web.problems import error_response
from common.web.rate_limits import client_address

from ..forms.pages import page_response
from ..model.customer import blank_to_none, normalize_email
from ..model.form import Form, get_form_or_404
from ..services import CustomerServices, ServicesDep

MAX_FORM_BYTES = 10_000
PREFLIGHT_SECONDS = 3_600
JSON = "application/json"
HIDDEN = "null"
"""The origin of a page that does not say which site it is of."""
HIDDEN_SITE = (
    "The page with the form does not say which site it is of. Give it the referrer policy strict-origin instead of "
    "no-referrer, or let the form accept pages that hide their site."
)
WRONG_SITE = "The form may not stand on this site: its address is not among those that the form names."
router = guarded_router("/api/forms", tag="forms")
confirm_router = guarded_router("/api/confirm", tag="forms")


class Submission(BaseModel):
    """What stands in a form. Other fields are not read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    email: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(normalize_email)]
    name: Annotated[
        Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")] | None, BeforeValidator(blank_to_none)
    ] = None
    website: str = Field(default="", max_length=1_000, description="people do not see it and leave it empty")


class SubmissionResponse(BaseModel):
    """What people read next."""

    message: str
    redirect_url: str | None


SCHEMA = Submission.model_json_schema()
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {JSON: {"schema": SCHEMA}, "application/x-www-form-urlencoded": {"schema": SCHEMA}},
    }
}


@router.post(
    "/{form_id}",
    status_code=202,
    operation_id="submit_form",
    response_model=SubmissionResponse,
    max_body_size=MAX_FORM_BYTES,
    openapi_extra=BODY,
    responses={
        200: {"description": "The page that follows, of a form without a script", "content": {"text/html": {}}},
        303: {"description": "The same, if the form has a `redirect_url`"},
    },
)
async def submit_form(
    form_id: DocumentId, request: Request, services: ServicesDep, languages: AcceptedLanguages = ""
) -> Response:
    """Somebody asks for messages, on a site that the form names. They get a mail with a link, and nothing else is kept
    of them until they follow it: at most a day.

    As JSON, or as a form without a script: then the answer is a page, or leads to `redirect_url` (303). It is the same
    for every address. A form that is sent again and again sends one mail in 15 minutes.
    """
    services.form_limits.check(client_address(request.scope), form_id)
    form = await _read(form_id, services)
    origin = _require_origin(request, form)
    try:
        answer = await _submit(form, request, services, languages)
    except HeraldError as error:
        if error.status >= 500:
            raise
        answer = error_response(error) if _wants_json(request) else page_response("wrong", languages)
    answer.headers.update(_cors(origin))
    return answer


@router.options("/{form_id}", status_code=204, operation_id="ask_to_submit_form")
async def ask_to_submit_form(form_id: DocumentId, request: Request, services: ServicesDep) -> Response:
    """A browser asks whether a script of another site may send the form as JSON."""
    services.form_limits.check(client_address(request.scope), form_id)
    origin = _require_origin(request, await _read(form_id, services))
    allowed = {
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "content-type",
        "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
    }
    return Response(status_code=204, headers=allowed | _cors(origin))


@confirm_router.get("/{token}", operation_id="show_confirmation_page", response_class=HTMLResponse)
async def show_confirmation_page(
    token: str, request: Request, services: ServicesDep, languages: ReaderLanguages
) -> HTMLResponse:
    """The page behind the link in the mail, with what the person agrees to, and a button. Nothing changes: scanners
    open links."""
    link = services.message_links.read_confirm(token, now=services.clock())
    if link is None:
        return page_response("gone", languages)
    found = await services.form_confirmations.find(link)
    return page_response("ask" if found.state == "open" else found.state, languages, topics=found.topics)


@confirm_router.post("/{token}", operation_id="confirm_form", response_class=HTMLResponse, max_body_size=MAX_FORM_BYTES)
async def confirm_form(token: str, request: Request, services: ServicesDep, languages: ReaderLanguages) -> HTMLResponse:
    """The owner of the mailbox agrees, from now on. A link works once, and for a day."""
    link = services.message_links.read_confirm(token, now=services.clock())
    if link is None:
        return page_response("gone", languages)
    state = await services.form_confirmations.confirm(link)
    return page_response("done" if state == "open" else state, languages)


async def _read(form_id: str, services: CustomerServices) -> Form:
    """The form, at most half a minute old. Raises `NotFound`."""

    async def load(_: str) -> Form:
        return Form.from_snapshots(await get_form_or_404(services.documents, form_id))

    return await services.known_forms.get_or_load(form_id, load)


async def _submit(form: Form, request: Request, services: CustomerServices, languages: str) -> Response:
    """Ask the owner of the address, unless a robot has filled the field that people do not see."""
    if form.vendor not in services.available_vendors:
        raise Unavailable("The mail cannot be sent now, because this Herald does not have the form's vendor any more.")
    sent = _parse(await request.body(), is_json=_sends_json(request))
    if not sent.website and not services.form_limits.is_repeated(sent.email):
        await services.form_requests.ask(form, email=sent.email, name=sent.name)
    if _wants_json(request):
        body = SubmissionResponse(message=form.thank_you, redirect_url=form.redirect_url)
        return JSONResponse(body.model_dump(), status_code=202, headers=PRIVATE_HEADERS)
    if form.redirect_url:
        return RedirectResponse(form.redirect_url, status_code=303, headers=PRIVATE_HEADERS)
    return page_response("sent", languages, sentence=form.thank_you)


def _parse(body: bytes, *, is_json: bool) -> Submission:
    """Raises `Invalid`, naming the fields."""
    try:
        return Submission.model_validate_json(body) if is_json else Submission.model_validate(dict(parse_form(body)))
    except ValidationError as error:
        raise Invalid("The form is not valid.", fields=field_errors(error)) from error


def _sends_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == JSON


def _wants_json(request: Request) -> bool:
    return _sends_json(request) or JSON in request.headers.get("accept", "")


def _require_origin(request: Request, form: Form) -> str | None:
    """The site that the form stands on, as the browser says; None for a program that is no browser, and for a page that
    does not say it, if the form accepts that. Raises `Forbidden` for a site that the form does not name.

    A browser hides the site of a form without a script alone: a script has an origin whatever the referrer policy is.
    """
    origin = request.headers.get("origin")
    is_plain = request.method == "POST" and not _sends_json(request)
    if origin is None or (origin == HIDDEN and is_plain and form.accepts_hidden_sites):
        return None
    if origin.lower() not in form.allowed_origins:
        raise Forbidden(HIDDEN_SITE if origin == HIDDEN else WRONG_SITE)
    return origin


def _cors(origin: str | None) -> dict[str, str]:
    """A script of the site may read the answer."""
    return {"Vary": "Origin"} | ({"Access-Control-Allow-Origin": origin} if origin else {})
