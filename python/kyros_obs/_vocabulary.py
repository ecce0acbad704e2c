"""The names of the schema, typed. Generated from `schema.toml` by `make generate`; do not edit."""
# ruff: noqa: E501, S105  (a help is one line; a name with "token" in it is no secret)

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

# Labels.

LABEL_SERVICE: Final = "service"
"""The service as set by `KYROS_OBS_SERVICE`."""
LABEL_ENDPOINT: Final = "endpoint"
"""The route template, never the raw path; `_unmatched`, `_unresolved` or `_other` where there is none."""
LABEL_METHOD: Final = "method"
"""The HTTP method; `_OTHER` for one that is not standard."""
LABEL_CODE: Final = "code"
"""The HTTP status code sent; of a WebSocket the code it was closed with."""
LABEL_TENANT_ID: Final = "tenant_id"
"""The tenant of the validated identity; `_none` without one."""
LABEL_APP_SLUG: Final = "app_slug"
"""The Dash application."""
LABEL_CALLBACK: Final = "callback"
"""The Dash callback's declared output id, shortened where it is long."""
LABEL_PHASE: Final = "phase"
"""What a request or worker does for a Dash callback that runs in the background."""
LABEL_PAGE: Final = "page"
"""The page of a Dash application, by its path template."""
LABEL_OUTCOME: Final = "outcome"
"""How it ended."""
LABEL_DIRECTION: Final = "direction"
"""Which way it went, seen from the service."""
LABEL_EVENT: Final = "event"
"""The business or security event."""
LABEL_METRIC: Final = "metric"
"""The metric a self-metric speaks of."""
LABEL_COMPONENT: Final = "component"
"""The part of the SDK a self-metric speaks of."""
LABEL_CLASS: Final = "class"
"""The class of what was redacted."""
LABEL_REASON: Final = "reason"
"""Why something was refused or dropped."""
LABEL_OPERATION: Final = "operation"
"""What a statement does to the database, by its first word; `connect` for one that was never sent."""
LABEL_CACHE: Final = "cache"
"""The cache, as its service calls it."""
LABEL_RESULT: Final = "result"
"""What a look into a cache came to."""
LABEL_VERSION: Final = "version"
"""The version of the SDK."""
LABEL_WORKER: Final = "worker"
"""The worker's number: the same for a worker and the one that replaces it."""

LabelName: TypeAlias = Literal[
    "service",
    "endpoint",
    "method",
    "code",
    "tenant_id",
    "app_slug",
    "callback",
    "phase",
    "page",
    "outcome",
    "direction",
    "event",
    "metric",
    "component",
    "class",
    "reason",
    "operation",
    "cache",
    "result",
    "version",
    "worker",
]

# Metrics.

