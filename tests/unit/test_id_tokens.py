"""ID tokens as in the cloud, signed with the test's own keys and verified by Google's library."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from common.errors import Unauthenticated
from common.web.auth import AccountClosed, VerifyIdToken
from common.web.firebase import id_token_verifier
from common.web.principal import Identity

PROJECT = "shop"
KEY_ID = "k1"


class TokenIssuer:
    """Signs tokens like Firebase, with its own key and certificate."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer")])
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
        builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
        self.certificate = builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def token(self, *, key_id: str | None = KEY_ID, **changes: Any) -> str:
        """A valid token of Asha, with some claims changed; None leaves a claim out."""
        headers = {"kid": key_id} if key_id else {}
        return jwt.encode(claims(**changes), self.key, algorithm="RS256", headers=headers)


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    valid = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": "asha",
        "email": "asha@example.com",
        "email_verified": True,
        "iat": now - 60,
        "auth_time": now - 60,
        "exp": now + 3_600,
        "firebase": {"sign_in_provider": "google.com", "identities": {"google.com": ["117"]}},
    }
    return {name: value for name, value in (valid | changes).items() if value is not None}


ISSUER, OTHER_ISSUER = TokenIssuer(), TokenIssuer()
SERVICE_ACCOUNT = {
    "type": "service_account",
    "project_id": PROJECT,
    "client_email": "herald-customers@shop.iam.gserviceaccount.com",
    "token_uri": "https://oauth2.googleapis.com/token",
    "private_key": OTHER_ISSUER.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode(),
}
"""The function's identity, with which it asks for accounts."""


class Google:
    """Answers for certificates, access tokens, and the account of Asha; None for one that was deleted."""

    def __init__(self) -> None:
        self.account: dict[str, Any] | None = {"localId": "asha", "email": "asha@example.com"}

    def answer(self, url: str) -> dict[str, Any]:
        """The JSON of the service at an address."""
        if url.startswith("https://www.googleapis.com/robot/v1/metadata/x509/securetoken"):
            return {KEY_ID: ISSUER.certificate}
        if url == SERVICE_ACCOUNT["token_uri"]:
            return {"access_token": "token", "expires_in": 3_600}
        assert url == f"https://identitytoolkit.googleapis.com/v1/projects/{PROJECT}/accounts:lookup", url
        return {"users": [self.account] if self.account else []}


@pytest.fixture
def google() -> Google:
    return Google()


@pytest.fixture
def verify_id_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, google: Google) -> VerifyIdToken:
    """The verifier of a deployment. Google's addresses answer with the test's certificate and account."""

    def send(self: object, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        response = requests.Response()
        response.status_code, response.request, response.url = 200, request, request.url or ""
        response.raw = None
        response.headers["content-type"] = "application/json"
        vars(response)["_content"] = json.dumps(google.answer(request.url or "")).encode()
        return response

    account = tmp_path / "account.json"
    account.write_text(json.dumps(SERVICE_ACCOUNT))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(account))
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST", raising=False)
    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    return id_token_verifier(PROJECT)


async def test_valid_token_gives_the_email(verify_id_token: VerifyIdToken) -> None:
    """Signed by Google's key, for this project, not expired, with a verified e-mail."""
    assert await verify_id_token(ISSUER.token()) == Identity(email="asha@example.com", subject="117")


@pytest.mark.parametrize("account", [None, {"disabled": True}, {"validSince": str(int(time.time()) + 86_400)}])
async def test_closed_account_is_refused_when_it_is_asked_for(
    verify_id_token: VerifyIdToken, google: Google, account: dict[str, Any] | None
) -> None:
    """Deleted, disabled, or signed out everywhere: at once where it matters, elsewhere after a minute."""
    token = ISSUER.token()
    await verify_id_token(token)
    google.account = account and {"localId": "asha", **account}
    assert (await verify_id_token(token)).subject == "117"
    with pytest.raises(AccountClosed) as refused:
        await verify_id_token(token, fresh=True)
    assert refused.value.email == "asha@example.com"


def signed_with_the_certificate() -> str:
    """HS256 with the certificate, which everybody knows, as the secret."""
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": "HS256", "typ": "JWT", "kid": KEY_ID}, claims())
    )
    signature = hmac.new(ISSUER.certificate.encode(), head + b"." + body, hashlib.sha256).digest()
    return b".".join([head, body, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


FORGED: dict[str, Callable[[], str]] = {
    "expired": lambda: ISSUER.token(exp=int(time.time()) - 30),
    "of the future": lambda: ISSUER.token(iat=int(time.time()) + 600),
    "for another project": lambda: ISSUER.token(aud="other"),
    "for no project": lambda: ISSUER.token(aud=None),
    "of another project's issuer": lambda: ISSUER.token(iss="https://securetoken.google.com/other"),
    "of another issuer": lambda: ISSUER.token(iss="https://accounts.google.com"),
    "a session cookie": lambda: ISSUER.token(iss=f"https://session.firebase.google.com/{PROJECT}"),
    "of an unknown key": lambda: OTHER_ISSUER.token(key_id="k2"),
    "signed by another key": OTHER_ISSUER.token,
    "without a key": lambda: ISSUER.token(key_id=None),
    "unsigned": lambda: jwt.encode(claims(), "", algorithm="none", headers={"kid": KEY_ID}),
    "unsigned, without its signature": lambda: ISSUER.token().rpartition(".")[0] + ".",
    "signed with the certificate as a secret": signed_with_the_certificate,
    "of nobody": lambda: ISSUER.token(sub=""),
    "without a subject": lambda: ISSUER.token(sub=None),
    "without an e-mail": lambda: ISSUER.token(email=None),
    "of an unverified e-mail": lambda: ISSUER.token(email_verified=False),
    "without saying whether the e-mail is verified": lambda: ISSUER.token(email_verified=None),
    "of a sign-in with a password": lambda: ISSUER.token(firebase={"sign_in_provider": "password"}),
    "of a program of the project": lambda: ISSUER.token(firebase={"sign_in_provider": "custom"}),
    "no token": lambda: "a.b.c",
    "empty": lambda: "",
}


@pytest.mark.parametrize("name", FORGED)
async def test_token_that_is_not_of_this_project_is_refused(verify_id_token: VerifyIdToken, name: str) -> None:
    """Each of these answers 401."""
    with pytest.raises(Unauthenticated):
        await verify_id_token(FORGED[name]())
