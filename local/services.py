"""The services of the local stack."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from local import emulators
from local.config import ACCESS_DATABASE, TWILIO_ACCOUNT, StackConfig
from local.emulators import EmulatorNotInstalled
from local.process import Service
from local.serving import HOST
from local.topology import ROOT
from local.vendor.sendgrid import event_key

FIRST_ADMIN = "admin@example.com"
FRAMEWORK = Path(sys.executable).with_name("functions-framework")


def firestore(config: StackConfig) -> Service:
    command = emulators.start_command(emulators.FIRESTORE, config.ports.firestore, config.environ)
    return _emulator(config, "firestore", "Firestore emulator", command, config.firestore)


def with_import(firestore: Service, metadata: Path) -> Service:
    """Return the Firestore service with an export to import. It exits immediately if the export cannot be read."""
    return replace(firestore, command=[*firestore.command, f"--import-data={metadata}"])


def pubsub(config: StackConfig) -> Service:
    command = emulators.start_command(emulators.PUBSUB, config.ports.pubsub, config.environ)
    return _emulator(config, "pubsub", "Pub/Sub emulator", command, config.pubsub)


def auth(config: StackConfig) -> Service:
    node = shutil.which("node")
    if node is None:
        raise EmulatorNotInstalled(
            "Firebase's Auth emulator needs Node.js 20 or newer: install it (https://nodejs.org)."
        )
    command = [node, str(ROOT / "local" / "auth.mjs"), HOST, str(config.ports.auth), config.project]
    return _emulator(config, "auth", "Auth emulator", command, config.auth)


def _emulator(config: StackConfig, name: str, title: str, command: list[str], address: str) -> Service:
    return Service(name=name, title=title, command=command, environ=config.environ, address=address)


def push(config: StackConfig) -> Service:
    environ = {
        "PUSH_ISSUER": config.push,
        "PUSH_IDENTITY": config.push_identity,
        "FUNCTIONS": json.dumps(config.functions),
    }
    return _local_service(config, "push", "Push service", config.push, environ)


def gemini(config: StackConfig, url: str) -> Service:
    environ = {"MODEL": config.environ.get("MODEL") or "stand-in"}
    return _local_service(config, "gemini", "Gemini stand-in", url, environ, path="/control")


def vendor(config: StackConfig, url: str) -> Service:
    environ = {"WEBHOOK_SECRET": config.webhook_secret, "PUBLIC_URL": config.site}
    return _local_service(config, "vendor", "Vendor stand-in", url, environ, path="/control")


def mailbox(config: StackConfig, url: str) -> Service:
    environ = {"SMTP_PORT": str(config.smtp_port)}
    return _local_service(config, "mailbox", "Mailbox", url, environ)


def site(config: StackConfig) -> Service:
    environ = {"FUNCTIONS": json.dumps(config.functions)}
    return _local_service(config, "site", "Site", config.site, environ, path="/__/firebase/init.json")


def _local_service(
    config: StackConfig, name: str, title: str, url: str, environ: dict[str, str], *, path: str = "/"
) -> Service:
    """Return a service that is the module `local.{name}`."""
    address = urlsplit(url).netloc
    python_path = f"{ROOT}:{ROOT / 'functions'}"
    environ = _shared_environ(config) | environ | {"PORT": address.rpartition(":")[2], "PYTHONPATH": python_path}
    command = [sys.executable, "-m", f"local.{name}"]
    return Service(name=name, title=title, command=command, environ=environ, address=address, path=path)


def function(config: StackConfig, name: str) -> Service:
    """Return the service of an entry point, served by gunicorn as in the cloud."""
    url = config.functions[name]
    address = urlsplit(url).netloc
    source = ROOT / "functions" / config.topology.functions[name].folder / "main.py"
    command = [str(FRAMEWORK), "--source", str(source), "--target", name, "--host", HOST]
    settings = _shared_environ(config) | _function_settings(config) | _push_settings(config, name)
    vendors = ",".join(config.topology.available_vendors(settings))
    return Service(
        name=name,
        title=f"Function {name}",
        command=[*command, "--port", address.rpartition(":")[2]],
        environ=settings | {"VENDORS": vendors, "PYTHONPATH": str(ROOT / "functions")},
        address=address,
        path="/robots.txt",  # the framework responds once the function's code is loaded
    )


def _push_settings(config: StackConfig, name: str) -> dict[str, str]:
    """Return the settings that depend on the subscription that pushes to the function."""
    attempts = [
        subscription.max_delivery_attempts
        for subscription in config.topology.subscriptions.values()
        if subscription.function == name
    ]
    settings = {"PUSH_ATTEMPTS": str(attempts[0])} if attempts and attempts[0] else {}
    return settings | {"PUSH_AUDIENCE": config.functions[name]}


def _shared_environ(config: StackConfig) -> dict[str, str]:
    inherited = {name: value for name, value in config.environ.items() if name != "PORT"}
    return inherited | {
        "GOOGLE_CLOUD_PROJECT": config.project,
        "FIRESTORE_EMULATOR_HOST": config.firestore,
        "PUBSUB_EMULATOR_HOST": config.pubsub,
        "FIREBASE_AUTH_EMULATOR_HOST": config.auth,
        "TOPOLOGY": str(config.topology_path),
    }


def _function_settings(config: StackConfig) -> dict[str, str]:
    """Return the functions' settings, as a deployment sets them."""
    model = {"GEMINI_API_KEY": "local", "GEMINI_BASE_URL": config.gemini} if config.gemini else {}
    settings = {
        "WEBHOOK_ALLOW_PRIVATE": "true",
        "EVENTS_ALLOW_PRIVATE": "true",
        "PUBLIC_URL": config.site,
        "ACCESS_DATABASE": ACCESS_DATABASE,
        "FIRST_ADMIN": FIRST_ADMIN,
        "TICK_SECONDS": str(config.tick_seconds),
        "CALLBACK_SECRET": config.callback_secret,
        "SUPPRESSION_KEY": config.suppression_key,
        "PUSH_IDENTITY": config.push_identity,
        "PUSH_ISSUER": config.push,
        "PUSH_CERTS_URL": f"{config.push}/certs",
        "TRACE_ONE_IN": config.environ.get("TRACE_ONE_IN", "1"),
    }
    return model | _vendor_settings(config) | _mail_settings(config) | settings


