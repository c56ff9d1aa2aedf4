"""What the local stack consists of."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from local import emulators
from local.config import Plan
from local.emulators import NotInstalled
from local.process import Part
from local.serving import HOST
from local.topology import ROOT

FIRST_ADMIN = "admin@example.com"
FRAMEWORK = Path(sys.executable).with_name("functions-framework")


def firestore(plan: Plan) -> Part:
    command = emulators.command(emulators.FIRESTORE, plan.ports.firestore, plan.environ)
    return _emulator(plan, "firestore", "Firestore emulator", command, plan.firestore)


def importing(firestore: Part, metadata: Path) -> Part:
    """The same with what an export holds; it ends at once where that cannot be read."""
    return replace(firestore, command=[*firestore.command, f"--import-data={metadata}"])


def pubsub(plan: Plan) -> Part:
    command = emulators.command(emulators.PUBSUB, plan.ports.pubsub, plan.environ)
    return _emulator(plan, "pubsub", "Pub/Sub emulator", command, plan.pubsub)


def auth(plan: Plan) -> Part:
    node = shutil.which("node")
    if node is None:
        raise NotInstalled("Firebase's Auth emulator needs Node.js 20 or newer: install it (https://nodejs.org).")
    command = [node, str(ROOT / "local" / "auth.mjs"), HOST, str(plan.ports.auth), plan.project]
    return _emulator(plan, "auth", "Auth emulator", command, plan.auth)


def _emulator(plan: Plan, name: str, title: str, command: list[str], address: str) -> Part:
    return Part(name=name, title=title, command=command, environ=plan.environ, address=address)


def push(plan: Plan) -> Part:
    given = {
        "PUSH_ISSUER": plan.push,
        "PUSH_IDENTITY": plan.push_identity,
        "FUNCTIONS": json.dumps(plan.functions),
    }
    return _service(plan, "push", "Push service", plan.push, given)


def gemini(plan: Plan, url: str) -> Part:
    return _service(plan, "gemini", "Gemini stand-in", url, {}, path="/control")


def vendor(plan: Plan, url: str) -> Part:
    given = {"WEBHOOK_SECRET": plan.webhook_secret, "PUBLIC_URL": plan.site}
    return _service(plan, "vendor", "Outside vendor", url, given, path="/control")


def site(plan: Plan) -> Part:
    given = {"FUNCTIONS": json.dumps(plan.functions)}
    return _service(plan, "site", "Site", plan.site, given, path="/__/firebase/init.json")


def _service(plan: Plan, name: str, title: str, url: str, given: dict[str, str], *, path: str = "/") -> Part:
    """A process of `local` itself."""
    address = urlsplit(url).netloc
    python_path = f"{ROOT}:{ROOT / 'functions'}"
    environ = _shared(plan) | given | {"PORT": address.rpartition(":")[2], "PYTHONPATH": python_path}
    command = [sys.executable, "-m", f"local.{name}"]
    return Part(name=name, title=title, command=command, environ=environ, address=address, path=path)


def function(plan: Plan, name: str) -> Part:
    """An entry point behind gunicorn, as in the cloud."""
    url = plan.functions[name]
    address = urlsplit(url).netloc
    source = ROOT / "functions" / plan.topology.functions[name].folder / "main.py"
    command = [str(FRAMEWORK), "--source", str(source), "--target", name, "--host", HOST]
    return Part(
        name=name,
        title=f"Function {name}",
        command=[*command, "--port", address.rpartition(":")[2]],
        environ=_shared(plan) | _settings(plan) | _push(plan, name) | {"PYTHONPATH": str(ROOT / "functions")},
        address=address,
        path="/robots.txt",  # answered by the framework, once the function's code is loaded
    )


def _push(plan: Plan, name: str) -> dict[str, str]:
    """What a function knows of the subscription that pushes to it."""
    attempts = [one.max_delivery_attempts for one in plan.topology.subscriptions.values() if one.function == name]
    known = {"PUSH_ATTEMPTS": str(attempts[0])} if attempts and attempts[0] else {}
    return known | {"PUSH_AUDIENCE": plan.functions[name]}


def _shared(plan: Plan) -> dict[str, str]:
    passed_through = {name: value for name, value in plan.environ.items() if name != "PORT"}
    return passed_through | {
        "GOOGLE_CLOUD_PROJECT": plan.project,
        "FIRESTORE_EMULATOR_HOST": plan.firestore,
        "PUBSUB_EMULATOR_HOST": plan.pubsub,
        "FIREBASE_AUTH_EMULATOR_HOST": plan.auth,
        "TOPOLOGY": str(plan.topology_path),
    }


def _settings(plan: Plan) -> dict[str, str]:
    """The functions' settings, as a deployment would give them."""
    model = {"GEMINI_API_KEY": "local", "GEMINI_BASE_URL": plan.gemini} if plan.gemini else {}
    vendor = {"WEBHOOK_URL": f"{plan.vendor}/messages", "WEBHOOK_SECRET": plan.webhook_secret} if plan.vendor else {}
    own = {
        "PUBLIC_URL": plan.site,
        "FIRST_ADMIN": FIRST_ADMIN,
        "TICK_SECONDS": str(plan.tick_seconds),
        "CALLBACK_SECRET": plan.callback_secret,
        "SUPPRESSION_KEY": plan.suppression_key,
        "PUSH_IDENTITY": plan.push_identity,
        "PUSH_ISSUER": plan.push,
        "PUSH_CERTS_URL": f"{plan.push}/certs",
    }
    return model | vendor | own