METRIC_HTTP_REQUESTS_TOTAL: Final = "http_requests_total"
"""HTTP requests answered."""
METRIC_HTTP_REQUESTS_ABORTED_TOTAL: Final = "http_requests_aborted_total"
"""HTTP requests that ended before their whole answer was sent: `aborted` by the application, `disconnected` by the client, `cancelled` by the server or a timeout."""
METRIC_HTTP_REQUEST_DURATION_SECONDS: Final = "http_request_duration_seconds"
"""Time from the request's arrival to its last body byte."""
METRIC_HTTP_TIME_TO_FIRST_BYTE_SECONDS: Final = "http_time_to_first_byte_seconds"
"""Time from the request's arrival to its first body byte, or to the end of an answer without a body."""
METRIC_HTTP_BACKGROUND_SECONDS: Final = "http_background_seconds"
"""Time an application went on after the last body byte, where that was more than a millisecond."""
METRIC_HTTP_REQUEST_SIZE_BYTES: Final = "http_request_size_bytes"
"""Body bytes the application has read of requests, where it has read any."""
METRIC_HTTP_RESPONSE_SIZE_BYTES: Final = "http_response_size_bytes"
"""Body bytes sent."""
METRIC_WEBSOCKET_CONNECTIONS: Final = "websocket_connections"
"""WebSocket connections that are open."""
METRIC_WEBSOCKET_DURATION_SECONDS: Final = "websocket_duration_seconds"
"""Time from the request for a WebSocket to its end; refused ones have none."""
METRIC_WEBSOCKET_MESSAGES_TOTAL: Final = "websocket_messages_total"
"""Messages of WebSocket connections."""
METRIC_WEBSOCKET_BYTES_TOTAL: Final = "websocket_bytes_total"
"""Bytes of the messages of WebSocket connections; text counts as UTF-8."""
METRIC_WEBSOCKET_CLOSES_TOTAL: Final = "websocket_closes_total"
"""WebSocket connections that ended, by close code; refused ones by the HTTP status."""
METRIC_DASH_CALLBACK_DURATION_SECONDS: Final = "dash_callback_duration_seconds"
"""Time a Dash callback ran on the server."""
METRIC_DASH_CALLBACK_ERRORS_TOTAL: Final = "dash_callback_errors_total"
"""Dash callbacks that raised, those swallowed by `on_error` included."""
METRIC_DASH_CALLBACKS_TOTAL: Final = "dash_callbacks_total"
"""Dash callbacks run, by outcome."""
METRIC_DASH_CALLBACK_WAIT_SECONDS: Final = "dash_callback_wait_seconds"
"""Time until a Dash callback began: since its request arrived, or since it was set up to run in the background."""
METRIC_DASH_CALLBACK_RESPONSE_SIZE_BYTES: Final = "dash_callback_response_size_bytes"
"""Bytes of what Dash callbacks answered, before any compression."""
METRIC_DASH_CALLBACK_LOGGED_ERRORS_TOTAL: Final = "dash_callback_logged_errors_total"
"""Errors logged inside of Dash callbacks that returned all the same."""
METRIC_DASH_CALLBACK_BLOCKED_SECONDS_TOTAL: Final = "dash_callback_blocked_seconds_total"
"""Time for which Dash callbacks that are no coroutines kept an event loop from everybody else."""
METRIC_DASH_BACKGROUND_CALLBACKS_TOTAL: Final = "dash_background_callbacks_total"
"""What was done for Dash callbacks that run in the background, by phase; a click is one `setup`, some `poll` and one `run`."""
METRIC_DASH_PAGE_VIEWS_TOTAL: Final = "dash_page_views_total"
"""Pages of Dash applications that were opened."""
METRIC_DB_QUERY_DURATION_SECONDS: Final = "db_query_duration_seconds"
"""Time from a statement's dispatch to the database's answer; rows that are fetched later are not part of it."""
METRIC_DB_QUERY_ERRORS_TOTAL: Final = "db_query_errors_total"
"""Statements, commits and connections that the database or its driver refused."""
METRIC_CACHE_REQUESTS_TOTAL: Final = "cache_requests_total"
"""Looks into a cache, by what they came to."""
METRIC_KYROS_EVENTS_TOTAL: Final = "kyros_events_total"
"""Business and security events."""
METRIC_KYROS_INSTRUMENTATION_ERRORS_TOTAL: Final = "kyros_instrumentation_errors_total"
"""Failures of the instrumentation itself, swallowed so that the application goes on."""
METRIC_KYROS_IDENTITY_REFUSED_TOTAL: Final = "kyros_identity_refused_total"
"""Tokens that were no identity, by what was wrong with them."""
METRIC_KYROS_SERIES_OVERFLOW_TOTAL: Final = "kyros_series_overflow_total"
"""Samples that went to an overflow series because a budget was spent."""
METRIC_KYROS_LOG_REDACTIONS_TOTAL: Final = "kyros_log_redactions_total"
"""Secrets and personal data kept out of what left the process."""
METRIC_KYROS_LOG_WRITE_ERRORS_TOTAL: Final = "kyros_log_write_errors_total"
"""Log lines that could not be written."""
METRIC_KYROS_SPANS_EXPORTED_TOTAL: Final = "kyros_spans_exported_total"
"""Spans that the receiver of `OTEL_EXPORTER_OTLP_ENDPOINT` has taken."""
METRIC_KYROS_SPANS_DROPPED_TOTAL: Final = "kyros_spans_dropped_total"
"""Spans that were lost: the queue was full, the export failed, the receiver rejected them, or the process ended."""
METRIC_KYROS_AUDIT_SPOOLED_TOTAL: Final = "kyros_audit_spooled_total"
"""Audit events accepted by the spool."""
METRIC_KYROS_AUDIT_SHIPPED_TOTAL: Final = "kyros_audit_shipped_total"
"""Audit events committed in Postgres."""
METRIC_KYROS_AUDIT_REJECTED_TOTAL: Final = "kyros_audit_rejected_total"
"""Audit events Postgres refused; they stay in the rejects file."""
METRIC_KYROS_AUDIT_SHED_TOTAL: Final = "kyros_audit_shed_total"
"""Audit events of class `view` that were shed because the spool is full."""
METRIC_KYROS_AUDIT_SPOOL_ERRORS_TOTAL: Final = "kyros_audit_spool_errors_total"
"""Failures to write the audit spool."""
METRIC_KYROS_AUDIT_UNKNOWN_ACTIONS_TOTAL: Final = "kyros_audit_unknown_actions_total"
"""Audit events whose action the schema doesn't name; they are recorded and flagged."""
METRIC_KYROS_AUDIT_PENDING: Final = "kyros_audit_pending"
"""Audit events in the spool and not yet in Postgres."""
METRIC_KYROS_AUDIT_OLDEST_PENDING_SECONDS: Final = "kyros_audit_oldest_pending_seconds"
"""Age of the oldest audit event that is not yet in Postgres."""
METRIC_KYROS_PII_KEY_MISSING: Final = "kyros_pii_key_missing"
"""1 where no key for `email_hash` is set, so that hashes are null."""
METRIC_KYROS_BUILD_INFO: Final = "kyros_build_info"
"""1, with the version of the SDK as its label."""
METRIC_KYROS_WORKERS: Final = "kyros_workers"
"""Worker processes that share the metrics of this exposition."""
METRIC_KYROS_ARENA_SHARED: Final = "kyros_arena_shared"
"""1 where the series are in memory that workers can share, 0 where they are in the answering process alone."""
METRIC_KYROS_ARENA_USED_BYTES: Final = "kyros_arena_used_bytes"
"""Memory that the series take in the arena."""
METRIC_KYROS_ARENA_CAPACITY_BYTES: Final = "kyros_arena_capacity_bytes"
"""Memory that the arena has for series."""
METRIC_KYROS_ARENA_UNSOUND_RECORDS: Final = "kyros_arena_unsound_records"
"""Places in the arena that hold no sound record; they are left out of the exposition."""
METRIC_PROCESS_CPU_SECONDS_TOTAL: Final = "process_cpu_seconds_total"
"""User and system CPU time of the process."""
METRIC_PROCESS_RESIDENT_MEMORY_BYTES: Final = "process_resident_memory_bytes"
"""Resident memory of the process."""
METRIC_PROCESS_OPEN_FDS: Final = "process_open_fds"
"""Open file descriptors of the process."""
METRIC_PROCESS_START_TIME_SECONDS: Final = "process_start_time_seconds"
"""Start time of the process since the Unix epoch."""

