"""Rules of Werkzeug, which routes for Flask and Quart, as labels; and where they are mounted."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

_PREFIX: Final = "SCRIPT_NAME"
#: By which headers proxies say a prefix that is then in `SCRIPT_NAME`, and what tells that one is
#: believed: gunicorn's, and that of Werkzeug's `ProxyFix`.
_SAID: Final = (
    ("HTTP_SCRIPT_NAME", _PREFIX),
    ("HTTP_X_FORWARDED_PREFIX", "werkzeug.proxy_fix.orig"),
)


def mounted_at(environ: Mapping[str, Any]) -> str:
    """Where the application is mounted, without what a proxy says: its client may have said it."""
    prefix: str = environ.get(_PREFIX, "").rstrip("/")
    for name in (name for name, is_believed in _SAID if environ.get(is_believed)):
        for said in environ.get(name, "").split(","):
            stated = said.strip().rstrip("/")
            if stated and f"{prefix}/".startswith(f"{stated}/"):
                prefix = prefix.removeprefix(stated)
    return prefix.encode("latin-1").decode(errors="replace")


@lru_cache(maxsize=1024)
def template(rule: str) -> str:
    """`/<path:path>` in the notation of the other routes, `/{path}`."""
    return re.sub(r"<(?:[^<>]*:)?([^<>:]+)>", r"{\1}", rule)
