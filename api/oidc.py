"""The client of an OpenID Connect provider: authorization code with PKCE, and an id token that is verified in full."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import httpx
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from cryptography.exceptions import InvalidTag
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from models.authority.sign_on import Vouched
from models.crypto import Vault
from models.errors import RuleBroken
from models.settings import Settings
from models.words import N_

SCOPE = "openid email profile"
HTTP_OK = 200
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")  # never none, never HMAC
LEEWAY_SECONDS = 60
TIMEOUT_SECONDS = 10.0
PATIENCE = timedelta(minutes=10)  # for a log-in at the provider
TWICE_PROVED = frozenset(
    {
        "mfa",
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
        "https://refeds.org/profile/mfa",
    }
)  # in `amr`, or as `acr`


class ProviderSilent(RuleBroken):
    """No answer, or one that is no provider's."""

    sentence = N_("The single sign-on service does not answer. Try again in a moment, or log in with your password.")
    status = 502


class SignOnBrokenOff(RuleBroken):
    """The provider sent the person back without a code."""

    sentence = N_("The single sign-on was broken off at the service. Begin again, or log in with your password.")
    status = 403


class SignOnStale(RuleBroken):
    """The answer belongs to no log-in that this browser has begun within ten minutes."""

    sentence = N_("This single sign-on was begun in another browser, or too long ago. Begin it again here.")
    status = 403


class SignOnUntrusted(RuleBroken):
    """The id token is not what the provider would have signed for us now."""

    sentence = N_(
        "The answer of the single sign-on service could not be verified, so nobody was logged in. "
        "Begin again; if it stays so, tell the district's administrator."
    )
    status = 403


@dataclass(frozen=True, slots=True)
class Begun:
    """A log-in on its way, as the browser keeps it sealed in a cookie."""

    state: str
    nonce: str
    verifier: str
    wanted: str
    at: str

    def sealed(self, vault: Vault) -> str:
        """For the cookie: nobody reads or changes it."""
        return vault.seal(json.dumps(asdict(self)))


def begin(settings: Settings, vault: Vault, wanted: str, at: datetime) -> tuple[str, str]:
    """The provider's address to go to, and the cookie that binds the answer to this browser. Raises `ProviderSilent`."""
    begun = Begun(generate_token(43), generate_token(43), generate_token(64), wanted, at.isoformat())
    address = prepare_grant_uri(
        _metadata(settings)["authorization_endpoint"],
        client_id=settings.oidc_client_id,
        response_type="code",
        redirect_uri=return_address(settings),
        scope=SCOPE,
        state=begun.state,
        nonce=begun.nonce,
        code_challenge=create_s256_code_challenge(begun.verifier),
        code_challenge_method="S256",
    )
    return address, begun.sealed(vault)


def return_address(settings: Settings) -> str:
    """Where the provider sends people back to; to be registered there."""
    return f"{settings.address}/login/oidc/return"


def open_begun(vault: Vault, cookie: str, state: str, at: datetime) -> Begun:
    """The log-in that this browser has begun. Raises `SignOnStale` for none, another one's, or an old one."""
    try:
        begun = Begun(**json.loads(vault.open(cookie)))
    except (ValueError, KeyError, TypeError, InvalidTag):
        raise SignOnStale() from None
    if begun.state != state or at >= datetime.fromisoformat(begun.at) + PATIENCE:
        raise SignOnStale()
    return begun


def vouched(settings: Settings, begun: Begun, code: str, at: datetime) -> Vouched:
    """Whom the provider vouches for with this code. Raises `ProviderSilent`, `SignOnBrokenOff`, `SignOnUntrusted`."""
    metadata = _metadata(settings)
    token = _token(settings, metadata, begun, code)
    claims = _verified(settings, _json("GET", metadata["jwks_uri"]), token, begun.nonce, at)
    has_email = claims.get("email_verified") is True and isinstance(claims.get("email"), str)
    methods = claims.get("amr") or []
    return Vouched(
        issuer=settings.oidc_issuer,
        subject=str(claims["sub"]),
        email=claims["email"] if has_email else "",
        has_second_factor=bool(TWICE_PROVED & {*methods, claims.get("acr")}),
    )


def _token(settings: Settings, metadata: dict[str, Any], begun: Begun, code: str) -> dict[str, Any]:
    body = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": return_address(settings),
        "code_verifier": begun.verifier,
        "client_id": settings.oidc_client_id,
    }
    secret = settings.oidc_client_secret.get_secret_value()
    methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    basic = None
    if secret and "client_secret_basic" in methods:
        basic = httpx.BasicAuth(settings.oidc_client_id, secret)
    elif secret:
        body["client_secret"] = secret
    found = _json("POST", metadata["token_endpoint"], data=body, auth=basic)
    if not isinstance(found.get("id_token"), str):
        raise SignOnUntrusted()
    return found


def _verified(
    settings: Settings, keys: dict[str, Any], token: dict[str, Any], nonce: str, at: datetime
) -> dict[str, Any]:
    """The claims of an id token that this provider has signed for us, now, for this log-in. Raises `SignOnUntrusted`."""
    options = {
        "iss": {"essential": True, "value": settings.oidc_issuer},
        "aud": {"essential": True, "value": settings.oidc_client_id},
    }
    expected = {"nonce": nonce, "client_id": settings.oidc_client_id, "access_token": token.get("access_token")}
    try:
        read = jwt.decode(token["id_token"], KeySet.import_key_set(cast("Any", keys)), algorithms=list(ALGORITHMS))
        claims = CodeIDToken(read.claims, read.header, options, expected)
        claims.validate(now=int(at.timestamp()), leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, KeyError, TypeError):
        raise SignOnUntrusted() from None
    return dict(read.claims)


def _metadata(settings: Settings) -> dict[str, Any]:
    """What the provider says about itself; it must speak in the name of the issuer that was set."""
    found = _json("GET", f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration")
    named = [found.get(name) for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")]
    if not all(isinstance(one, str) for one in named):
        raise ProviderSilent()
    if found["issuer"] != settings.oidc_issuer:
        raise SignOnUntrusted()
    return found


def _json(method: str, address: str, **sent: Any) -> dict[str, Any]:
    try:
        with httpx.Client(trust_env=False, timeout=TIMEOUT_SECONDS) as client:
            answer = client.request(method, address, headers={"Accept": "application/json"}, **sent)
        found = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise ProviderSilent() from None
    if answer.status_code in {400, 401, 403}:
        raise SignOnBrokenOff()
    if answer.status_code != HTTP_OK or not isinstance(found, dict):
        raise ProviderSilent()
    return cast("dict[str, Any]", found)