MetricName: TypeAlias = Literal[
    "http_requests_total",
    "http_requests_aborted_total",
    "http_request_duration_seconds",
    "http_time_to_first_byte_seconds",
    "http_background_seconds",
    "http_request_size_bytes",
    "http_response_size_bytes",
    "websocket_connections",
    "websocket_duration_seconds",
    "websocket_messages_total",
    "websocket_bytes_total",
    "websocket_closes_total",
    "dash_callback_duration_seconds",
    "dash_callback_errors_total",
    "dash_callbacks_total",
    "dash_callback_wait_seconds",
    "dash_callback_response_size_bytes",
    "dash_callback_logged_errors_total",
    "dash_callback_blocked_seconds_total",
    "dash_background_callbacks_total",
    "dash_page_views_total",
    "db_query_duration_seconds",
    "db_query_errors_total",
    "cache_requests_total",
    "kyros_events_total",
    "kyros_instrumentation_errors_total",
    "kyros_identity_refused_total",
    "kyros_series_overflow_total",
    "kyros_log_redactions_total",
    "kyros_log_write_errors_total",
    "kyros_spans_exported_total",
    "kyros_spans_dropped_total",
    "kyros_audit_spooled_total",
    "kyros_audit_shipped_total",
    "kyros_audit_rejected_total",
    "kyros_audit_shed_total",
    "kyros_audit_spool_errors_total",
    "kyros_audit_unknown_actions_total",
    "kyros_audit_pending",
    "kyros_audit_oldest_pending_seconds",
    "kyros_pii_key_missing",
    "kyros_build_info",
    "kyros_workers",
    "kyros_arena_shared",
    "kyros_arena_used_bytes",
    "kyros_arena_capacity_bytes",
    "kyros_arena_unsound_records",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_open_fds",
    "process_start_time_seconds",
]

