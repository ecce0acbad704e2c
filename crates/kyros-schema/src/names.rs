//! Generated from `schema.toml` by `make generate`; do not edit.
//!
//! The names of the schema as constants: the only way to name a row in code.

/// Labels.
pub mod label {
    /// The service as set by `KYROS_OBS_SERVICE`.
    pub const SERVICE: &str = "service";
    /// The route template, never the raw path; `_unmatched`, `_unresolved` or `_other` where there is none.
    pub const ENDPOINT: &str = "endpoint";
    /// The HTTP method; `_OTHER` for one that is not standard.
    pub const METHOD: &str = "method";
    /// The HTTP status code sent; of a WebSocket the code it was closed with.
    pub const CODE: &str = "code";
    /// The tenant of the validated identity; `_none` without one.
    pub const TENANT_ID: &str = "tenant_id";
    /// The Dash application.
    pub const APP_SLUG: &str = "app_slug";
    /// The Dash callback's declared output id, shortened where it is long.
    pub const CALLBACK: &str = "callback";
    /// What a request or worker does for a Dash callback that runs in the background.
    pub const PHASE: &str = "phase";
    /// The page of a Dash application, by its path template.
    pub const PAGE: &str = "page";
    /// How it ended.
    pub const OUTCOME: &str = "outcome";
    /// Which way it went, seen from the service.
    pub const DIRECTION: &str = "direction";
    /// The business or security event.
    pub const EVENT: &str = "event";
    /// The metric a self-metric speaks of.
    pub const METRIC: &str = "metric";
    /// The part of the SDK a self-metric speaks of.
    pub const COMPONENT: &str = "component";
    /// The class of what was redacted.
    pub const CLASS: &str = "class";
    /// Why something was refused or dropped.
    pub const REASON: &str = "reason";
    /// What a statement does to the database, by its first word; `connect` for one that was never sent.
    pub const OPERATION: &str = "operation";
    /// The cache, as its service calls it.
    pub const CACHE: &str = "cache";
    /// What a look into a cache came to.
    pub const RESULT: &str = "result";
    /// The version of the SDK.
    pub const VERSION: &str = "version";
    /// The worker's number: the same for a worker and the one that replaces it.
    pub const WORKER: &str = "worker";
}

