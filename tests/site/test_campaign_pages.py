"""The pages of a campaign, the list of campaigns and home, in a browser on the whole stack."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, PdfMargins, Route, expect

from common.events import Receipt, ReceiptKind
from common.ids import random_id
from common.mail.links import link_id
from common.messages.ledger import Ledger
from common.storage.firestore import FirestoreDocuments
from local.stack import Stack
from tests.site.browsing import HAS_PIXELS, SLOW_TIMEOUT, call, sign_in
from tests.site.page_checks import OVERFLOWING, SCREENSHOTS, check_page

pytestmark = [pytest.mark.stack, pytest.mark.browser]

NAMES = ["W" * 120, "\u202eoar ahsA", "<b>Bela</b> {{ name }}", "आशा राव", *(f"Asha {n}" for n in range(56))]
CREATE = "api => api.campaigns.create(campaign)"
LAUNCH = "api => api.campaigns.launch(id)"

ADD_UP_SHIFTS = """window.shifts = 0;
new PerformanceObserver((list) => { for (const { value } of list.getEntries()) shifts += value; })
  .observe({ type: 'layout-shift', buffered: true });"""
MAX_SHIFT = 0.1  # above this, a page counts as one that moves
A4_PIXELS = 718  # the width of a page without its margins, at 96 dots per inch
A4_MARGINS: PdfMargins = {"top": "1cm", "right": "1cm", "bottom": "1cm", "left": "1cm"}
HAS_CHARTS = "() => Boolean(globalThis.Chart)"


def enter(page: Page, stack: Stack) -> None:
    sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("navigation")).to_be_visible()


def prepare(
    page: Page, *, people: int = len(NAMES), names: Sequence[str] = NAMES, name: str = "Diwali", **settings: Any
) -> str:
    """Add people, one without consent, and create a campaign for them. Returns its id."""
    city = f"C{random_id()}"
    rows: list[dict[str, Any]] = [
        {"email": f"{n}.{city}@example.com", "name": names[n], "city": city} for n in range(people)
    ]
    rows[0]["consent"] = {"email": False}
    call(page, "api => api.customers.add(rows)", rows=rows)
    campaign = {
        "name": f"{name} {city}",
        "text": f'city = "{city}"',
        "message": {"subject": "Hello {{ first_name }}", "body": "Dear {{ name }}, it is good to have you."},
        "vendor": "simulator",
        "channel": "email",
        "personalization": "template",
        **settings,
    }
    return str(call(page, CREATE, campaign=campaign)["id"])


def launch(page: Page, stack: Stack, campaign: str) -> None:
    call(page, LAUNCH, id=campaign)
    page.goto(f"{stack.site}/campaigns/{campaign}")
    expect(page.get_by_role("main").get_by_text("Running").or_(page.get_by_text("Finished"))).not_to_have_count(0)


def finish(page: Page, stack: Stack, campaign: str) -> None:
    launch(page, stack, campaign)
    expect(page.get_by_text("Finished", exact=True)).to_be_visible(timeout=2 * SLOW_TIMEOUT)
    expect(page.locator(".campaign-sentence")).to_contain_text("0 pending", timeout=SLOW_TIMEOUT)


def people_rows(page: Page) -> None:
    expect(page.locator("#people").get_by_role("row").nth(1)).to_be_visible(timeout=SLOW_TIMEOUT)
    expect(page.locator("canvas")).to_be_visible()


def cards(page: Page) -> None:
    expect(page.locator(".details-list")).to_be_visible(timeout=SLOW_TIMEOUT)


def rows(page: Page) -> None:
    expect(page.get_by_role("rowheader").first).to_be_visible(timeout=SLOW_TIMEOUT)


def test_finished_campaign_in_every_variant(page: Page, stack: Stack, errors: list[str]) -> None:
    """A finished campaign with failed and skipped people; then home and the list with it and a long name."""
    enter(page, stack)
    prepare(page, people=1, name="W" * 120)
    campaign = prepare(page, personalization="gemini")
    finish(page, stack, campaign)
    expect(page.locator(".campaign-sentence")).to_have_text(
        re.compile(r"60 people: \d+ sent, \d+ failed, 1 skipped, 0 pending\.")
    )
    assert page.locator("canvas").evaluate(HAS_PIXELS)
    activity = page.get_by_role("region", name="Activity").get_by_role("listitem")
    expect(activity).to_have_text([re.compile("^Campaign launched.*admin"), re.compile("^Campaign created.*admin")])
    check_page(page, "campaign", url=f"{stack.site}/campaigns/{campaign}", ready=people_rows)
    check_page(page, "campaigns", url=f"{stack.site}/campaigns", ready=rows)
    check_page(page, "home", url=f"{stack.site}/", ready=rows)


def test_campaign_stays_where_it_is_while_it_loads(page: Page, stack: Stack, errors: list[str]) -> None:
    """Nothing moves down when the numbers come. Chart.js waits until the ring is near the window."""
    enter(page, stack)
    campaign = prepare(page, people=3)
    finish(page, stack, campaign)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.add_init_script(ADD_UP_SHIFTS)
    page.goto(f"{stack.site}/campaigns/{campaign}")
    people_rows(page)
    assert page.evaluate("shifts") < MAX_SHIFT
    page.set_viewport_size({"width": 390, "height": 200})
    page.reload()
    people_rows(page)
    assert not page.evaluate(HAS_CHARTS)
    page.locator("canvas").scroll_into_view_if_needed()
    page.wait_for_function(HAS_CHARTS)


def test_campaign_is_printed_as_a_report(page: Page, stack: Stack, errors: list[str]) -> None:
    """Numbers, charts and texts on white paper, whatever theme the reader has; nothing that could be pressed."""
    enter(page, stack)
    campaign = prepare(page)
    finish(page, stack, campaign)
    page.evaluate("localStorage.setItem('theme', 'dark')")
    page.goto(f"{stack.site}/campaigns/{campaign}")
    people_rows(page)
    page.evaluate("window.print = () => { window.isPrinted = true; }")
    page.get_by_role("button", name="More actions for this campaign").click()
    page.get_by_role("menuitem", name="Print or save as PDF").click()
    page.wait_for_function("window.isPrinted")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4_PIXELS, "height": 1_000})
    for role in ("navigation", "button", "tab", "searchbox", "menu"):
        expect(page.get_by_role(role)).to_have_count(0)
    expect(page.get_by_role("table", name="People")).to_have_count(0)
    for shown in (".campaign-sentence", ".stat-strip", "canvas", ".time-chart svg", ".details-list", ".message-text"):
        expect(page.locator(shown).first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert page.evaluate(OVERFLOWING) == []
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    pdf = page.pdf(path=SCREENSHOTS / "campaign-printed.pdf", format="A4", margin=A4_MARGINS)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 2


def test_campaign_that_is_over_is_archived_and_brought_back(page: Page, stack: Stack, errors: list[str]) -> None:
    """From the list into the archive and back, first by Undo, then by the menu in the archive."""
    enter(page, stack)
    campaign = prepare(page, people=2, name="Old")
    finish(page, stack, campaign)
    name = str(call(page, "api => api.campaigns.get(id)", id=campaign)["name"])
    page.goto(f"{stack.site}/campaigns#search={name.rsplit(maxsplit=1)[-1]}")
    row = page.get_by_role("rowheader", name=name)
    archive_from_menu(page, name, "Archive")
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    archive_from_menu(page, name, "Archive")
    expect(row).to_have_count(0)
    page.get_by_role("tab", name=re.compile("Archived")).click()
    expect(row).to_be_visible()
    archive_from_menu(page, name, "Back into the list")
    expect(row).to_have_count(0)
    page.get_by_role("tab", name=re.compile("All")).click()
    expect(row).to_be_visible()


def archive_from_menu(page: Page, name: str, item: str) -> None:
    page.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name=item).click()


def test_sentences_of_a_launched_campaign_are_shown(page: Page, stack: Stack, errors: list[str]) -> None:
    """Those that Gemini chose among, whether the manager had some or Gemini proposed them at the start."""
    enter(page, stack)
    campaign = prepare(page, people=3, personalization="gemini", style={"writing": "sentences"})
    finish(page, stack, campaign)
    card = page.get_by_role("region", name="Sentences")
    card.get_by_text("Show the sentences").click()
    expect(card.get_by_role("heading", name="Opening")).to_be_visible(timeout=SLOW_TIMEOUT)
    expect(card.get_by_role("listitem").first).to_be_visible()
    expect(page.locator(".details-list")).to_contain_text("Gemini chooses checked sentences")


def test_failed_people_are_shown_with_their_reason(page: Page, stack: Stack, errors: list[str]) -> None:
    """From the reason to the people, in the address; one of them says at once that it failed, and why."""
    enter(page, stack)
    campaign = prepare(page)
    finish(page, stack, campaign)
    reasons = page.get_by_role("region", name="Why messages failed")
    reasons.get_by_role("button", name="Show them").first.click()
    expect(page).to_have_url(re.compile(r"state=failed&reason="))
    people = page.locator("#people")
    expect(people).to_be_focused()
    expect(people.get_by_role("tab", name=re.compile("Failed"))).to_have_attribute("aria-selected", "true")
    others = people.get_by_role("table").get_by_role("row").filter(has_not_text="Failed")
    expect(others).to_have_count(1, timeout=SLOW_TIMEOUT)  # the header: the list before may say of all that they wait
    people.get_by_role("table").get_by_role("button").first.press("Enter")
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("status")).to_contain_text(re.compile(r"It failed: .+\. (It will not|The reason is)"))
    expect(sheet).to_contain_text("it is good to have you")
    page.keyboard.press("Escape")
    expect(people.get_by_role("table").get_by_role("button").first).to_be_focused()
    page.reload()
    expect(people.get_by_role("tab", name=re.compile("Failed"))).to_have_attribute("aria-selected", "true")
    people.get_by_role("button", name="Show all reasons").click()
    people.get_by_role("tab", name="All").click()
    city = str(call(page, "api => api.campaigns.get(id)", id=campaign)["name"]).removeprefix("Diwali ")
    people.get_by_label("Search people").fill(f"{NAMES.index('Asha 7')}.{city}")
    expect(people.get_by_role("row")).to_have_count(2, timeout=SLOW_TIMEOUT)
    with page.expect_download() as download:
        page.get_by_role("button", name="More actions for this campaign").click()
        page.get_by_role("menuitem", name="Download as CSV").click()
    assert "Asha 7" in download.value.path().read_text("utf-8-sig")


def test_selection_survives_polling_and_cancelled_is_not_done(page: Page, stack: Stack, errors: list[str]) -> None:
    """Selected text, focus and scroll stay while numbers change; a cancelled campaign says how few got it."""
    enter(page, stack)
    campaign = prepare(page, people=8, per_minute=30)
    launch(page, stack, campaign)
    sentence = page.locator(".campaign-sentence")
    expect(sentence).to_contain_text(
        re.compile(r"8 people: [1-7] sent|8 people: \d sent, [1-7] failed"), timeout=SLOW_TIMEOUT
    )
    page.get_by_label("Search people").focus()
    page.evaluate("scrollTo(0, 300)")
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.plain-table .total-row th'))")
    before = sentence.inner_text()
    expect(sentence).not_to_have_text(before, timeout=SLOW_TIMEOUT)
    assert page.evaluate("getSelection().toString()").strip() == "Audience"
    assert page.evaluate("scrollY") == 300
    expect(page.get_by_label("Search people")).to_be_focused()
    page.get_by_role("button", name="Pause").press("Enter")
    expect(page.get_by_text("Nothing is sent until you resume")).to_be_visible(timeout=SLOW_TIMEOUT)
    expect(page.get_by_role("button", name="Resume")).to_be_focused()
    expect(page.get_by_role("list", name="Waiting messages")).to_contain_text("until the campaign is resumed")
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("button", name="Cancel campaign").click()
    dialog = page.get_by_role("dialog", name="Cancel this campaign?")
    expect(dialog).to_contain_text("will get no message")
    dialog.get_by_role("button", name="Cancel permanently").click()
    expect(page.get_by_text(re.compile(r"Cancelled: [\d.]+% of the audience got the message"))).to_be_visible()
    expect(sentence).to_contain_text("0 pending", timeout=SLOW_TIMEOUT)
    expect(page.locator(".progress-share")).not_to_contain_text("100%")
    expect(page.get_by_role("region", name="Why people were skipped")).to_contain_text("the campaign was cancelled")
    expect(page.get_by_role("group", name="Actions").get_by_role("button")).to_have_count(0)


def test_summary_is_asked_for_and_anybody_is_looked_up(page: Page, stack: Stack, errors: list[str]) -> None:
    """Nothing is written by itself; the look-up answers for people with and without a message."""
    enter(page, stack)
    campaign = prepare(page, people=3)
    finish(page, stack, campaign)
    summary = page.get_by_role("region", name="Summary")
    expect(summary).to_contain_text("Gemini can describe")
    summary.get_by_role("button", name="Summarise").click()
    expect(summary).to_contain_text("Written", timeout=SLOW_TIMEOUT)
    look_up = page.get_by_role("region", name="Did somebody get it, and why?")
    field = look_up.get_by_label("Name, e-mail, phone or ID")
    field.fill("nobody at all of this name")
    field.press("Enter")
    expect(look_up).to_contain_text("No customer found.")
    page_of_messages = call(
        page, "api => api.campaigns.messages(campaign, {limit: 9, state: 'skipped'})", campaign=campaign
    )
    field.fill(page_of_messages["items"][0]["customer_id"])
    field.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("They got no message: no consent.")


def test_drafts_and_scheduled_campaigns(page: Page, stack: Stack, errors: list[str]) -> None:
    """A draft leads to its editor, is duplicated and deleted in the list; a start time is changed, and cancelled."""
    enter(page, stack)
    draft = prepare(page, people=2, name="Draft")
    page.goto(f"{stack.site}/campaigns/{draft}")
    expect(page.get_by_role("link", name="Continue editing")).to_have_attribute("href", f"/campaigns/{draft}/edit")
    check_page(page, "campaign-draft", url=f"{stack.site}/campaigns/{draft}", ready=cards)
    expect(page.locator(".campaign-sentence")).to_have_count(0)
    name = call(page, "api => api.campaigns.get(id)", id=draft)["name"]
    page.goto(f"{stack.site}/campaigns#state=drafts&search={name.split()[1]}")
    page.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name="Delete draft").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete draft").click()
    expect(page.get_by_text("No campaign matches")).to_be_visible()
    scheduled = prepare(page, people=2, name="Later")
    call(page, "api => api.campaigns.launch(id, '2100-01-01T10:00:00Z')", id=scheduled)
    page.goto(f"{stack.site}/campaigns/{scheduled}")
    expect(page.get_by_role("region", name="Scheduled")).to_contain_text("It would reach 1 person now.")
    page.get_by_role("button", name="Change start time").click()
    dialog = page.get_by_role("dialog", name="When should the campaign start?")
    dialog.get_by_label("Date and time").fill("2020-02-29T10:00")
    dialog.get_by_role("button", name="Save start time").click()
    expect(dialog).to_contain_text("in the future")
    dialog.get_by_label("Date and time").fill("2100-01-02T10:00")
    dialog.get_by_role("button", name="Save start time").click()
    expect(page.get_by_role("region", name="Scheduled")).to_contain_text(re.compile(r"2 Jan 2100|Jan 2, 2100"))
    check_page(page, "campaign-scheduled", url=f"{stack.site}/campaigns/{scheduled}", ready=cards)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{stack.site}/campaigns/{scheduled}")
    page.get_by_role("button", name="More actions for this campaign").click()
    menu = page.get_by_role("menu").bounding_box()
    assert menu
    assert 0 <= menu["x"] <= 390 - menu["width"]
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Cancel campaign").click()
    page.get_by_role("button", name="Cancel permanently").click()
    expect(page.get_by_role("region", name="Cancelled before the start")).to_contain_text("No message was sent")


def test_unknown_messages_are_decided_about(
    page: Page,
    stack: Stack,
    stack_loop: asyncio.AbstractEventLoop,
    errors: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody knows whether two messages arrived: the page says so everywhere, and asks what to do."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", stack.firestore)
    enter(page, stack)
    campaign = prepare(page, people=4, vendor="webhook")
    httpx.post(f"{stack.vendor}/control", json={"mode": "ok", "lost_share": 1}).raise_for_status()
    try:
        launch(page, stack, campaign)
        sentence = page.locator(".campaign-sentence")
        expect(page.locator("#people").get_by_role("row")).to_have_count(5, timeout=SLOW_TIMEOUT)
        people = call(page, "api => api.campaigns.messages(id, {limit: 9, state: 'pending'})", id=campaign)["items"]
        unknown, sent = people[:2], people[2:]
        asyncio.run_coroutine_threadsafe(record(stack, campaign, "unknown", unknown), stack_loop).result(60)
        asyncio.run_coroutine_threadsafe(record(stack, campaign, "sent", sent), stack_loop).result(60)
    finally:
        httpx.post(f"{stack.vendor}/control", json={"mode": "ok"}).raise_for_status()
    expect(sentence).to_have_text("4 people: 1 sent, 0 failed, 1 skipped, 2 unknown, 0 pending.", timeout=SLOW_TIMEOUT)
    expect(page.get_by_label("Figures")).to_contain_text("Unknown")
    expect(page.locator(".details-list")).to_contain_text("Audience as of")
    page.get_by_role("tab", name=re.compile("Unknown")).click()
    table = page.locator("#people").get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(3, timeout=SLOW_TIMEOUT)
    table.get_by_role("button").first.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("We do not know whether it arrived")
    page.keyboard.press("Escape")
    check_page(page, "campaign-unknown", url=f"{stack.site}/campaigns/{campaign}", ready=people_rows)
    page.goto(f"{stack.site}/campaigns/{campaign}")
    page.get_by_role("button", name="Decide about 2 unknown").click()
    dialog = page.get_by_role("dialog", name="We do not know whether 2 messages arrived")
    expect(dialog).to_contain_text("gets it a second time")
    dialog.get_by_role("button", name="Record 2 as failed").click()
    expect(sentence).to_have_text("4 people: 1 sent, 2 failed, 1 skipped, 0 pending.", timeout=SLOW_TIMEOUT)
    expect(page.get_by_role("group", name="Actions").get_by_role("button", name="Decide")).to_have_count(0)


def test_clicks_on_each_link_are_shown(
    page: Page,
    stack: Stack,
    stack_loop: asyncio.AbstractEventLoop,
    errors: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A row for each link of the message, also without clicks, and what machines did in words below."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", stack.firestore)
    enter(page, stack)
    sale, long_link = "https://shop.example/sale", f"https://shop.example/{'very-' * 30}long"
    body = f"[Come in]({sale}) or read [this]({long_link})."
    message = {"subject": "Sale", "body": body, "preview": "Only today"}
    campaign = prepare(page, people=4, message=message, tracking={"enabled": True})
    finish(page, stack, campaign)
    people = call(page, "api => api.campaigns.messages(id, {limit: 9})", id=campaign)["items"]
    seen: list[tuple[ReceiptKind, str | None]] = [
        ("link_clicked", link_id(sale)),
        ("clicked", None),
        ("opened", None),
        ("machine_opened", None),
    ]
    for kind, link in seen:
        asyncio.run_coroutine_threadsafe(record(stack, campaign, kind, people[:2], link=link), stack_loop).result(60)
    page.goto(f"{stack.site}/campaigns/{campaign}")
    table = page.get_by_role("table", name="Links")
    expect(table.get_by_role("row")).to_have_count(3, timeout=SLOW_TIMEOUT)
    expect(table.get_by_role("row").nth(1)).to_contain_text(re.compile(f"{re.escape(sale)}.*2"))
    expect(table.get_by_role("row").nth(2)).to_contain_text(re.compile("long.*0"))
    expect(page.get_by_text("Not counted as people")).to_contain_text("opened 2 messages")
    expect(page.get_by_label("Figures")).to_contain_text("Clicked")
    expect(page.locator(".details-list")).to_contain_text("Opens and clicks")
    check_page(page, "campaign-links", url=f"{stack.site}/campaigns/{campaign}", ready=people_rows)


async def record(
    stack: Stack, campaign: str, kind: ReceiptKind, messages: list[dict[str, Any]], *, link: str | None = None
) -> None:
    """Record the outcome of messages as the receipts function does; `unknown` is Herald's own assumption."""
    documents = FirestoreDocuments(stack.config.project)
    receipts = [
        Receipt(
            message_id=message["message_id"],
            campaign_id=campaign,
            customer_id=message["customer_id"],
            kind=kind,
            at=datetime.now(UTC),
            retry_of_attempt=1 if kind == "unknown" else None,
            link=link,
        )
        for message in messages
    ]
    try:
        await Ledger(documents, shard="00").record(receipts)
    finally:
        await documents.close()


