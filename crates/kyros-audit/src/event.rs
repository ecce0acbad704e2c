//! What is recorded, and what the caller gets for it.

use jiff::Timestamp;
use kyros_redact::CleanJson;
use kyros_schema::ActionClass;
use uuid::Uuid;

/// Something that happened, for the audit trail.
#[derive(Debug)]
pub struct Event<'a> {
    /// What was done.
    pub action: &'a str,
    /// Whether the schema names the action.
    pub known_action: bool,
    /// What happens when it can't be recorded.
    pub class: ActionClass,
    /// What it was done to: a slug or a path.
    pub resource: Option<&'a str>,
    /// `success`, `failure`, `denied` or `unknown`.
    pub outcome: &'a str,
    /// Whatever else the event carries.
    pub meta: CleanJson,
    /// The subject; one that is no UUID goes to the column `actor_id`.
    pub sub: Option<&'a str>,
    /// The subject's e-mail address.
    pub email: Option<&'a str>,
    /// The address' keyed hash.
    pub email_hash: Option<&'a str>,
    /// The address' domain.
    pub email_domain: Option<&'a str>,
    /// The tenant; one that is no UUID is kept in `meta` under the column's name.
    pub tenant_id: Option<&'a str>,
    /// The service that records it.
    pub service: &'a str,
    /// The environment of that service.
    pub env: Option<&'a str>,
    /// The trace of the request.
    pub trace_id: Option<&'a str>,
    /// The span of the request.
    pub span_id: Option<&'a str>,
}

impl<'a> Event<'a> {
    /// An event of an action that the schema names, without resource, identity and trace.
    pub fn new(
        action: &'a str,
        class: ActionClass,
        outcome: &'a str,
        service: &'a str,
        meta: CleanJson,
    ) -> Self {
        Self {
            action,
            known_action: true,
            class,
            resource: None,
            outcome,
            meta,
            sub: None,
            email: None,
            email_hash: None,
            email_domain: None,
            tenant_id: None,
            service,
            env: None,
            trace_id: None,
            span_id: None,
        }
    }
}

/// Proof that an event is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The event's identifier (UUID version 7), the same in the table.
    pub event_id: Uuid,
    /// When it happened, to the microsecond.
    pub ts: Timestamp,
    /// The process that recorded it.
    pub writer_id: Uuid,
    /// Its number within that process, from 1.
    pub writer_seq: u64,
}