/// Metrics.
pub mod metric {
    /// HTTP requests answered.
    pub const HTTP_REQUESTS_TOTAL: &str = "http_requests_total";
    /// HTTP requests that ended before their whole answer was sent: `aborted` by the application, `disconnected` by the client, `cancelled` by the server or a timeout.
    pub const HTTP_REQUESTS_ABORTED_TOTAL: &str = "http_requests_aborted_total";
    /// Time from the request's arrival to its last body byte.
    pub const HTTP_REQUEST_DURATION_SECONDS: &str = "http_request_duration_seconds";
    /// Time from the request's arrival to its first body byte, or to the end of an answer without a body.
    pub const HTTP_TIME_TO_FIRST_BYTE_SECONDS: &str = "http_time_to_first_byte_seconds";
    /// Time an application went on after the last body byte, where that was more than a millisecond.
    pub const HTTP_BACKGROUND_SECONDS: &str = "http_background_seconds";
    /// Body bytes the application has read of requests, where it has read any.
    pub const HTTP_REQUEST_SIZE_BYTES: &str = "http_request_size_bytes";
    /// Body bytes sent.
    pub const HTTP_RESPONSE_SIZE_BYTES: &str = "http_response_size_bytes";
    /// WebSocket connections that are open.
    pub const WEBSOCKET_CONNECTIONS: &str = "websocket_connections";
    /// Time from the request for a WebSocket to its end; refused ones have none.
    pub const WEBSOCKET_DURATION_SECONDS: &str = "websocket_duration_seconds";
    /// Messages of WebSocket connections.
    pub const WEBSOCKET_MESSAGES_TOTAL: &str = "websocket_messages_total";
    /// Bytes of the messages of WebSocket connections; text counts as UTF-8.
    pub const WEBSOCKET_BYTES_TOTAL: &str = "websocket_bytes_total";
    /// WebSocket connections that ended, by close code; refused ones by the HTTP status.
    pub const WEBSOCKET_CLOSES_TOTAL: &str = "websocket_closes_total";
    /// Time a Dash callback ran on the server.
    pub const DASH_CALLBACK_DURATION_SECONDS: &str = "dash_callback_duration_seconds";
    /// Dash callbacks that raised, those swallowed by `on_error` included.
    pub const DASH_CALLBACK_ERRORS_TOTAL: &str = "dash_callback_errors_total";
    /// Dash callbacks run, by outcome.
    pub const DASH_CALLBACKS_TOTAL: &str = "dash_callbacks_total";
    /// Time until a Dash callback began: since its request arrived, or since it was set up to run in the background.
    pub const DASH_CALLBACK_WAIT_SECONDS: &str = "dash_callback_wait_seconds";
    /// Bytes of what Dash callbacks answered, before any compression.
    pub const DASH_CALLBACK_RESPONSE_SIZE_BYTES: &str = "dash_callback_response_size_bytes";
    /// Errors logged inside of Dash callbacks that returned all the same.
    pub const DASH_CALLBACK_LOGGED_ERRORS_TOTAL: &str = "dash_callback_logged_errors_total";
    /// Time for which Dash callbacks that are no coroutines kept an event loop from everybody else.
    pub const DASH_CALLBACK_BLOCKED_SECONDS_TOTAL: &str = "dash_callback_blocked_seconds_total";
    /// What was done for Dash callbacks that run in the background, by phase; a click is one `setup`, some `poll` and one `run`.
    pub const DASH_BACKGROUND_CALLBACKS_TOTAL: &str = "dash_background_callbacks_total";
    /// Pages of Dash applications that were opened.
    pub const DASH_PAGE_VIEWS_TOTAL: &str = "dash_page_views_total";
    /// Time from a statement's dispatch to the database's answer; rows that are fetched later are not part of it.
    pub const DB_QUERY_DURATION_SECONDS: &str = "db_query_duration_seconds";
    /// Statements, commits and connections that the database or its driver refused.
    pub const DB_QUERY_ERRORS_TOTAL: &str = "db_query_errors_total";
    /// Looks into a cache, by what they came to.
    pub const CACHE_REQUESTS_TOTAL: &str = "cache_requests_total";
    /// Business and security events.
    pub const KYROS_EVENTS_TOTAL: &str = "kyros_events_total";
    /// Failures of the instrumentation itself, swallowed so that the application goes on.
    pub const KYROS_INSTRUMENTATION_ERRORS_TOTAL: &str = "kyros_instrumentation_errors_total";
    /// Tokens that were no identity, by what was wrong with them.
    pub const KYROS_IDENTITY_REFUSED_TOTAL: &str = "kyros_identity_refused_total";
    /// Samples that went to an overflow series because a budget was spent.
    pub const KYROS_SERIES_OVERFLOW_TOTAL: &str = "kyros_series_overflow_total";
    /// Secrets and personal data kept out of what left the process.
    pub const KYROS_LOG_REDACTIONS_TOTAL: &str = "kyros_log_redactions_total";
    /// Log lines that could not be written.
    pub const KYROS_LOG_WRITE_ERRORS_TOTAL: &str = "kyros_log_write_errors_total";
    /// Spans that the receiver of `OTEL_EXPORTER_OTLP_ENDPOINT` has taken.
    pub const KYROS_SPANS_EXPORTED_TOTAL: &str = "kyros_spans_exported_total";
    /// Spans that were lost: the queue was full, the export failed, the receiver rejected them, or the process ended.
    pub const KYROS_SPANS_DROPPED_TOTAL: &str = "kyros_spans_dropped_total";
    /// Audit events accepted by the spool.
    pub const KYROS_AUDIT_SPOOLED_TOTAL: &str = "kyros_audit_spooled_total";
    /// Audit events committed in Postgres.
    pub const KYROS_AUDIT_SHIPPED_TOTAL: &str = "kyros_audit_shipped_total";
    /// Audit events Postgres refused; they stay in the rejects file.
    pub const KYROS_AUDIT_REJECTED_TOTAL: &str = "kyros_audit_rejected_total";
    /// Audit events of class `view` that were shed because the spool is full.
    pub const KYROS_AUDIT_SHED_TOTAL: &str = "kyros_audit_shed_total";
    /// Failures to write the audit spool.
    pub const KYROS_AUDIT_SPOOL_ERRORS_TOTAL: &str = "kyros_audit_spool_errors_total";
    /// Audit events whose action the schema doesn't name; they are recorded and flagged.
    pub const KYROS_AUDIT_UNKNOWN_ACTIONS_TOTAL: &str = "kyros_audit_unknown_actions_total";
    /// Audit events in the spool and not yet in Postgres.
    pub const KYROS_AUDIT_PENDING: &str = "kyros_audit_pending";
    /// Age of the oldest audit event that is not yet in Postgres.
    pub const KYROS_AUDIT_OLDEST_PENDING_SECONDS: &str = "kyros_audit_oldest_pending_seconds";
    /// 1 where no key for `email_hash` is set, so that hashes are null.
    pub const KYROS_PII_KEY_MISSING: &str = "kyros_pii_key_missing";
    /// 1, with the version of the SDK as its label.
    pub const KYROS_BUILD_INFO: &str = "kyros_build_info";
    /// Worker processes that share the metrics of this exposition.
    pub const KYROS_WORKERS: &str = "kyros_workers";
    /// 1 where the series are in memory that workers can share, 0 where they are in the answering process alone.
    pub const KYROS_ARENA_SHARED: &str = "kyros_arena_shared";
    /// Memory that the series take in the arena.
    pub const KYROS_ARENA_USED_BYTES: &str = "kyros_arena_used_bytes";
    /// Memory that the arena has for series.
    pub const KYROS_ARENA_CAPACITY_BYTES: &str = "kyros_arena_capacity_bytes";
    /// Places in the arena that hold no sound record; they are left out of the exposition.
    pub const KYROS_ARENA_UNSOUND_RECORDS: &str = "kyros_arena_unsound_records";
    /// User and system CPU time of the process.
    pub const PROCESS_CPU_SECONDS_TOTAL: &str = "process_cpu_seconds_total";
    /// Resident memory of the process.
    pub const PROCESS_RESIDENT_MEMORY_BYTES: &str = "process_resident_memory_bytes";
    /// Open file descriptors of the process.
    pub const PROCESS_OPEN_FDS: &str = "process_open_fds";
    /// Start time of the process since the Unix epoch.
    pub const PROCESS_START_TIME_SECONDS: &str = "process_start_time_seconds";
}