def test_retry_sends_failed_messages_again(page: Page, stack: Stack, errors: list[str]) -> None:
    """One in twenty of the simulator's messages fails temporarily, so that among 200 there are some."""
    enter(page, stack)
    city = f"C{random_id()}"
    people = [{"email": f"{n}.{city}@example.com", "name": f"Asha {n}", "city": city} for n in range(200)]
    call(page, "api => api.customers.add(people)", people=people)
    campaign = prepare(page, people=1, text=f'city = "{city}"')
    finish(page, stack, campaign)
    page.get_by_role("button", name=re.compile(r"Retry \d+ failed")).click()
    dialog = page.get_by_role("dialog", name=re.compile(r"Send again to \d+ p"))
    expect(dialog).to_contain_text("failed for a temporary reason")
    dialog.get_by_role("button", name=re.compile(r"Send again to \d")).click()
    expect(page.get_by_label("Figures")).to_contain_text("Sent again", timeout=SLOW_TIMEOUT)
    expect(page.get_by_text("Finished", exact=True)).to_be_visible(timeout=2 * SLOW_TIMEOUT)


def cancel_first(route: Route) -> None:
    """Cancel the campaign, as somebody else would, and only then let the browser ask for a pause."""
    url = route.request.url.replace("/pause", "/cancel")
    httpx.post(url, headers={"authorization": route.request.headers["authorization"]}).raise_for_status()
    route.continue_()