# Log fields.

FIELD_TS: Final = "ts"
"""When, RFC 3339 in UTC with microseconds."""
FIELD_LEVEL: Final = "level"
"""debug, info, warn, error or critical."""
FIELD_SERVICE: Final = "service"
"""The service as set by `KYROS_OBS_SERVICE`."""
FIELD_ENV: Final = "env"
"""The environment as set by `KYROS_OBS_ENV`."""
FIELD_EVENT: Final = "event"
"""What the line is about: `access`, `websocket`, `log`, or the name of the event."""
FIELD_MESSAGE: Final = "message"
"""The message, redacted."""
FIELD_ROUTE: Final = "route"
"""The route template, as in the label `endpoint`."""
FIELD_METHOD: Final = "method"
"""The HTTP method."""
FIELD_STATUS: Final = "status"
"""The HTTP status code sent."""
FIELD_LATENCY_MS: Final = "latency_ms"
"""Time from the request's arrival to its last body byte."""
FIELD_BYTES: Final = "bytes"
"""Body bytes sent."""
FIELD_RECEIVED_BYTES: Final = "received_bytes"
"""Bytes of the messages that a WebSocket received."""
FIELD_CLOSE_CODE: Final = "close_code"
"""The code that a WebSocket was closed with."""
FIELD_SAMPLE_RATE: Final = "sample_rate"
"""The share of lines like this one that `KYROS_OBS_ACCESS_SAMPLE` has written; absent where all are."""
FIELD_SUB: Final = "sub"
"""The subject of the validated identity."""
FIELD_EMAIL: Final = "email"
"""The e-mail address; only in access lines and only with `KYROS_OBS_LOG_EMAIL=access`."""
FIELD_EMAIL_HASH: Final = "email_hash"
"""HMAC-SHA-256 of the e-mail address under the key of `KYROS_OBS_PII_KEY`."""
FIELD_EMAIL_DOMAIN: Final = "email_domain"
"""The domain of the e-mail address."""
FIELD_TENANT_ID: Final = "tenant_id"
"""The tenant of the validated identity."""
FIELD_DASHBOARD_SLUG: Final = "dashboard_slug"
"""The dashboard: the route's parameter `slug`, else the Dash application."""
FIELD_TRACE_ID: Final = "trace_id"
"""The W3C trace id, 32 hex digits."""
FIELD_SPAN_ID: Final = "span_id"
"""The span of the request, 16 hex digits."""
FIELD_OUTCOME: Final = "outcome"
"""How it ended."""
FIELD_LOGGER: Final = "logger"
"""The logger the line came through."""
FIELD_ERROR: Final = "error"
"""The exception: `type`, redacted `message`, and `frames` as data."""
FIELD_FIELDS: Final = "fields"
"""Whatever else the caller gave, scanned and capped."""
FIELD_SEQ: Final = "seq"
"""Number of the line within its process; a gap is a lost line."""

FieldName: TypeAlias = Literal[
    "ts",
    "level",
    "service",
    "env",
    "event",
    "message",
    "route",
    "method",
    "status",
    "latency_ms",
    "bytes",
    "received_bytes",
    "close_code",
    "sample_rate",
    "sub",
    "email",
    "email_hash",
    "email_domain",
    "tenant_id",
    "dashboard_slug",
    "trace_id",
    "span_id",
    "outcome",
    "logger",
    "error",
    "fields",
    "seq",
]

# Audit columns.

