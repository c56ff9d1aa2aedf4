"""An issuer of OIDC tokens like Google's for service accounts: RS256, verified with the certificates that it serves."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

LIFETIME_SECONDS = 3600
RENEWAL_SECONDS = 300  # a token with less time left is replaced


@dataclass
class Issuer:
    """Issues tokens for one service account. The key exists as long as the process, so a restart rotates it."""

    url: str  # the `iss` claim
    identity: str  # e-mail of the service account
    _key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048), repr=False)
    _tokens: dict[str, tuple[float, str]] = field(default_factory=dict, repr=False)

    def token(self, audience: str) -> str:
        until, token = self._tokens.get(audience, (0.0, ""))
        now = time.time()
        if until - now < RENEWAL_SECONDS:
            token = self._sign(audience, int(now))
            self._tokens[audience] = (now + LIFETIME_SECONDS, token)
        return token

    def _sign(self, audience: str, now: int) -> str:
        """Sign a token with the claims of Google's tokens."""
        claims = {
            "iss": self.url,
            "aud": audience,
            "azp": self.identity,
            "sub": "100000000000000000001",
            "email": self.identity,
            "email_verified": True,
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self.key_id})

    @property
    def key_id(self) -> str:
        return x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()).digest.hex()

    def certificates(self) -> dict[str, str]:
        """Return PEM certificates by key id, like `https://www.googleapis.com/oauth2/v1/certs`."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "push.local")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder(name, name, self._key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .sign(self._key, hashes.SHA256())
        )
        return {self.key_id: certificate.public_bytes(serialization.Encoding.PEM).decode()}
