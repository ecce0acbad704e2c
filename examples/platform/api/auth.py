"""Who is calling: a middleware for most routes, a dependency for the dashboards' data.

Both ways are in use on the platform. The dependency learns the identity only inside the route, so
it tells the SDK with `bind`; what the middleware learns, the SDK reads from `request.state`.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse

import kyros_obs
from examples.platform.identity import Identity, InvalidTokenError, TokenAuthority, bearer

log = logging.getLogger("kyros.auth")

_OPEN = {"/healthz", "/api/auth/login", "/api/token/exchange"}
_GUARDED_BY_DEPENDENCY = "/api/dashboards/"


async def authenticate(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Let only known callers in, and note who they are."""
    path = request.url.path
    if path in _OPEN or path.startswith(_GUARDED_BY_DEPENDENCY):
        return await call_next(request)
    try:
        identity = identify(request)
    except InvalidTokenError as error:
        # The headers are logged to find out why a client fails. It happens; nothing may leak.
        log.warning("rejected (%s), headers were %s", error, dict(request.headers))
        return JSONResponse({"detail": "invalid token"}, status_code=401)
    request.state.user = identity
    request.state.tenant_id = identity.tenant_id
    request.state.roles = identity.roles
    return await call_next(request)


def get_current_tenant(request: Request) -> Identity:
    """Check the token of a data request, in a worker thread as FastAPI does for plain functions."""
    try:
        identity = identify(request)
    except InvalidTokenError:
        raise HTTPException(401, "invalid token") from None
    if identity.tenant_id is None:
        raise HTTPException(403, "no tenant chosen")
    kyros_obs.bind(
        tenant_id=identity.tenant_id,
        tenant_slug=identity.tenant_slug,
        sub=identity.sub,
        email=identity.email,
    )
    return identity


def get_caller(request: Request) -> Identity:
    """The caller that the middleware has let in."""
    identity: Identity = request.state.user
    return identity


def get_member(caller: Annotated[Identity, Depends(get_caller)]) -> Identity:
    """A caller that works in a tenant."""
    if caller.tenant_id is None:
        raise HTTPException(403, "no tenant chosen")
    return caller


def get_administrator(member: Annotated[Identity, Depends(get_member)]) -> Identity:
    """A caller that may administrate."""
    if "admin" not in member.roles:
        raise HTTPException(403, "administrators only")
    return member


def identify(request: Request) -> Identity:
    """Check the bearer token of a request, or raise `InvalidTokenError`."""
    token = bearer(request.headers.get("authorization"))
    if token is None:
        raise InvalidTokenError
    authority: TokenAuthority = request.app.state.authority
    return authority.identify(token)


Caller = Annotated[Identity, Depends(get_caller)]
Member = Annotated[Identity, Depends(get_member)]
Administrator = Annotated[Identity, Depends(get_administrator)]
CurrentTenant = Annotated[Identity, Depends(get_current_tenant)]
