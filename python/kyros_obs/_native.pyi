"""
The native side of `kyros_obs`.
"""

from _typeshed import SupportsGetItem
from typing import Any, SupportsFloat, SupportsIndex, final

__all__ = ["Callback", "CallbackName", "Family", "Invocation", "Receipt", "Request", "Runtime", "cache_request", "main", "migrate", "query"]

@final
class Callback:
    """
    One run of a Dash callback, from its begin to `finish`.
    """
    def bind(self, /, who: tuple[str | None, str | None, str | None, str | None], fields: "dict[str, object]") -> None:
        """
        Take over an identity and fields that the application states.
        """
    def blocks(self, /) -> None:
        """
        Say that it keeps an event loop from everybody else for as long as it runs.
        """
    def carried(self, /) -> dict[str, str]:
        """
        Return what a run of it in the background is to be told, by name.
        """
    def fall_back(self, /, who: tuple[str | None, str | None, str | None, str | None]) -> None:
        """
        Take over an identity that somebody was asked for; it counts where none was found.
        """
    def finish(self, /, answer: "object" = None) -> None:
        """
        End the run with what it answered; only text has a size.
        """
    def finish_last(self, /) -> None:
        """
        End the run and see its span off: its process may not live longer than this.
        """
    def handled(self, /) -> None:
        """
        Note that the user's function raised, whatever is made of it later.
        """
    def identify(self, /, who: tuple[str | None, str | None, str | None, str | None]) -> None:
        """
        Take over an identity that authentication has left; what is bound stays.
        """
    def is_handled(self, /) -> bool:
        """
        Tell whether the user's function has raised.
        """
    def outcome(self, /, outcome: str) -> None:
        """
        Say how the run ended, where it did not return.
        """
    def polls(self, /) -> None:
        """
        Say that this only asks how far a run in the background is.
        """
    def sets_up(self, /) -> None:
        """
        Say that this only sets up a run in the background.
        """
    def trace(self, /) -> tuple[str, str | None]:
        """
        Return the headers of a call made in it: `traceparent`, and `tracestate` where there is one.
        """

@final
class CallbackName:
    """
    Which callback of which Dash application it is: the application's slug, the callback's label, its
    whole id and its function.
    """
    def __new__(cls, /, app_slug: str, label: str, id: str, function: str) -> CallbackName: ...
    def parts(self, /) -> tuple[str, str, str, str]:
        """
        Return the same as a tuple.
        """

@final
class Family:
    """
    A metric family. Labels come by name, in any order; a value that is no text is printed.
    """
    def add(self, /, labels: "dict[str, object]", amount: SupportsFloat | SupportsIndex) -> None:
        """
        Add to a counter or gauge.
        """
    def fix(self, /, labels: "dict[str, object]") -> Family:
        """
        Fix the values of all labels: what is returned takes none.
        """
    def observe(self, /, labels: "dict[str, object]", amount: SupportsFloat | SupportsIndex) -> None:
        """
        Count an observation of a histogram.
        """
    def set(self, /, labels: "dict[str, object]", amount: SupportsFloat | SupportsIndex) -> None:
        """
        Set a gauge.
        """

@final
class Invocation:
    """
    Calls a function as it is, and has what it raises noted. Each callback goes through two of them,
    so it is no frame of Python's. Dash knows the function by its code.
    """
    def __call__(self, /, *args: "object", **kwargs: "object") -> Any:
        """
        Call the function.
        """
    @property
    def __code__(self, /) -> Any:
        """
        The function's code.
        """
    def __new__(cls, /, function: "object", note: "object", awaited: "object") -> Invocation:
        """
        `note` is called with an exception, `awaited` with a coroutine that is returned, for one.
        """

@final
class Receipt:
    """
    Proof that an audit event is on disk.
    """
    def __repr__(self, /) -> str: ...
    @property
    def event_id(self, /) -> str:
        """
        The identifier of the event, as in the column `event_id`.
        """

@final
class Request:
    """
    One HTTP request or WebSocket, from its begin to `finish`. An ASGI request is also the `send` callable that
    its application is given: it counts what goes by and hands it on.
    """
    def __call__(self, /, message: Any) -> Any:
        """
        Send a message of an ASGI application, and return the server's awaitable.
        """
    def adopt(self, /, traceparent: str, tracestate: str | None, serves: bool, tell: "object") -> bool:
        """
        Go over to the trace and span that other telemetry has for it, where nothing else was before
        and the headers are valid, and tell whether that is done. If it `serves`, that span is the
        only one. What `tell` is, is called with names and values for that span.
        """
    def bind(self, /, who: tuple[str | None, str | None, str | None, str | None], fields: "dict[str, object]") -> None:
        """
        Take over an identity and fields that the application states.
        """
    @property
    def caller(self, /) -> str | None:
        """
        The caller's span, where it has told one.
        """
    def cancelled(self, /) -> None:
        """
        Note that the application was cancelled or interrupted.
        """
    def complete(self, /) -> None:
        """
        Note that the whole answer was sent.
        """
    def disconnected(self, /) -> None:
        """
        Note that the client is gone.
        """
    def fall_back(self, /, who: tuple[str | None, str | None, str | None, str | None]) -> None:
        """
        Take over an identity that somebody was asked for; it counts where none was found.
        """
    def finish(self, /) -> None:
        """
        End the request: samples, and its line.
        """
    def identify(self, /, who: tuple[str | None, str | None, str | None, str | None]) -> None:
        """
        Take over an identity that authentication has left; what is bound stays.
        """
    @property
    def may_refuse(self, /) -> bool:
        """
        Whether the server's `send` raises where the client is gone.
        """
    @property
    def probe(self, /) -> str | None:
        """
        The path, where it is one that the SDK may answer itself.
        """
    def raised(self, /) -> None:
        """
        Note that the application raised.
        """
    def read(self, /, count: SupportsIndex) -> None:
        """
        Count body bytes that a WSGI application has read.
        """
    def received(self, /, message: "object") -> None:
        """
        Note what an ASGI application receives.
        """
    def refused(self, /, message: "object") -> None:
        """
        Take a message back that the server of an ASGI application couldn't send.
        """
    def route(self, /, template: str) -> None:
        """
        Name the template of its route.
        """
    def route_within(self, /, prefix: str, template: str) -> None:
        """
        Name the template of a route in an application with a routing of its own, and the prefix that
        this was called with. Where that is mounted in an ASGI application, the mounts' templates
        stand for it.
        """
    def routed(self, /, scope: "object") -> None:
        """
        Go on with the scope that a router has been given, which may be a copy of the first one.
        """
    def sent(self, /, count: SupportsIndex) -> None:
        """
        Count body bytes.
        """
    def status(self, /, code: SupportsIndex) -> None:
        """
        Note the status that is to be sent.
        """
    def trace(self, /) -> tuple[str, str | None]:
        """
        Return the headers of a call made in it: `traceparent`, and `tracestate` where there is one.
        """
    def unsent(self, /) -> None:
        """
        Forget a status that has not been sent.
        """