COLUMN_ID: Final = "id"
"""Row number, given by the database."""
COLUMN_EVENT_ID: Final = "event_id"
"""Identifier (UUID version 7) made when the event happened; what makes delivery idempotent."""
COLUMN_TS: Final = "ts"
"""When the event happened."""
COLUMN_SUB: Final = "sub"
"""The subject, where it is a UUID."""
COLUMN_ACTOR_ID: Final = "actor_id"
"""The subject, where it is no UUID."""
COLUMN_EMAIL: Final = "email"
"""The subject's e-mail address."""
COLUMN_EMAIL_HASH: Final = "email_hash"
"""The same hash as in log lines."""
COLUMN_EMAIL_DOMAIN: Final = "email_domain"
"""The domain of the e-mail address."""
COLUMN_TENANT_ID: Final = "tenant_id"
"""The tenant; null for events without one, such as a failed login."""
COLUMN_ACTION: Final = "action"
"""What was done; one of the schema's actions, or flagged in `known_action`."""
COLUMN_RESOURCE: Final = "resource"
"""What it was done to: a slug or a path."""
COLUMN_OUTCOME: Final = "outcome"
"""success, failure, denied or unknown."""
COLUMN_META: Final = "meta"
"""Whatever else the event carries, redacted."""
COLUMN_SERVICE: Final = "service"
"""The service that recorded the event."""
COLUMN_ENV: Final = "env"
"""The environment of that service."""
COLUMN_TRACE_ID: Final = "trace_id"
"""The trace of the request, as in its log line."""
COLUMN_SPAN_ID: Final = "span_id"
"""The span of the request, as in its log line."""
COLUMN_KNOWN_ACTION: Final = "known_action"
"""False where the schema doesn't name the action."""
COLUMN_WRITER_ID: Final = "writer_id"
"""The process that recorded the event."""
COLUMN_WRITER_SEQ: Final = "writer_seq"
"""Number of the event within its process; a gap is a lost event."""
COLUMN_INGESTED_AT: Final = "ingested_at"
"""When the row was inserted."""

ColumnName: TypeAlias = Literal[
    "id",
    "event_id",
    "ts",
    "sub",
    "actor_id",
    "email",
    "email_hash",
    "email_domain",
    "tenant_id",
    "action",
    "resource",
    "outcome",
    "meta",
    "service",
    "env",
    "trace_id",
    "span_id",
    "known_action",
    "writer_id",
    "writer_seq",
    "ingested_at",
]

# Audit actions.

ACTION_LOGIN: Final = "login"
"""A user logged in."""
ACTION_LOGIN_FAILED: Final = "login_failed"
"""A login was refused."""
ACTION_TOKEN_EXCHANGE: Final = "token_exchange"
"""A user token was exchanged for a tenant token."""
ACTION_SWITCH_TENANT: Final = "switch_tenant"
"""A user changed the tenant worked in."""
ACTION_VIEW_DASHBOARD: Final = "view_dashboard"
"""A dashboard was opened."""
ACTION_SAVE_PREFERENCES: Final = "save_preferences"
"""Preferences were saved."""
ACTION_CREATE_TENANT: Final = "create_tenant"
"""A tenant was created."""
ACTION_UPDATE_TENANT: Final = "update_tenant"
"""A tenant's metadata was changed."""
ACTION_ASSIGN_DASHBOARD: Final = "assign_dashboard"
"""A dashboard was assigned to a tenant."""
ACTION_ROTATE_SECRET: Final = "rotate_secret"
"""A signing secret was rotated."""
ACTION_RELOAD_CACHE: Final = "reload_cache"
"""A cache was reloaded."""

ActionName: TypeAlias = Literal[
    "login",
    "login_failed",
    "token_exchange",
    "switch_tenant",
    "view_dashboard",
    "save_preferences",
    "create_tenant",
    "update_tenant",
    "assign_dashboard",
    "rotate_secret",
    "reload_cache",
]

# Events.

EVENT_LOGIN: Final = "login"
"""A user tried to log in."""
EVENT_TOKEN_EXCHANGE: Final = "token_exchange"
"""A user token was exchanged for a tenant token."""
EVENT_SWITCH_TENANT: Final = "switch_tenant"
"""A user changed the tenant worked in."""
EVENT_SAVE_PREFERENCES: Final = "save_preferences"
"""Preferences were saved."""
EVENT_AUTH_FAILED: Final = "auth_failed"
"""A request without valid credentials was refused."""
EVENT_FORBIDDEN: Final = "forbidden"
"""A request the identity may not make was refused."""
EVENT_RATE_LIMITED: Final = "rate_limited"
"""A request over the rate limit was refused."""

EventName: TypeAlias = Literal[
    "login",
    "token_exchange",
    "switch_tenant",
    "save_preferences",
    "auth_failed",
    "forbidden",
    "rate_limited",
]

# Settings.

