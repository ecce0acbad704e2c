//! The metric families that the measurement fills.

use kyros_metrics::{Family, Registry};
use kyros_schema::names::metric;

/// Declares the families and how each is found.
macro_rules! families {
    ($($field:ident = $name:ident),* $(,)?) => {
        /// Handles of the families; each is there because the schema embeds it.
        pub(crate) struct Families {
            $(pub(crate) $field: Family,)*
        }

        impl Families {
            /// None where the registry was made from a schema without one of them.
            pub(crate) fn of(registry: &Registry) -> Option<Self> {
                Some(Self { $($field: registry.family(metric::$name)?,)* })
            }
        }
    };
}

families! {
    requests = HTTP_REQUESTS_TOTAL,
    aborted = HTTP_REQUESTS_ABORTED_TOTAL,
    durations = HTTP_REQUEST_DURATION_SECONDS,
    first_bytes = HTTP_TIME_TO_FIRST_BYTE_SECONDS,
    background = HTTP_BACKGROUND_SECONDS,
    request_sizes = HTTP_REQUEST_SIZE_BYTES,
    sizes = HTTP_RESPONSE_SIZE_BYTES,
    sockets = WEBSOCKET_CONNECTIONS,
    socket_durations = WEBSOCKET_DURATION_SECONDS,
    socket_messages = WEBSOCKET_MESSAGES_TOTAL,
    socket_bytes = WEBSOCKET_BYTES_TOTAL,
    socket_closes = WEBSOCKET_CLOSES_TOTAL,
    callback_durations = DASH_CALLBACK_DURATION_SECONDS,
    callback_errors = DASH_CALLBACK_ERRORS_TOTAL,
    callbacks = DASH_CALLBACKS_TOTAL,
    callback_waits = DASH_CALLBACK_WAIT_SECONDS,
    callback_sizes = DASH_CALLBACK_RESPONSE_SIZE_BYTES,
    callback_logged_errors = DASH_CALLBACK_LOGGED_ERRORS_TOTAL,
    callback_blocked = DASH_CALLBACK_BLOCKED_SECONDS_TOTAL,
    background_callbacks = DASH_BACKGROUND_CALLBACKS_TOTAL,
    page_views = DASH_PAGE_VIEWS_TOTAL,
    query_durations = DB_QUERY_DURATION_SECONDS,
    query_errors = DB_QUERY_ERRORS_TOTAL,
    cache_requests = CACHE_REQUESTS_TOTAL,
    events = KYROS_EVENTS_TOTAL,
    instrumentation_errors = KYROS_INSTRUMENTATION_ERRORS_TOTAL,
    identity_refused = KYROS_IDENTITY_REFUSED_TOTAL,
    redactions = KYROS_LOG_REDACTIONS_TOTAL,
    log_write_errors = KYROS_LOG_WRITE_ERRORS_TOTAL,
    spooled = KYROS_AUDIT_SPOOLED_TOTAL,
    shipped = KYROS_AUDIT_SHIPPED_TOTAL,
    rejected = KYROS_AUDIT_REJECTED_TOTAL,
    shed = KYROS_AUDIT_SHED_TOTAL,
    spool_errors = KYROS_AUDIT_SPOOL_ERRORS_TOTAL,
    unknown_actions = KYROS_AUDIT_UNKNOWN_ACTIONS_TOTAL,
    pending = KYROS_AUDIT_PENDING,
    oldest_pending = KYROS_AUDIT_OLDEST_PENDING_SECONDS,
    spans_exported = KYROS_SPANS_EXPORTED_TOTAL,
    spans_dropped = KYROS_SPANS_DROPPED_TOTAL,
    pii_key_missing = KYROS_PII_KEY_MISSING,
}