@final
class Runtime:
    """
    Metrics, log, audit trail and spans of a process.
    """
    def __new__(cls, /, settings: dict[str, str], supervisor: SupportsIndex | None = None, telemetry: dict[str, str] = ...) -> Runtime:
        """
        Start with settings by name; metrics are shared with the other children of a supervisor, and
        spans exported as the variables of OpenTelemetry say.
        """
    def after_fork(self, /) -> None:
        """
        Make a child of `fork` a process of its own.
        """
    def asgi(self, /, scope: "object", send: "object") -> Request:
        """
        Begin a request of an ASGI application.
        """
    def audit(self, /, action: str, resource: str | None, outcome: str, meta: "dict[str, object]", record: "Request | Callback | None") -> Receipt | None:
        """
        Record an action in the audit trail; it is on disk when this returns.
        """
    def audit_events(self, /) -> list[str]:
        """
        Return the audit events in the spool, as JSON.
        """
    def authorize_scrape(self, /, peer: str | None, forwarded: bool, authorization: str | None) -> bool:
        """
        Tell whether a scrape from this peer is answered.
        """
    def background(self, /, name: CallbackName, carried: dict[str, str]) -> Callback:
        """
        Begin a run of a Dash callback in the background, for whom the request was that set it up.
        """
    def callback(self, /, name: CallbackName, outer: "Request | Callback | None") -> Callback:
        """
        Begin a run of a Dash callback, within the request that triggered it, if it is one.
        """
    @staticmethod
    def capture(settings: dict[str, str]) -> Runtime:
        """
        Start one for a test: what it emits stays in memory, and audit events in the spool.
        """
    def close(self, /) -> None:
        """
        Wait a moment for audit events to reach Postgres, and spans their receiver.
        """
    def event(self, /, name: str, outcome: str, fields: "dict[str, object]", record: "Request | Callback | None") -> None:
        """
        Record a business or security event.
        """
    def failed(self, /, component: str, message: str) -> None:
        """
        Count a failure of the instrumentation for a component.
        """
    def forget_tenant(self, /, tenant_id: str) -> int:
        """
        Remove all series of a tenant, in all workers, and return how many there were.
        """
    def http(self, /, method: str, traceparent: str | None, tracestate: str | None, path: str | None = None) -> Request:
        """
        Begin a request of a WSGI application.
        """
    def identity_refused(self, /, reason: str) -> None:
        """
        Count a token that was no identity.
        """
    def lines(self, /) -> list[str]:
        """
        Return the lines written so far, in a runtime for tests.
        """
    def log(self, /, level: str, logger: str, message: str, error: tuple[str, str, SupportsGetItem[int, str]] | None, fields: "dict[str, object]", record: "Request | Callback | None") -> None:
        """
        Write a record of `logging`.
        """
    def page_view(self, /, app_slug: str, page: str, record: "Request | Callback | None") -> None:
        """
        Count a page of a Dash application that somebody has opened.
        """
    def register(self, /, kind: str, name: str, help: str, labels: SupportsGetItem[int, str], buckets: SupportsGetItem[int, str], across: str) -> Family:
        """
        Register a metric of the application.
        """
    @staticmethod
    def resolve(settings: dict[str, str]) -> dict[str, str]:
        """
        Check settings and start nothing: their values, given or by default.
        """
    def scrape(self, /, accept: str | None, accept_encoding: str | None) -> tuple[bytes, str, str | None]:
        """
        Return the exposition as the two headers ask for it: body, content type and, where the body
        is compressed, content encoding.
        """
    @property
    def service(self, /) -> str:
        """
        The name of the service.
        """
    def setting(self, /, name: str) -> str | None:
        """
        The value of a setting, given or by default.
        """

def cache_request(runtime: "Runtime", cache: str, result: str, record: "Request | Callback | None") -> None:
    """
    Count a look into a cache by what it came to.
    """

def main(arguments: SupportsGetItem[int, str]) -> int:
    """
    Run the command `kyros-obs` with these arguments and return its exit code.
    """

def migrate(dsn: str) -> list[str]:
    """
    Apply the migrations that the audit database lacks, and return their names.
    """

def query(runtime: "Runtime", system: str, statement: str | None, seconds: SupportsFloat | SupportsIndex | None, failed: bool, record: "Request | Callback | None") -> None:
    """
    Measure a statement of a database, of which only its kind is kept, or without one the attempt to connect.
    """