SETTING_SERVICE: Final = "service"
"""Name of the service: label `service`, field `service`."""
SETTING_ENV: Final = "env"
"""Environment: field `env`."""
SETTING_CONFIG: Final = "config"
"""The overlay file; `kyros-obs.toml` in the working directory where unset and there."""
SETTING_STRICT: Final = "strict"
"""Refuse to start where a safeguard is off, such as a missing key for `email_hash`."""
SETTING_METRICS: Final = "metrics"
"""Answer `/metrics`."""
SETTING_METRICS_TOKEN: Final = "metrics_token"
"""Bearer token for scrapes that came through a proxy or from a public address."""
SETTING_METRICS_LISTEN: Final = "metrics_listen"
"""Address and port of a listener of its own for `/metrics` and `/healthz`, such as `0.0.0.0:9464`; one process of a service holds it, and another takes over."""
SETTING_HEALTHZ: Final = "healthz"
"""Answer `/healthz` where the application has no such route."""
SETTING_LOGS: Final = "logs"
"""Write log lines to standard output and take over Python's `logging`."""
SETTING_LOG_LEVEL: Final = "log_level"
"""Least level written: debug, info, warn, error or critical."""
SETTING_EXCLUDE: Final = "exclude"
"""Routes or paths that are neither measured nor logged, whatever their status, with commas and each with or without a star at its end: `/healthz, /static/*`."""
SETTING_ACCESS_SAMPLE: Final = "access_sample"
"""Share of access lines that is written, by route: `/api/poll=0.01, /static/*=0`; the first that fits counts. Errors are always written, and metrics are whole."""
SETTING_LOG_EMAIL: Final = "log_email"
"""`access` writes the full e-mail address in access lines."""
SETTING_PII_KEY: Final = "pii_key"
"""Key of `email_hash`; at least 16 bytes."""
SETTING_AUDIT_DSN: Final = "audit_dsn"
"""Postgres for the audit trail; without it the spool alone keeps the events."""
SETTING_SPOOL_DIR: Final = "spool_dir"
"""Directory of the audit spool; on storage that outlives the container."""
SETTING_ARENA: Final = "arena"
"""A file through which workers share their metrics, where they can't be told to belong together otherwise."""
SETTING_IDENTITY: Final = "identity"
"""`module:function` that returns the validated identity of the current Flask request, where `instrument` was given none."""
SETTING_JWT_KEYS: Final = "jwt_keys"
"""File of the keys that tokens are verified with, a JWKS or public keys in PEM; read again when it changes."""
SETTING_JWT_SECRET: Final = "jwt_secret"
"""Secret that tokens of HS256 are verified with, at least 32 bytes."""
SETTING_JWT_ALGORITHMS: Final = "jwt_algorithms"
"""Algorithms that tokens may be signed with, of `HS256,RS256,ES256`; without it those that the keys are for."""
SETTING_JWT_AUDIENCE: Final = "jwt_audience"
"""Audience that tokens have to name, or a list with commas of which they name one; without it those that name any are refused."""
SETTING_JWT_ISSUER: Final = "jwt_issuer"
"""Issuer that tokens have to name."""
SETTING_JWT_CLAIMS: Final = "jwt_claims"
"""Where a token's claims have other names: `tenant_id=tid,sub=oid,email=upn,tenant_slug=slug`, or some of these."""
SETTING_JWT_HEADER: Final = "jwt_header"
"""Header that has the token, after `Bearer`; goes before the cookie."""
SETTING_JWT_COOKIE: Final = "jwt_cookie"
"""Cookie that has the token."""
SETTING_TRACE_HEADER: Final = "trace_header"
"""Header in which responses name their trace, such as `x-trace-id`; `traceresponse` names the span, too."""
SETTING_APP_SLUG: Final = "app_slug"
"""Label `app_slug` of the process' Dash application."""
SETTING_DASH: Final = "dash"
"""Instrument every Dash application of the process through Dash's hooks."""
SETTING_DASH_VIEWS: Final = "dash_views"
"""What a page of a Dash application that is opened leaves: `audit` a row `view_dashboard` and a count, `count` the count alone, `none` nothing."""

SettingName: TypeAlias = Literal[
    "service",
    "env",
    "config",
    "strict",
    "metrics",
    "metrics_token",
    "metrics_listen",
    "healthz",
    "logs",
    "log_level",
    "exclude",
    "access_sample",
    "log_email",
    "pii_key",
    "audit_dsn",
    "spool_dir",
    "arena",
    "identity",
    "jwt_keys",
    "jwt_secret",
    "jwt_algorithms",
    "jwt_audience",
    "jwt_issuer",
    "jwt_claims",
    "jwt_header",
    "jwt_cookie",
    "trace_header",
    "app_slug",
    "dash",
    "dash_views",
]