def _vendor_settings(config: StackConfig) -> dict[str, str]:
    """Those of the stand-ins; a vendor that the caller has set up with an account stays as it is."""
    if not config.vendor:
        return {}
    settings = {"WEBHOOK_URL": f"{config.vendor}/messages", "WEBHOOK_SECRET": config.webhook_secret}
    if not config.environ.get("TWILIO_ACCOUNT_SID"):
        settings |= {
            "TWILIO_API_URL": f"{config.vendor}/twilio",
            "TWILIO_ACCOUNT_SID": TWILIO_ACCOUNT,
            "TWILIO_AUTH_TOKEN": config.webhook_secret,
            "TWILIO_SENDER": "+15005550006",
            "TWILIO_WHATSAPP_SENDER": "+15005550006",
        }
    if not config.environ.get("SENDGRID_API_KEY"):
        settings |= {
            "SENDGRID_API_URL": f"{config.vendor}/sendgrid",
            "SENDGRID_API_KEY": config.webhook_secret,
            "SENDGRID_EVENT_KEY": event_key(SecretStr(config.webhook_secret)),
        }
    return settings


def _mail_settings(config: StackConfig) -> dict[str, str]:
    """Those of the mailbox, if it runs."""
    if not config.mailbox:
        return {}
    return {
        "SMTP_HOST": HOST,
        "SMTP_PORT": str(config.smtp_port),
        "SMTP_SECURITY": "none",
        "MAIL_FROM": "Herald <news@shop.example>",
        "MAIL_SHOP_NAME": "Your shop",
        "MAIL_POSTAL_ADDRESS": "1 Example Street, Pune",
    }