/// Log fields.
pub mod field {
    /// When, RFC 3339 in UTC with microseconds.
    pub const TS: &str = "ts";
    /// debug, info, warn, error or critical.
    pub const LEVEL: &str = "level";
    /// The service as set by `KYROS_OBS_SERVICE`.
    pub const SERVICE: &str = "service";
    /// The environment as set by `KYROS_OBS_ENV`.
    pub const ENV: &str = "env";
    /// What the line is about: `access`, `websocket`, `log`, or the name of the event.
    pub const EVENT: &str = "event";
    /// The message, redacted.
    pub const MESSAGE: &str = "message";
    /// The route template, as in the label `endpoint`.
    pub const ROUTE: &str = "route";
    /// The HTTP method.
    pub const METHOD: &str = "method";
    /// The HTTP status code sent.
    pub const STATUS: &str = "status";
    /// Time from the request's arrival to its last body byte.
    pub const LATENCY_MS: &str = "latency_ms";
    /// Body bytes sent.
    pub const BYTES: &str = "bytes";
    /// Bytes of the messages that a WebSocket received.
    pub const RECEIVED_BYTES: &str = "received_bytes";
    /// The code that a WebSocket was closed with.
    pub const CLOSE_CODE: &str = "close_code";
    /// The share of lines like this one that `KYROS_OBS_ACCESS_SAMPLE` has written; absent where all are.
    pub const SAMPLE_RATE: &str = "sample_rate";
    /// The subject of the validated identity.
    pub const SUB: &str = "sub";
    /// The e-mail address; only in access lines and only with `KYROS_OBS_LOG_EMAIL=access`.
    pub const EMAIL: &str = "email";
    /// HMAC-SHA-256 of the e-mail address under the key of `KYROS_OBS_PII_KEY`.
    pub const EMAIL_HASH: &str = "email_hash";
    /// The domain of the e-mail address.
    pub const EMAIL_DOMAIN: &str = "email_domain";
    /// The tenant of the validated identity.
    pub const TENANT_ID: &str = "tenant_id";
    /// The dashboard: the route's parameter `slug`, else the Dash application.
    pub const DASHBOARD_SLUG: &str = "dashboard_slug";
    /// The W3C trace id, 32 hex digits.
    pub const TRACE_ID: &str = "trace_id";
    /// The span of the request, 16 hex digits.
    pub const SPAN_ID: &str = "span_id";
    /// How it ended.
    pub const OUTCOME: &str = "outcome";
    /// The logger the line came through.
    pub const LOGGER: &str = "logger";
    /// The exception: `type`, redacted `message`, and `frames` as data.
    pub const ERROR: &str = "error";
    /// Whatever else the caller gave, scanned and capped.
    pub const FIELDS: &str = "fields";
    /// Number of the line within its process; a gap is a lost line.
    pub const SEQ: &str = "seq";
}