# Paths that machines ask for.

PROBE_HEALTHZ: Final = "/healthz"
"""Whether the service is well."""
PROBE_METRICS: Final = "/metrics"
"""The metrics of the service."""

ProbePath: TypeAlias = Literal[
    "/healthz",
    "/metrics",
]

# Values of the label `method`.

METHOD_GET: Final = "GET"
"""Label `method`: `GET`."""
METHOD_HEAD: Final = "HEAD"
"""Label `method`: `HEAD`."""
METHOD_POST: Final = "POST"
"""Label `method`: `POST`."""
METHOD_PUT: Final = "PUT"
"""Label `method`: `PUT`."""
METHOD_PATCH: Final = "PATCH"
"""Label `method`: `PATCH`."""
METHOD_DELETE: Final = "DELETE"
"""Label `method`: `DELETE`."""
METHOD_OPTIONS: Final = "OPTIONS"
"""Label `method`: `OPTIONS`."""
METHOD_TRACE: Final = "TRACE"
"""Label `method`: `TRACE`."""
METHOD_CONNECT: Final = "CONNECT"
"""Label `method`: `CONNECT`."""
METHOD_OTHER: Final = "_OTHER"
"""Label `method`: `_OTHER`."""

MethodValue: TypeAlias = Literal[
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "_OTHER",
]

# Values of the label `phase`.

PHASE_SETUP: Final = "setup"
"""Label `phase`: `setup`."""
PHASE_POLL: Final = "poll"
"""Label `phase`: `poll`."""
PHASE_RUN: Final = "run"
"""Label `phase`: `run`."""

PhaseValue: TypeAlias = Literal[
    "setup",
    "poll",
    "run",
]

# Values of the label `outcome`.

OUTCOME_OK: Final = "ok"
"""Label `outcome`: `ok`."""
OUTCOME_PREVENT_UPDATE: Final = "prevent_update"
"""Label `outcome`: `prevent_update`."""
OUTCOME_ERROR: Final = "error"
"""Label `outcome`: `error`."""
OUTCOME_HANDLED: Final = "handled"
"""Label `outcome`: `handled`."""
OUTCOME_SUCCESS: Final = "success"
"""Label `outcome`: `success`."""
OUTCOME_FAILURE: Final = "failure"
"""Label `outcome`: `failure`."""
OUTCOME_DENIED: Final = "denied"
"""Label `outcome`: `denied`."""
OUTCOME_UNKNOWN: Final = "unknown"
"""Label `outcome`: `unknown`."""
OUTCOME_ABORTED: Final = "aborted"
"""Label `outcome`: `aborted`."""
OUTCOME_DISCONNECTED: Final = "disconnected"
"""Label `outcome`: `disconnected`."""
OUTCOME_CANCELLED: Final = "cancelled"
"""Label `outcome`: `cancelled`."""

OutcomeValue: TypeAlias = Literal[
    "ok",
    "prevent_update",
    "error",
    "handled",
    "success",
    "failure",
    "denied",
    "unknown",
    "aborted",
    "disconnected",
    "cancelled",
]

# Values of the label `direction`.

DIRECTION_RECEIVED: Final = "received"
"""Label `direction`: `received`."""
DIRECTION_SENT: Final = "sent"
"""Label `direction`: `sent`."""

DirectionValue: TypeAlias = Literal[
    "received",
    "sent",
]

# Values of the label `reason`.

REASON_MALFORMED: Final = "malformed"
"""Label `reason`: `malformed`."""
REASON_TOO_LARGE: Final = "too_large"
"""Label `reason`: `too_large`."""
REASON_ALGORITHM: Final = "algorithm"
"""Label `reason`: `algorithm`."""
REASON_UNKNOWN_KEY: Final = "unknown_key"
"""Label `reason`: `unknown_key`."""
REASON_SIGNATURE: Final = "signature"
"""Label `reason`: `signature`."""
REASON_EXPIRED: Final = "expired"
"""Label `reason`: `expired`."""
REASON_NOT_YET_VALID: Final = "not_yet_valid"
"""Label `reason`: `not_yet_valid`."""
REASON_AUDIENCE: Final = "audience"
"""Label `reason`: `audience`."""
REASON_ISSUER: Final = "issuer"
"""Label `reason`: `issuer`."""
REASON_CLAIMS: Final = "claims"
"""Label `reason`: `claims`."""
REASON_QUEUE_FULL: Final = "queue_full"
"""Label `reason`: `queue_full`."""
REASON_EXPORT_FAILED: Final = "export_failed"
"""Label `reason`: `export_failed`."""
REASON_REJECTED: Final = "rejected"
"""Label `reason`: `rejected`."""
REASON_CLOSED: Final = "closed"
"""Label `reason`: `closed`."""