def test_refused_action_shows_its_reason_and_the_new_state(page: Page, stack: Stack) -> None:
    """Somebody else cancels the campaign while this reader pauses it. The list follows."""
    enter(page, stack)
    campaign = prepare(page, people=4, per_minute=1)
    name = call(page, "api => api.campaigns.get(id)", id=campaign)["name"]
    launch(page, stack, campaign)
    page.route(f"**/api/campaigns/{campaign}/pause", cancel_first)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".toast")).to_contain_text("cancelled")
    page.get_by_role("link", name="Campaigns").first.click()
    expect(page.get_by_role("row", name=name)).to_contain_text("Cancelled", timeout=SLOW_TIMEOUT)


def test_draft_that_needs_two_people_is_approved_on_its_page(page: Page, stack: Stack, errors: list[str]) -> None:
    """In a deployment that asks for it: the page says so, and then who approved the draft."""

    def as_needed(route: Route) -> None:
        known = {name: value for name, value in route.request.headers.items() if name != "if-none-match"}
        answer = route.fetch(headers=known)
        checklist = answer.json()
        checklist["approval"] = "given" if page.get_by_text("Approved. Somebody else").count() else "needed"
        route.fulfill(response=answer, json=checklist)

    enter(page, stack)
    campaign = prepare(page, people=2)
    page.route("**/api/campaigns/*/checklist*", as_needed)
    page.goto(f"{stack.site}/campaigns/{campaign}")
    expect(page.get_by_text("Two people have to agree")).to_be_visible(timeout=SLOW_TIMEOUT)
    check_page(
        page, "approval", url=f"{stack.site}/campaigns/{campaign}", ready=lambda page: page.wait_for_load_state()
    )
    page.goto(f"{stack.site}/campaigns/{campaign}")
    page.get_by_role("button", name="Approve").click(timeout=SLOW_TIMEOUT)
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()
    approved = page.get_by_role("definition").filter(has_text="admin@example.com").last
    expect(page.get_by_text("Approved", exact=True)).to_be_visible()
    expect(approved).to_be_visible()
    page.unroute_all(behavior="wait")