/// Audit columns.
pub mod column {
    /// Row number, given by the database.
    pub const ID: &str = "id";
    /// Identifier (UUID version 7) made when the event happened; what makes delivery idempotent.
    pub const EVENT_ID: &str = "event_id";
    /// When the event happened.
    pub const TS: &str = "ts";
    /// The subject, where it is a UUID.
    pub const SUB: &str = "sub";
    /// The subject, where it is no UUID.
    pub const ACTOR_ID: &str = "actor_id";
    /// The subject's e-mail address.
    pub const EMAIL: &str = "email";
    /// The same hash as in log lines.
    pub const EMAIL_HASH: &str = "email_hash";
    /// The domain of the e-mail address.
    pub const EMAIL_DOMAIN: &str = "email_domain";
    /// The tenant; null for events without one, such as a failed login.
    pub const TENANT_ID: &str = "tenant_id";
    /// What was done; one of the schema's actions, or flagged in `known_action`.
    pub const ACTION: &str = "action";
    /// What it was done to: a slug or a path.
    pub const RESOURCE: &str = "resource";
    /// success, failure, denied or unknown.
    pub const OUTCOME: &str = "outcome";
    /// Whatever else the event carries, redacted.
    pub const META: &str = "meta";
    /// The service that recorded the event.
    pub const SERVICE: &str = "service";
    /// The environment of that service.
    pub const ENV: &str = "env";
    /// The trace of the request, as in its log line.
    pub const TRACE_ID: &str = "trace_id";
    /// The span of the request, as in its log line.
    pub const SPAN_ID: &str = "span_id";
    /// False where the schema doesn't name the action.
    pub const KNOWN_ACTION: &str = "known_action";
    /// The process that recorded the event.
    pub const WRITER_ID: &str = "writer_id";
    /// Number of the event within its process; a gap is a lost event.
    pub const WRITER_SEQ: &str = "writer_seq";
    /// When the row was inserted.
    pub const INGESTED_AT: &str = "ingested_at";
}

/// Audit actions.
pub mod action {
    /// A user logged in.
    pub const LOGIN: &str = "login";
    /// A login was refused.
    pub const LOGIN_FAILED: &str = "login_failed";
    /// A user token was exchanged for a tenant token.
    pub const TOKEN_EXCHANGE: &str = "token_exchange";
    /// A user changed the tenant worked in.
    pub const SWITCH_TENANT: &str = "switch_tenant";
    /// A dashboard was opened.
    pub const VIEW_DASHBOARD: &str = "view_dashboard";
    /// Preferences were saved.
    pub const SAVE_PREFERENCES: &str = "save_preferences";
    /// A tenant was created.
    pub const CREATE_TENANT: &str = "create_tenant";
    /// A tenant's metadata was changed.
    pub const UPDATE_TENANT: &str = "update_tenant";
    /// A dashboard was assigned to a tenant.
    pub const ASSIGN_DASHBOARD: &str = "assign_dashboard";
    /// A signing secret was rotated.
    pub const ROTATE_SECRET: &str = "rotate_secret";
    /// A cache was reloaded.
    pub const RELOAD_CACHE: &str = "reload_cache";
}

/// Events.
pub mod event {
    /// A user tried to log in.
    pub const LOGIN: &str = "login";
    /// A user token was exchanged for a tenant token.
    pub const TOKEN_EXCHANGE: &str = "token_exchange";
    /// A user changed the tenant worked in.
    pub const SWITCH_TENANT: &str = "switch_tenant";
    /// Preferences were saved.
    pub const SAVE_PREFERENCES: &str = "save_preferences";
    /// A request without valid credentials was refused.
    pub const AUTH_FAILED: &str = "auth_failed";
    /// A request the identity may not make was refused.
    pub const FORBIDDEN: &str = "forbidden";
    /// A request over the rate limit was refused.
    pub const RATE_LIMITED: &str = "rate_limited";
}