ReasonValue: TypeAlias = Literal[
    "malformed",
    "too_large",
    "algorithm",
    "unknown_key",
    "signature",
    "expired",
    "not_yet_valid",
    "audience",
    "issuer",
    "claims",
    "queue_full",
    "export_failed",
    "rejected",
    "closed",
]

# Values of the label `operation`.

OPERATION_SELECT: Final = "select"
"""Label `operation`: `select`."""
OPERATION_INSERT: Final = "insert"
"""Label `operation`: `insert`."""
OPERATION_UPDATE: Final = "update"
"""Label `operation`: `update`."""
OPERATION_DELETE: Final = "delete"
"""Label `operation`: `delete`."""
OPERATION_DDL: Final = "ddl"
"""Label `operation`: `ddl`."""
OPERATION_TRANSACTION: Final = "transaction"
"""Label `operation`: `transaction`."""
OPERATION_CONNECT: Final = "connect"
"""Label `operation`: `connect`."""
OPERATION_OTHER: Final = "other"
"""Label `operation`: `other`."""

OperationValue: TypeAlias = Literal[
    "select",
    "insert",
    "update",
    "delete",
    "ddl",
    "transaction",
    "connect",
    "other",
]

# Values of the label `result`.

RESULT_HIT: Final = "hit"
"""Label `result`: `hit`."""
RESULT_MISS: Final = "miss"
"""Label `result`: `miss`."""
RESULT_ERROR: Final = "error"
"""Label `result`: `error`."""

ResultValue: TypeAlias = Literal[
    "hit",
    "miss",
    "error",
]

ENVIRONMENT: Final[Mapping[SettingName, str]] = {
    "service": "KYROS_OBS_SERVICE",
    "env": "KYROS_OBS_ENV",
    "config": "KYROS_OBS_CONFIG",
    "strict": "KYROS_OBS_STRICT",
    "metrics": "KYROS_OBS_METRICS",
    "metrics_token": "KYROS_OBS_METRICS_TOKEN",
    "metrics_listen": "KYROS_OBS_METRICS_LISTEN",
    "healthz": "KYROS_OBS_HEALTHZ",
    "logs": "KYROS_OBS_LOGS",
    "log_level": "KYROS_OBS_LOG_LEVEL",
    "exclude": "KYROS_OBS_EXCLUDE",
    "access_sample": "KYROS_OBS_ACCESS_SAMPLE",
    "log_email": "KYROS_OBS_LOG_EMAIL",
    "pii_key": "KYROS_OBS_PII_KEY",
    "audit_dsn": "KYROS_OBS_AUDIT_DSN",
    "spool_dir": "KYROS_OBS_SPOOL_DIR",
    "arena": "KYROS_OBS_ARENA",
    "identity": "KYROS_OBS_IDENTITY",
    "jwt_keys": "KYROS_OBS_JWT_KEYS",
    "jwt_secret": "KYROS_OBS_JWT_SECRET",
    "jwt_algorithms": "KYROS_OBS_JWT_ALGORITHMS",
    "jwt_audience": "KYROS_OBS_JWT_AUDIENCE",
    "jwt_issuer": "KYROS_OBS_JWT_ISSUER",
    "jwt_claims": "KYROS_OBS_JWT_CLAIMS",
    "jwt_header": "KYROS_OBS_JWT_HEADER",
    "jwt_cookie": "KYROS_OBS_JWT_COOKIE",
    "trace_header": "KYROS_OBS_TRACE_HEADER",
    "app_slug": "KYROS_OBS_APP_SLUG",
    "dash": "KYROS_OBS_DASH",
    "dash_views": "KYROS_OBS_DASH_VIEWS",
}
"""The environment variable of each setting."""

SECRETS: Final[tuple[SettingName, ...]] = (
    "metrics_token",
    "pii_key",
    "audit_dsn",
    "jwt_secret",
)
"""Settings that may come from the file which the `_FILE` twin names."""
