"""The page that shows the mails, newest first, and each of them: the HTML, the text, and the source."""

from __future__ import annotations

from html import escape
from string import Template

from aiohttp import web

from local.mailbox.server import Mailbox, ReceivedMail

PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 1.5rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #8884; vertical-align: top }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #8881; padding: 1rem; border-radius: .5rem }
iframe { width: 100%; height: 36rem; border: 1px solid #8884; border-radius: .5rem }
.muted { color: GrayText }
</style>
</head>
<body>
$body
</body>
</html>
""")
SHOWN = 500


def application(mailbox: Mailbox) -> web.Application:
    """The page, and the mails as JSON for tests."""
    app = web.Application()

    async def show_list(request: web.Request) -> web.Response:
        return _html("Mailbox", _list(mailbox, request.query.get("to", "")))

    async def show_mail(request: web.Request) -> web.Response:
        mail = _find(mailbox, request)
        return _html(str(mail.message["Subject"]), _details(mail))

    async def show_body(request: web.Request) -> web.Response:
        return web.Response(text=_find(mailbox, request).part("html"), content_type="text/html")

    async def read_mails(request: web.Request) -> web.Response:
        return web.json_response([_as_json(mail) for mail in mailbox.mails])

    app.add_routes(
        [
            web.get("/", show_list),
            web.get("/mails", read_mails),
            web.get(r"/mails/{id:\d+}", show_mail),
            web.get(r"/mails/{id:\d+}/body", show_body),
        ]
    )
    return app


def _find(mailbox: Mailbox, request: web.Request) -> ReceivedMail:
    number = int(request.match_info["id"])
    mail = next((mail for mail in mailbox.mails if mail.id == number), None)
    if mail is None:
        raise web.HTTPNotFound(text="There is no such mail any more.")
    return mail


def _as_json(mail: ReceivedMail) -> dict[str, object]:
    """All of the mail, for tests."""
    return {
        "id": mail.id,
        "at": mail.at.isoformat(),
        "from": mail.sender,
        "to": mail.recipient,
        "headers": {name: str(value) for name, value in mail.message.items()},
        "text": mail.part("plain"),
        "html": mail.part("html"),
        "encrypted": mail.is_encrypted,
    }


def _html(title: str, body: str) -> web.Response:
    return web.Response(text=PAGE.substitute(title=escape(title), body=body), content_type="text/html")


def _list(mailbox: Mailbox, to: str) -> str:
    """The mails to addresses with this text, newest first."""
    found = [mail for mail in mailbox.mails if to in mail.recipient]
    rows = "".join(
        f"<tr><td>{mail.at:%H:%M:%S}</td><td>{escape(mail.recipient)}</td>"
        f'<td><a href="/mails/{mail.id}">{escape(str(mail.message["Subject"]))}</a></td></tr>'
        for mail in found[:SHOWN]
    )
    shown = f", the newest {SHOWN} are shown" if len(found) > SHOWN else ""
    return (
        f"<h1>Mailbox</h1><p>{len(found)} mails{shown}. They stay on this machine until it stops.</p>"
        f'<form><label>To <input name="to" type="search" value="{escape(to)}"></label> <button>Search</button></form>'
        f"<table><thead><tr><th>At</th><th>To</th><th>Subject</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _details(mail: ReceivedMail) -> str:
    message = mail.message
    heads = "".join(f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in message.items())
    return (
        f'<p><a href="/">All mails</a></p><h1>{escape(str(message["Subject"]))}</h1>'
        f'<iframe sandbox title="The mail as HTML" src="/mails/{mail.id}/body"></iframe>'
        f"<h2>Text</h2><pre>{escape(mail.part('plain'))}</pre><h2>Headers</h2><table>{heads}</table>"
    )