/// Settings.
pub mod setting {
    /// Name of the service: label `service`, field `service`.
    pub const SERVICE: &str = "service";
    /// Environment: field `env`.
    pub const ENV: &str = "env";
    /// The overlay file; `kyros-obs.toml` in the working directory where unset and there.
    pub const CONFIG: &str = "config";
    /// Refuse to start where a safeguard is off, such as a missing key for `email_hash`.
    pub const STRICT: &str = "strict";
    /// Answer `/metrics`.
    pub const METRICS: &str = "metrics";
    /// Bearer token for scrapes that came through a proxy or from a public address.
    pub const METRICS_TOKEN: &str = "metrics_token";
    /// Address and port of a listener of its own for `/metrics` and `/healthz`, such as `0.0.0.0:9464`; one process of a service holds it, and another takes over.
    pub const METRICS_LISTEN: &str = "metrics_listen";
    /// Answer `/healthz` where the application has no such route.
    pub const HEALTHZ: &str = "healthz";
    /// Write log lines to standard output and take over Python's `logging`.
    pub const LOGS: &str = "logs";
    /// Least level written: debug, info, warn, error or critical.
    pub const LOG_LEVEL: &str = "log_level";
    /// Routes or paths that are neither measured nor logged, whatever their status, with commas and each with or without a star at its end: `/healthz, /static/*`.
    pub const EXCLUDE: &str = "exclude";
    /// Share of access lines that is written, by route: `/api/poll=0.01, /static/*=0`; the first that fits counts. Errors are always written, and metrics are whole.
    pub const ACCESS_SAMPLE: &str = "access_sample";
    /// `access` writes the full e-mail address in access lines.
    pub const LOG_EMAIL: &str = "log_email";
    /// Key of `email_hash`; at least 16 bytes.
    pub const PII_KEY: &str = "pii_key";
    /// Postgres for the audit trail; without it the spool alone keeps the events.
    pub const AUDIT_DSN: &str = "audit_dsn";
    /// Directory of the audit spool; on storage that outlives the container.
    pub const SPOOL_DIR: &str = "spool_dir";
    /// A file through which workers share their metrics, where they can't be told to belong together otherwise.
    pub const ARENA: &str = "arena";
    /// `module:function` that returns the validated identity of the current Flask request, where `instrument` was given none.
    pub const IDENTITY: &str = "identity";
    /// File of the keys that tokens are verified with, a JWKS or public keys in PEM; read again when it changes.
    pub const JWT_KEYS: &str = "jwt_keys";
    /// Secret that tokens of HS256 are verified with, at least 32 bytes.
    pub const JWT_SECRET: &str = "jwt_secret";
    /// Algorithms that tokens may be signed with, of `HS256,RS256,ES256`; without it those that the keys are for.
    pub const JWT_ALGORITHMS: &str = "jwt_algorithms";
    /// Audience that tokens have to name, or a list with commas of which they name one; without it those that name any are refused.
    pub const JWT_AUDIENCE: &str = "jwt_audience";
    /// Issuer that tokens have to name.
    pub const JWT_ISSUER: &str = "jwt_issuer";
    /// Where a token's claims have other names: `tenant_id=tid,sub=oid,email=upn,tenant_slug=slug`, or some of these.
    pub const JWT_CLAIMS: &str = "jwt_claims";
    /// Header that has the token, after `Bearer`; goes before the cookie.
    pub const JWT_HEADER: &str = "jwt_header";
    /// Cookie that has the token.
    pub const JWT_COOKIE: &str = "jwt_cookie";
    /// Header in which responses name their trace, such as `x-trace-id`; `traceresponse` names the span, too.
    pub const TRACE_HEADER: &str = "trace_header";
    /// Label `app_slug` of the process' Dash application.
    pub const APP_SLUG: &str = "app_slug";
    /// Instrument every Dash application of the process through Dash's hooks.
    pub const DASH: &str = "dash";
    /// What a page of a Dash application that is opened leaves: `audit` a row `view_dashboard` and a count, `count` the count alone, `none` nothing.
    pub const DASH_VIEWS: &str = "dash_views";
}

/// Paths that machines ask for.
pub mod probe {
    /// Whether the service is well.
    pub const HEALTHZ: &str = "/healthz";
    /// The metrics of the service.
    pub const METRICS: &str = "/metrics";
}

/// Values of the label `method`.
pub mod method {
    /// Label `method`: `GET`.
    pub const GET: &str = "GET";
    /// Label `method`: `HEAD`.
    pub const HEAD: &str = "HEAD";
    /// Label `method`: `POST`.
    pub const POST: &str = "POST";
    /// Label `method`: `PUT`.
    pub const PUT: &str = "PUT";
    /// Label `method`: `PATCH`.
    pub const PATCH: &str = "PATCH";
    /// Label `method`: `DELETE`.
    pub const DELETE: &str = "DELETE";
    /// Label `method`: `OPTIONS`.
    pub const OPTIONS: &str = "OPTIONS";
    /// Label `method`: `TRACE`.
    pub const TRACE: &str = "TRACE";
    /// Label `method`: `CONNECT`.
    pub const CONNECT: &str = "CONNECT";
    /// Label `method`: `_OTHER`.
    pub const OTHER: &str = "_OTHER";
}

