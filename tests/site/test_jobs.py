"""The jobs of a manager, each from the home page to its end, with the number of clicks that it may take.

A click is a press of the mouse or a finger; a choice from a list is two. Typing, and moving by Tab, is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from common.ids import random_id
from local.stack import Stack
from tests.site.browsing import SLOW_TIMEOUT, call, sign_in

pytestmark = [pytest.mark.stack, pytest.mark.browser]

COUNTER = """
  const add = (presses) => {
    sessionStorage.setItem("clicks", String(presses + Number(sessionStorage.getItem("clicks"))));
  };
  addEventListener("pointerdown", () => add(1), true);
  addEventListener("input", ({ target }) => target.tagName === "SELECT" && add(2), true);
"""
CREATE_AND_LAUNCH = """async (api) => {
  const { id } = await api.campaigns.create(campaign);
  await api.campaigns.launch(id);
}"""

LONG_NAME = "Venkatanarasimharajuvaripeta Balasubramanian"  # longer ones are not plain, and count as missing


@dataclass
class Visit:
    """A reader at the site, and the city whose customers are only theirs."""

    page: Page
    stack: Stack
    city: str

    def link(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def button(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("button", name=name).first.click(timeout=SLOW_TIMEOUT)

    def add_people(self, *names: str, first: int = 0, **fields: Any) -> None:
        people = [
            {"email": f"{n}.{self.city}@example.com", "name": name, "city": self.city, **fields}
            for n, name in enumerate(names, start=first)
        ]
        call(self.page, "api => api.customers.add(people)", people=people)

    def launched(self, **settings: Any) -> None:
        """A campaign for the city, launched by somebody before."""
        campaign = {
            "name": f"For {self.city}",
            "text": f'city = "{self.city}"',
            "message": {"subject": "Hello {{ name }}", "body": "Dear {{ name }}, it is good to have you."},
            "vendor": "simulator",
            "channel": "email",
            "personalization": "template",
            **settings,
        }
        call(self.page, CREATE_AND_LAUNCH, campaign=campaign)

    def open_campaign(self) -> None:
        self.page.goto(f"{self.stack.site}/")
        self.link(f"For {self.city}")

    def write_campaign(self) -> None:
        self.link("New campaign")
        self.page.get_by_label("Campaign name").fill(f"For {self.city}")
        self.page.get_by_role("textbox", name="Rule").fill(f'city = "{self.city}"')
        self.page.get_by_label("Subject").fill("Hello {{ name }}")
        self.page.get_by_role("textbox", name="Message").fill("Dear {{ name }}, it is good to have you.")

    @property
    def count(self) -> Locator:
        """The number of people that a rule matches."""
        return self.page.locator(".audience-count")

    @property
    def sentence(self) -> Locator:
        """Where a campaign stands."""
        return self.page.locator(".campaign-sentence")


def understand_what_it_is(visit: Visit) -> None:
    expect(visit.page.get_by_text("exactly once")).to_be_visible()
    expect(visit.page.locator(".points li")).to_have_count(3)


def sign_in_at_once(visit: Visit) -> None:
    visit.page.get_by_label("E-mail").fill("admin@example.com")
    visit.button("Sign in locally")
    expect(visit.page.get_by_role("heading", name="Home")).to_be_visible()


def add_a_customer(visit: Visit) -> None:
    visit.link("Customers")
    visit.button("Add customer")
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill(f"asha.{visit.city}@example.com")
    dialog.get_by_label("Spend").fill("₹1,250")
    dialog.get_by_role("button", name="Save customer").click()
    expect(visit.page.get_by_text(f"asha.{visit.city}@example.com was added.")).to_be_visible()


def import_rows(visit: Visit, rows: list[str]) -> Locator:
    visit.link("Customers")
    visit.link("Import")
    content = "\n".join(["Email;Full name;City;Spend;Last active", *rows]).encode()
    file = FilePayload(name="people.csv", mimeType="text/csv", buffer=content)
    visit.page.get_by_label("File", exact=True).set_input_files(file)
    visit.page.get_by_label("Did these people agree to get e-mails from you?").select_option("granted")
    visit.button("Check without saving")
    result = visit.page.get_by_role("region", name="Result", exact=True)
    expect(result).to_contain_text("Nothing was saved", timeout=SLOW_TIMEOUT)
    return result


def import_a_messy_file(visit: Visit) -> None:
    address = f"0.{visit.city}@example.com"
    result = import_rows(visit, [f"{address};Asha;{visit.city};1,250.50;2026-11-03", "nobody;Bela;;7;"])
    visit.page.get_by_role("button", name="Import", exact=True).click()
    expect(result).to_contain_text("Imported.", timeout=SLOW_TIMEOUT)
    expect(result.get_by_role("listitem").filter(has_text="Line 3")).to_be_visible()


def import_dates_as_india_writes_them(visit: Visit) -> None:
    result = import_rows(visit, [f"0.{visit.city}@example.com;Asha;{visit.city};1250;03/11/2026"])
    expect(result.get_by_text("1 row rejected")).to_have_count(0)
    expect(result.get_by_role("group", name="New").or_(result.get_by_text("Would be new"))).to_be_visible()


def find_a_customer_by_name(visit: Visit) -> None:
    visit.add_people("Asha Rao", "Bela Das")
    visit.link("Customers")
    visit.page.get_by_role("searchbox").press_sequentially(f"rao {visit.city} ash")
    expect(visit.page.get_by_role("rowheader")).to_have_text(["Asha Rao"])


def tag_all_who_match(visit: Visit) -> None:
    visit.add_people("Asha Rao", "Bela Das", "Chetan Roy")
    visit.link("Customers")
    visit.page.get_by_role("searchbox").fill(visit.city)
    expect(visit.page.get_by_role("row")).to_have_count(4)
    visit.page.get_by_label("Select all that are shown").click()
    visit.button("Tags")
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_label("Tag", exact=True).fill("vip")
    dialog.get_by_role("button", name="Add to 3 people").click()
    expect(visit.page.get_by_text("3 people got the tag “vip”.")).to_be_visible()


def pause_from_the_home_page(visit: Visit) -> None:
    visit.add_people("Asha Rao", "Bela Das")
    visit.launched(per_minute=1)
    visit.page.goto(f"{visit.stack.site}/")
    visit.button(f"Pause For {visit.city}")
    expect(visit.page.get_by_role("button", name=f"Resume For {visit.city}")).to_be_visible()


def see_the_history_of_a_person(visit: Visit) -> None:
    visit.add_people("Asha Rao")
    visit.launched()
    visit.page.goto(f"{visit.stack.site}/")
    campaign = visit.page.get_by_role("row").filter(has_text=f"For {visit.city}")
    expect(campaign).to_contain_text("Finished", timeout=SLOW_TIMEOUT)
    visit.link("Customers")
    visit.page.get_by_role("searchbox").fill(visit.city)
    visit.link("Asha Rao")
    line = visit.page.get_by_role("region", name="Time line")
    expect(line).to_contain_text(f"For {visit.city}", timeout=SLOW_TIMEOUT)


def write_a_segment_as_text(visit: Visit) -> None:
    visit.add_people("Asha Rao", "Bela Das")
    visit.link("Segments")
    visit.link("New segment")
    visit.page.get_by_role("textbox", name="Rule").fill(f'city = "{visit.city}" AND name contains "Rao"')
    expect(visit.count).to_contain_text("1 person", timeout=SLOW_TIMEOUT)


def build_a_segment_from_conditions(visit: Visit) -> None:
    visit.add_people("Asha Rao", "Bela Das")
    visit.link("Segments")
    visit.link("New segment")
    condition = visit.page.get_by_role("group", name="Condition 1", exact=True)
    condition.get_by_label("Field").select_option("City")
    condition.get_by_label("Value").fill(visit.city)
    expect(visit.count).to_contain_text("2 people", timeout=SLOW_TIMEOUT)
    expect(visit.page.get_by_role("textbox", name="Rule")).to_have_value(f'city = "{visit.city}"')


def save_find_and_change_a_segment(visit: Visit) -> None:
    visit.add_people("Asha Rao")
    visit.link("Segments")
    visit.link("New segment")
    visit.page.get_by_label("Name", exact=True).fill(f"Of {visit.city}")
    rule = visit.page.get_by_role("textbox", name="Rule")
    rule.fill(f'city = "{visit.city}"')
    visit.button("Save")
    expect(visit.page.get_by_role("heading", level=1)).to_have_text(f"Of {visit.city}")
    visit.link("Segments")
    visit.link(f"Of {visit.city}")
    rule.fill(f'city = "{visit.city}" AND spend > 10')
    visit.button("Save")
    expect(visit.page.get_by_role("button", name="Undo")).to_be_visible()  # of this save, not of the one before
    visit.page.reload()
    expect(rule).to_have_value(f'city = "{visit.city}" AND spend > 10')


def write_the_message_of_a_campaign(visit: Visit) -> None:
    visit.link("New campaign")
    visit.page.get_by_label("Campaign name").fill("Diwali")
    visit.page.get_by_role("textbox", name="Message").fill("Dear ")
    visit.button("Insert first name")
    expect(visit.page.get_by_role("textbox", name="Message")).to_have_value("Dear {{ first_name }}")
    expect(visit.page.get_by_text(re.compile(r"Saved \d+ s ago"))).to_be_visible(timeout=SLOW_TIMEOUT)


def see_what_real_people_would_get(visit: Visit) -> None:
    visit.add_people("Asha Rao", LONG_NAME)
    visit.write_campaign()
    preview = visit.page.get_by_role("complementary", name="Preview for real people")
    expect(preview).to_contain_text("it is good to have you", timeout=SLOW_TIMEOUT)
    visit.button(LONG_NAME)
    expect(preview.locator(".message-bubble")).to_contain_text(f"Dear {LONG_NAME},")


def see_what_gemini_would_write(visit: Visit) -> None:
    visit.add_people("Asha Rao")
    visit.write_campaign()
    preview = visit.page.get_by_role("complementary", name="Preview for real people")
    expect(preview.get_by_text("Dear Asha Rao, it is good")).to_be_visible(timeout=SLOW_TIMEOUT)
    visit.button("Write with Gemini")
    expect(preview.get_by_text("Written by Gemini")).to_be_visible(timeout=SLOW_TIMEOUT)


def send_a_test_and_see_the_cost(visit: Visit) -> None:
    visit.add_people("Asha Rao")
    visit.write_campaign()
    expect(visit.page.get_by_text(re.compile("Gemini’s texts: .*₹"))).to_be_visible(timeout=SLOW_TIMEOUT)
    visit.button("Send a test")
    expect(visit.page.get_by_label("E-mail addresses")).to_have_value("admin@example.com")
    visit.page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(visit.page.get_by_text("on its way to admin@example.com")).to_be_visible(timeout=SLOW_TIMEOUT)


def schedule_with_a_pace(visit: Visit) -> None:
    visit.add_people("Asha Rao")
    visit.write_campaign()
    visit.page.get_by_label("Pace").fill("60")
    visit.page.get_by_label("At a time").click()
    visit.button("Schedule for 1 person")
    visit.page.get_by_role("dialog").get_by_role("button", name="Schedule").click()
    expect(visit.page.get_by_role("main").get_by_text("Scheduled").first).to_be_visible(timeout=SLOW_TIMEOUT)


def launch_a_campaign(visit: Visit) -> None:
    visit.add_people("Asha Rao")
    visit.write_campaign()
    visit.button("Launch to 1 person")
    visit.button("Launch to 1 person now")
    expect(visit.sentence).to_contain_text("1 person", timeout=SLOW_TIMEOUT)


def watch_a_campaign(visit: Visit) -> None:
    visit.add_people("Asha Rao", "Bela Das")
    visit.launched()
    visit.open_campaign()
    expect(visit.sentence).to_contain_text("0 pending", timeout=2 * SLOW_TIMEOUT)


def pause_resume_and_cancel_a_campaign(visit: Visit) -> None:
    visit.add_people(*(f"Asha {n}" for n in range(5)))
    visit.launched(per_minute=1)
    visit.open_campaign()
    visit.button("Pause")
    visit.button("Resume")
    visit.button("Cancel campaign")
    visit.button("Cancel permanently")
    expect(visit.page.get_by_role("main").get_by_text("Cancelled", exact=True).first).to_be_visible(
        timeout=SLOW_TIMEOUT
    )


def read_the_summary(visit: Visit) -> None:
    visit.add_people("Asha Rao")
    visit.launched()
    visit.open_campaign()
    visit.button("Summarise")
    expect(visit.page.get_by_role("region", name="Summary")).to_contain_text("Gemini", timeout=SLOW_TIMEOUT)


def see_why_somebody_got_nothing(visit: Visit) -> None:
    visit.add_people("Asha Rao", consent={"email": False})
    visit.add_people("Ravi Kumar", first=1)
    visit.launched()
    visit.open_campaign()
    people = visit.page.get_by_role("table", name="People")
    people.get_by_role("button", name="Asha Rao").click(timeout=SLOW_TIMEOUT)
    why = visit.page.get_by_role("dialog").get_by_role("status").first
    expect(why).to_contain_text("They got no message: no consent", timeout=SLOW_TIMEOUT)


def download_the_results(visit: Visit) -> None:
    visit.add_people("Asha Rao")
    visit.launched()
    visit.open_campaign()
    people = visit.page.get_by_role("table", name="People")
    expect(people.get_by_role("button", name="Asha Rao")).to_be_visible(timeout=SLOW_TIMEOUT)
    visit.button("More actions for this campaign")
    with visit.page.expect_download() as download:
        visit.page.get_by_role("menuitem", name="Download as CSV").click()
    assert f"0.{visit.city}@example.com".lower() in download.value.path().read_text()


def see_how_everything_is_at_home(visit: Visit) -> None:
    visit.add_people("Asha Rao")
    visit.launched()
    visit.page.goto(f"{visit.stack.site}/")
    expect(visit.page.get_by_text(re.compile("^(People reached|Sent in the last campaigns)$")).first).to_be_visible()
    expect(visit.page.get_by_role("link", name=f"For {visit.city}").first).to_be_visible()


def see_growth(visit: Visit) -> None:
    visit.add_people("Asha Rao")
    visit.page.reload()
    expect(visit.page.get_by_role("img", name=re.compile("customers.*days"))).to_be_visible()


def invite_a_member_and_create_a_key(visit: Visit) -> None:
    visit.link("Settings")
    visit.page.get_by_role("button", name="Invite", exact=True).click()
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill(f"dev.{visit.city}@example.com".lower())
    dialog.get_by_role("button", name="Invite").click()
    expect(visit.page.get_by_role("row").filter(has_text=f"dev.{visit.city}".lower())).to_be_visible()
    visit.page.get_by_text("API keys").first.click()
    visit.button("Create a key")
    dialog.get_by_label("Name").fill(f"Shop {visit.city}")
    dialog.get_by_role("button", name="Create").click()
    expect(dialog).to_contain_text("Copy it now")


def see_who_did_what(visit: Visit) -> None:
    visit.page.goto(f"{visit.stack.site}/settings/audit")
    expect(visit.page.get_by_role("table")).to_be_visible()


def sign_out_and_look_as_viewer(visit: Visit) -> None:
    visit.button(re.compile("Account of"))
    visit.page.get_by_role("menuitem", name="Sign out").click()
    visit.page.get_by_label("E-mail").fill("viewer@example.com")
    visit.button("Sign in locally")
    expect(visit.page.get_by_role("heading", name="Home")).to_be_visible()
    expect(visit.page.get_by_role("link", name="New campaign")).to_have_count(0)


Job = Callable[[Visit], None]
SIGNED_OUT = (understand_what_it_is, sign_in_at_once)

JOBS: list[tuple[int, Job]] = [
    (0, understand_what_it_is),
    (1, sign_in_at_once),
    (3, add_a_customer),
    (6, import_a_messy_file),
    (6, import_dates_as_india_writes_them),
    (1, find_a_customer_by_name),
    (4, tag_all_who_match),
    (1, pause_from_the_home_page),
    (2, see_the_history_of_a_person),
    (2, write_a_segment_as_text),
    (4, build_a_segment_from_conditions),
    (6, save_find_and_change_a_segment),
    (2, write_the_message_of_a_campaign),
    (2, see_what_real_people_would_get),
    (2, see_what_gemini_would_write),
    (3, send_a_test_and_see_the_cost),
    (4, schedule_with_a_pace),
    (3, launch_a_campaign),
    (1, watch_a_campaign),
    (5, pause_resume_and_cancel_a_campaign),
    (2, read_the_summary),
    (2, see_why_somebody_got_nothing),
    (3, download_the_results),
    (0, see_how_everything_is_at_home),
    (0, see_growth),
    (6, invite_a_member_and_create_a_key),
    (2, see_who_did_what),
    (3, sign_out_and_look_as_viewer),
]


@pytest.mark.parametrize(("clicks", "job"), [pytest.param(clicks, job, id=job.__name__) for clicks, job in JOBS])
def test_job_takes_few_clicks(clicks: int, job: Job, page: Page, stack: Stack) -> None:
    """The job can be done, with at most so many clicks."""
    page.add_init_script(COUNTER)
    if job in SIGNED_OUT:
        page.goto(stack.site)
    else:
        sign_in(page, stack, "admin@example.com")
    expect(page.get_by_role("heading", name="Sign in to Herald" if job in SIGNED_OUT else "Home")).to_be_visible()
    page.evaluate("sessionStorage.removeItem('clicks')")
    job(Visit(page, stack, f"C{random_id()}"))
    done = page.evaluate("Number(sessionStorage.getItem('clicks'))")
    assert done <= clicks, f"{done} clicks"
