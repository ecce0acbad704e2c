"""Login, the caller's own data, and the exchange of a user token for a tenant token."""

import hmac
import logging
import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel

import kyros_obs
from examples.platform.api.auth import Caller, identify
from examples.platform.identity import Identity, InvalidTokenError, TokenAuthority
from examples.platform.tenants import TENANT_BY_ID, USER_BY_EMAIL

log = logging.getLogger("kyros.session")
router = APIRouter()


class Credentials(BaseModel):
    """What a user types in."""

    email: str
    password: str


class Exchange(BaseModel):
    """A user token and the tenant to work in."""

    user_token: str
    tenant_id: str


def get_authority(request: Request) -> TokenAuthority:
    """The signer and checker of tokens."""
    authority: TokenAuthority = request.app.state.authority
    return authority


Authority = Annotated[TokenAuthority, Depends(get_authority)]


@router.post("/auth/login")
async def login(
    credentials: Credentials, request: Request, response: Response, authority: Authority
) -> dict[str, str]:
    """Answer a user token and set the session cookie."""
    password = request.app.state.passwords.get(credentials.email, "")
    user = USER_BY_EMAIL.get(credentials.email)
    if user is None or not hmac.compare_digest(password.encode(), credentials.password.encode()):
        log.warning("login refused: %s", credentials.model_dump())
        kyros_obs.event("login", outcome="failure", email=credentials.email)
        raise HTTPException(401, "wrong e-mail address or password")
    kyros_obs.bind(sub=user.sub, email=user.email)
    kyros_obs.event("login", outcome="success")
    response.set_cookie("kyros_session", secrets.token_urlsafe(24), httponly=True)
    return {"user_token": authority.user_token(user)}


@router.get("/me")
async def me(caller: Caller) -> dict[str, object]:
    """Answer who the caller is."""
    return {"sub": caller.sub, "email": caller.email, "tenant_ids": caller.tenant_ids}


@router.post("/token/exchange")
async def exchange(wish: Exchange, request: Request, authority: Authority) -> dict[str, str]:
    """Answer a tenant token to a user of that tenant."""
    # A debugging aid somebody forgot: the body holds a token. It happens; nothing may leak.
    log.info("token exchange body: %s", wish.model_dump_json())
    identity = _user(wish, authority)
    kyros_obs.bind(sub=identity.sub, email=identity.email)
    tenant = TENANT_BY_ID.get(wish.tenant_id)
    if tenant is None or tenant.id not in identity.tenant_ids:
        kyros_obs.event("token_exchange", outcome="failure")
        raise HTTPException(403, "not a tenant of yours")
    kyros_obs.bind(tenant_id=tenant.id, tenant_slug=tenant.slug)
    kyros_obs.event("token_exchange", outcome="success")
    if _leaves_other_tenant(request, tenant.id):
        kyros_obs.event("switch_tenant", outcome="success")
    return {"tenant_token": authority.tenant_token(USER_BY_EMAIL[identity.email], tenant)}


def _user(wish: Exchange, authority: TokenAuthority) -> Identity:
    try:
        return authority.identify(wish.user_token)
    except InvalidTokenError:
        raise HTTPException(401, "invalid token") from None


def _leaves_other_tenant(request: Request, tenant_id: str) -> bool:
    """Whether the caller came with a valid token of another tenant."""
    try:
        return identify(request).tenant_id not in {None, tenant_id}
    except InvalidTokenError:
        return False