/// Values of the label `phase`.
pub mod phase {
    /// Label `phase`: `setup`.
    pub const SETUP: &str = "setup";
    /// Label `phase`: `poll`.
    pub const POLL: &str = "poll";
    /// Label `phase`: `run`.
    pub const RUN: &str = "run";
}

/// Values of the label `outcome`.
pub mod outcome {
    /// Label `outcome`: `ok`.
    pub const OK: &str = "ok";
    /// Label `outcome`: `prevent_update`.
    pub const PREVENT_UPDATE: &str = "prevent_update";
    /// Label `outcome`: `error`.
    pub const ERROR: &str = "error";
    /// Label `outcome`: `handled`.
    pub const HANDLED: &str = "handled";
    /// Label `outcome`: `success`.
    pub const SUCCESS: &str = "success";
    /// Label `outcome`: `failure`.
    pub const FAILURE: &str = "failure";
    /// Label `outcome`: `denied`.
    pub const DENIED: &str = "denied";
    /// Label `outcome`: `unknown`.
    pub const UNKNOWN: &str = "unknown";
    /// Label `outcome`: `aborted`.
    pub const ABORTED: &str = "aborted";
    /// Label `outcome`: `disconnected`.
    pub const DISCONNECTED: &str = "disconnected";
    /// Label `outcome`: `cancelled`.
    pub const CANCELLED: &str = "cancelled";
}

/// Values of the label `direction`.
pub mod direction {
    /// Label `direction`: `received`.
    pub const RECEIVED: &str = "received";
    /// Label `direction`: `sent`.
    pub const SENT: &str = "sent";
}

/// Values of the label `reason`.
pub mod reason {
    /// Label `reason`: `malformed`.
    pub const MALFORMED: &str = "malformed";
    /// Label `reason`: `too_large`.
    pub const TOO_LARGE: &str = "too_large";
    /// Label `reason`: `algorithm`.
    pub const ALGORITHM: &str = "algorithm";
    /// Label `reason`: `unknown_key`.
    pub const UNKNOWN_KEY: &str = "unknown_key";
    /// Label `reason`: `signature`.
    pub const SIGNATURE: &str = "signature";
    /// Label `reason`: `expired`.
    pub const EXPIRED: &str = "expired";
    /// Label `reason`: `not_yet_valid`.
    pub const NOT_YET_VALID: &str = "not_yet_valid";
    /// Label `reason`: `audience`.
    pub const AUDIENCE: &str = "audience";
    /// Label `reason`: `issuer`.
    pub const ISSUER: &str = "issuer";
    /// Label `reason`: `claims`.
    pub const CLAIMS: &str = "claims";
    /// Label `reason`: `queue_full`.
    pub const QUEUE_FULL: &str = "queue_full";
    /// Label `reason`: `export_failed`.
    pub const EXPORT_FAILED: &str = "export_failed";
    /// Label `reason`: `rejected`.
    pub const REJECTED: &str = "rejected";
    /// Label `reason`: `closed`.
    pub const CLOSED: &str = "closed";
}

/// Values of the label `operation`.
pub mod operation {
    /// Label `operation`: `select`.
    pub const SELECT: &str = "select";
    /// Label `operation`: `insert`.
    pub const INSERT: &str = "insert";
    /// Label `operation`: `update`.
    pub const UPDATE: &str = "update";
    /// Label `operation`: `delete`.
    pub const DELETE: &str = "delete";
    /// Label `operation`: `ddl`.
    pub const DDL: &str = "ddl";
    /// Label `operation`: `transaction`.
    pub const TRANSACTION: &str = "transaction";
    /// Label `operation`: `connect`.
    pub const CONNECT: &str = "connect";
    /// Label `operation`: `other`.
    pub const OTHER: &str = "other";
}

/// Values of the label `result`.
pub mod result {
    /// Label `result`: `hit`.
    pub const HIT: &str = "hit";
    /// Label `result`: `miss`.
    pub const MISS: &str = "miss";
    /// Label `result`: `error`.
    pub const ERROR: &str = "error";
}
