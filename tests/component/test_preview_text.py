"""The preview text of a mail: each person's own, as it was claimed first, and gone when the person is erased."""

from __future__ import annotations

from datetime import timedelta

from common.events import MessageReady, MessageTemplate
from common.ids import message_id
from common.messages.redactions import redact_claim
from common.messages.templates import render_preview, used_paths, validate_template
from common.storage.documents import Query
from tests.component.test_api_campaigns import CampaignsApiFixture
from tests.component.test_smtp_vendor import MailServers, message, servers  # noqa: F401  # a fixture
from tests.in_memory_herald import InMemoryHerald, InMemoryVendor
from tests.support import customer_id
from vendor.vendor import Accepted, Rejected

PREVIEW = "A surprise\nfor {{ city }}"


class RecordingVendor(InMemoryVendor):
    """Keeps the messages that it gets."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[MessageReady] = []

    async def send(self, message: MessageReady) -> Accepted | Rejected:
        self.messages.append(message)
        return await super().send(message)


async def test_preview_text_is_each_persons_own_whoever_writes_the_rest() -> None:
    """Gemini writes subject and body; the preview text is the manager's, with the person's values, in one line."""
    for personalization in ("gemini", "template"):
        herald = InMemoryHerald()
        vendor = herald.vendor = RecordingVendor()
        herald.restart()
        await herald.add_customers(2, city="Pune")
        template = MessageTemplate(subject="Hi {{ name }}", body="Come", preview=PREVIEW)
        await herald.launch(message=template.model_dump(), personalization=personalization)
        await herald.work()
        assert {sent.preview for sent in vendor.messages} == {"A surprise for Pune"}


async def test_preview_text_is_claimed_with_the_text_and_erased_with_it() -> None:
    """Whoever takes over a message sends the same; a claim of an erased person has no text."""
    herald = InMemoryHerald()
    vendor = herald.vendor = RecordingVendor()
    vendor.failures_left = 1
    herald.restart()
    await herald.add_customers(1, city="Pune")
    template = MessageTemplate(subject="Hi {{ name }}", body="Come", preview=PREVIEW)
    await herald.launch(message=template.model_dump(), personalization="template")
    await herald.work()
    herald.now += timedelta(hours=1)
    await herald.tick()
    assert [sent.preview for sent in vendor.messages] == ["A surprise for Pune"] * 2
    [claim] = await herald.documents.query(Query(collection="claims"))
    assert claim.id == message_id("c", customer_id("external_id", "0"))
    assert claim["preview"] == "A surprise for Pune"
    await herald.documents.commit([redact_claim(claim)])
    assert "Pune" not in str((await herald.documents.get(claim.path)).data)


async def test_mail_has_the_preview_text_hidden_before_the_message(servers: MailServers) -> None:  # noqa: F811
    """Mail programs show the first text of a mail beside its subject; nobody sees it in the mail itself."""
    vendor = await servers.start()
    await vendor.send(message(preview="15% off <today>"))
    html = servers.mailbox.mails[0].part("html")
    assert '<div style="display:none' in html
    assert html.index("15% off &lt;today&gt;") < html.index("Dear")
    await vendor.send(message())
    assert "display:none" not in servers.mailbox.mails[0].part("html")


def test_preview_text_is_a_template_like_the_rest() -> None:
    """Its fields count as used, its errors are named, and without it there is none."""
    template = MessageTemplate(subject="Hi", body="Come", preview=PREVIEW)
    validate_template(template)
    assert used_paths(template) == {("city",)}
    assert render_preview(template, {"city": "Pune"}) == "A surprise for Pune"
    assert render_preview(MessageTemplate(body="Come"), {}) is None


async def test_preview_text_is_shown_for_real_people_and_sent_in_tests() -> None:
    """The editor shows it as each person would get it, and a test message has it."""
    api = CampaignsApiFixture()
    await api.customers()
    template = {"subject": "Hi", "body": "Come", "preview": "For {{ name }}"}
    draft = {"text": "spend > 10000", "message": template, "personalization": "template"}
    path = f"/api/campaigns/{(await api.campaign(**draft)).json()['id']}"
    [person] = (await api.call("POST", f"{path}/preview", json={"people": 1})).json()["people"]
    assert person["preview"] == "For Big"
    answer = await api.call("POST", f"{path}/test", json={"to": ["me@example.com"]})
    assert answer.is_success
    [sent] = [event for event in api.publisher.events if isinstance(event, MessageReady)]
    assert sent.preview == "For Big"
