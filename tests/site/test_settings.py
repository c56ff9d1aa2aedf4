"""The pages of the settings: members, API keys, webhooks and the audit log."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import call, sign_in
from tests.site.page_checks import check_page

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def enter(page: Page, stack: Stack, path: str, *, email: str = "admin@example.com") -> None:
    sign_in(page, stack, email)
    expect(page.get_by_role("navigation")).to_be_visible()
    page.goto(f"{stack.site}{path}")


def rows(page: Page) -> None:
    """The first row: on a phone the head of the table is hidden."""
    expect(page.get_by_role("rowheader").first).to_be_visible()


def test_members_page_in_every_variant(page: Page, stack: Stack, errors: list[str]) -> None:
    """With a person, a domain, a long address, and somebody who may not send."""
    enter(page, stack, "/settings/members")
    rows(page)  # only then is there a session for the calls below
    tag = random_id()
    people: list[dict[str, Any]] = [
        {"address": f"{'w' * 60}.{tag[:3]}@{'long-' * 8}{tag[:6]}.example", "role": "viewer"},
        {"address": f"@{tag}.example", "role": "viewer"},
        {"address": f"drafts.{tag}@example.com", "role": "manager", "may_send": False},
    ]
    for member in people:
        call(page, "api => api.members.invite(member)", member=member)
    check_page(page, "members", url=f"{stack.site}/settings/members", ready=rows)
    for member in people:
        call(page, "api => api.members.remove(address)", address=member["address"])


def test_member_is_invited_changed_and_removed(page: Page, stack: Stack, errors: list[str]) -> None:
    """A wrong address is told at its field; a public domain too."""
    enter(page, stack, "/settings/members")
    address = f"dev.{random_id()}@example.com"
    page.get_by_role("button", name="Invite", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill("@gmail.com")
    dialog.get_by_role("button", name="Invite").click()
    expect(dialog.get_by_label("E-mail")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_label("E-mail")).to_be_focused()
    dialog.get_by_label("E-mail").fill(address)
    dialog.get_by_label("May launch campaigns").uncheck()
    dialog.get_by_role("button", name="Invite").click()
    row = page.get_by_role("row").filter(has_text=address)
    expect(row).to_contain_text("Drafts only")
    row.get_by_role("button", name=f"Actions for {address}").click()
    page.get_by_role("menuitem", name="Change").click()
    page.get_by_role("dialog").get_by_label("May launch campaigns").check()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(row).to_contain_text("May send")
    row.get_by_role("button", name=f"Actions for {address}").click()
    page.get_by_role("menuitem", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_api_key_is_shown_once_and_deleted(page: Page, stack: Stack, errors: list[str]) -> None:
    """The secret is in one dialog, and nowhere after it was closed."""
    enter(page, stack, "/settings/keys")
    name = f"shop {random_id()}"
    page.get_by_role("button", name="Create a key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Create a key").click()
    shown = page.get_by_role("dialog", name="Your new key")
    secret = shown.get_by_label("API keys").input_value()
    assert secret.startswith("hk_")
    shown.get_by_role("button", name="Done").click()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_be_visible()
    assert secret not in page.content()
    check_page(page, "keys", url=f"{stack.site}/settings/keys", ready=rows)
    page.reload()  # in English again
    row.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)


def test_webhook_is_added_changed_looked_at_and_deleted(page: Page, stack: Stack, errors: list[str]) -> None:
    """The secret is shown once; a wrong address is told at its field; the log shows that nobody answers."""
    enter(page, stack, "/settings/webhooks")
    name = f"shop {random_id()}"
    page.get_by_role("button", name="Add a webhook").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_label("Address").fill("shop.example")
    dialog.get_by_role("button", name="Add a webhook").click()
    expect(dialog.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Address").fill("http://127.0.0.1:9/herald")
    dialog.get_by_label("Customer changed").uncheck()
    dialog.get_by_role("button", name="Add a webhook").click()
    shown = page.get_by_role("dialog", name="The new secret")
    secret = shown.get_by_label("Secret").input_value()
    assert secret.startswith("whsec_")
    shown.get_by_role("button", name="Done").click()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("Message sent")
    expect(row).not_to_contain_text("Customer changed")
    assert secret not in page.content()

    def choose(item: str) -> None:
        row.get_by_role("button", name=f"Actions for {name}").click()
        page.get_by_role("menuitem", name=item, exact=True).click()

    choose("Send a test event")
    expect(page.get_by_text("The test event is sent within about a minute.")).to_be_visible()
    check_page(page, "webhooks", url=f"{stack.site}/settings/webhooks", ready=rows)
    page.reload()  # in English again
    choose("Switch off")
    expect(row).to_contain_text("Off")
    choose("Switch on")
    choose("Requests")
    log = page.get_by_role("dialog", name=f"Requests to “{name}”")
    expect(log).to_be_visible()
    log.get_by_role("button", name="Done").click()
    choose("Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)


def test_topic_is_added_and_a_person_leaves_it(page: Page, stack: Stack, errors: list[str]) -> None:
    """A wrong name is told at its field. The page of a person then has the topic for each channel."""
    enter(page, stack, "/settings/topics")
    name = f"t{random_id()}"
    page.get_by_role("button", name="Add a topic").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("In English").fill(f"News {name}")
    dialog.get_by_label("In Hindi").fill("समाचार")
    dialog.get_by_label("Name").fill("Not a name")
    dialog.get_by_role("button", name="Add a topic").click()
    expect(dialog.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Name").fill(name)
    dialog.get_by_role("button", name="Add a topic").click()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_be_visible()
    check_page(page, "topics", url=f"{stack.site}/settings/topics", ready=rows)
    call(page, "api => api.customers.add(people)", people=[{"email": f"{name}@example.com"}])
    person = call(page, "api => api.customers.list({search: word, limit: 1})", word=name)["items"][0]["id"]
    page.goto(f"{stack.site}/customers/{person}")
    page.get_by_text("Topics: E-mail").click()
    page.get_by_label(f"News {name} (E-mail)").select_option("Said no")
    expect(page.get_by_text("is withdrawn")).to_be_visible()
    page.goto(f"{stack.site}/settings/topics")
    row.get_by_role("button", name="Actions for").click()
    page.get_by_role("menuitem", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_audit_log_shows_who_did_what(page: Page, stack: Stack, errors: list[str]) -> None:
    """The newest first, by action, person and day; what a change changed is beside it."""
    enter(page, stack, "/settings/audit")
    rows(page)
    address = f"log.{random_id()}@example.com"
    call(page, "api => api.members.invite(member)", member={"address": address, "role": "viewer"})
    call(page, "api => api.members.change(address, rights)", address=address, rights={"role": "manager"})
    call(page, "api => api.members.remove(address)", address=address)
    page.reload()
    changed = page.get_by_role("row").filter(has_text=address).filter(has_text="Member changed")
    expect(changed).to_contain_text("role: viewer → manager")
    page.get_by_label("What", exact=True).select_option("Member removed")
    expect(page.get_by_role("rowheader").first).to_have_text("Member removed")
    expect(page.get_by_role("row").filter(has_text=address)).to_have_count(1)
    page.get_by_role("searchbox").fill("nobody@example.com")
    expect(page.get_by_text("Nothing here")).to_be_visible()
    check_page(page, "audit", url=f"{stack.site}/settings/audit", ready=rows)


def test_settings_are_for_admins(page: Page, stack: Stack, errors: list[str]) -> None:
    """A viewer sees no link to them, and a page that says who can open them."""
    enter(page, stack, "/settings/members", email="viewer@example.com")
    expect(page.get_by_role("heading", level=1)).to_have_text("You cannot open this page")
    expect(page.get_by_role("link", name="Settings")).to_have_count(0)
