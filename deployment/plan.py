"""Changes that a plan must not make by accident."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SIGN_IN = "google_identity_platform_default_supported_idp_config.google"
SECRET = "google_secret_manager_secret.secret"
SECRET_VERSION = "google_secret_manager_secret_version.secret"
PROTECTED = {
    SIGN_IN: "Google sign-in would be removed, and nobody could sign in. Give oauth_client_id and oauth_client_secret.",
    SECRET: "A secret would be removed. Give its version in secret_versions, as in the deployments before.",
    "google_firestore_database.access": "The members and the audit log would be removed. Use `make destroy`.",
    "google_firestore_database.database": "The database would be removed. Use `make destroy`.",
    "google_identity_platform_config.sign_in": "Sign-in would be removed. Use `make destroy`.",
}
"""What must not be removed or replaced, and what to do."""

OWN_SECRETS = {"CALLBACK_SECRET", "SUPPRESSION_KEY"}


def find_refusals(plan: Mapping[str, Any], given_secrets: set[str]) -> list[str]:
    """Return the reasons against a plan, as JSON from `terraform show`."""
    return [reason for change in plan.get("resource_changes", []) for reason in _reasons(change, given_secrets)]


def _reasons(change: Mapping[str, Any], given_secrets: set[str]) -> Iterator[str]:
    """Yield the reasons against one change."""
    address, actions = change["address"], change["change"]["actions"]
    base = address.partition("[")[0]
    if "delete" in actions and base in PROTECTED:
        yield f"{address}: {PROTECTED[base]}"
    if "create" in actions and base == SECRET_VERSION:
        name = change["index"]
        if name not in OWN_SECRETS | given_secrets:
            yield f"{address}: A new version of a secret needs its value in secrets."
        if "delete" in actions and name == "SUPPRESSION_KEY":
            yield f"{address}: The key of the suppression list must never change."
