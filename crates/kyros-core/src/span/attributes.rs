//! What spans are called, and what they say.

use std::borrow::Cow;

use kyros_traces::{Attribute, attribute};

use super::{Dialogue, Run};
use crate::context::Context;
use crate::progress::ABORTED;
use crate::query::Query;
use crate::request::Outcome;
use crate::websocket::{GET, WEBSOCKET};

/// What a method that is not standard is called in the name of a span.
const ANY_METHOD: &str = "HTTP";
const OTHER_METHOD: &str = "_OTHER";

pub(super) fn request_name(ended: &Outcome<'_>) -> Cow<'static, str> {
    let method = if ended.method == OTHER_METHOD { ANY_METHOD } else { ended.method };
    named(method, route(ended.endpoint))
}

pub(super) fn named(method: &str, route: Option<&str>) -> Cow<'static, str> {
    match route {
        Some(route) => format!("{method} {route}").into(),
        None => method.to_owned().into(),
    }
}

/// What the error was, where the service is to blame. A client that is gone, and a request that was
/// given up, which is mostly for that reason, are no failures of a server.
pub(super) fn error_type(ended: &Outcome<'_>) -> Option<Cow<'static, str>> {
    match ended.cut_short {
        _ if ended.status >= 500 => Some(ended.status.to_string().into()),
        Some(ABORTED) => Some(ABORTED.into()),
        _ => None,
    }
}

fn dialogue_error(ended: &Dialogue<'_>) -> Option<Cow<'static, str>> {
    ended.failed.then(|| ended.code.unwrap_or(ended.status).to_string().into())
}

pub(super) fn request_attributes(ended: &Outcome<'_>, context: &Context) -> Vec<Attribute> {
    let bytes = i64::try_from(ended.bytes).unwrap_or(i64::MAX);
    let mut attributes = Vec::with_capacity(8);
    attributes.extend([
        Attribute::text(attribute::HTTP_REQUEST_METHOD, ended.method.to_owned()),
        Attribute::integer(attribute::HTTP_RESPONSE_STATUS_CODE, i64::from(ended.status)),
        Attribute::integer(attribute::HTTP_RESPONSE_BODY_SIZE, bytes),
    ]);
    attributes.extend(route_attribute(ended.endpoint));
    attributes.extend(error_type(ended).map(|it| Attribute::text(attribute::ERROR_TYPE, it)));
    attributes.extend(ended.cut_short.map(|it| Attribute::text(attribute::OUTCOME, it)));
    attributes.extend(tenant(context));
    attributes
}

pub(super) fn dialogue_attributes(ended: &Dialogue<'_>, context: &Context) -> Vec<Attribute> {
    let mut attributes = Vec::with_capacity(8);
    attributes.extend([
        Attribute::text(attribute::HTTP_REQUEST_METHOD, GET),
        Attribute::text(attribute::NETWORK_PROTOCOL_NAME, WEBSOCKET),
        Attribute::integer(attribute::HTTP_RESPONSE_STATUS_CODE, i64::from(ended.status)),
    ]);
    let code = ended.code.map(|code| Attribute::integer(attribute::CLOSE_CODE, i64::from(code)));
    attributes.extend(route_attribute(ended.endpoint));
    attributes.extend(dialogue_error(ended).map(|it| Attribute::text(attribute::ERROR_TYPE, it)));
    attributes.extend(code);
    attributes.extend(tenant(context));
    attributes
}

fn route_attribute(endpoint: &str) -> Option<Attribute> {
    route(endpoint).map(|route| Attribute::text(attribute::HTTP_ROUTE, route.to_owned()))
}

pub(super) fn run_attributes(run: &Run<'_>, context: &Context) -> Vec<Attribute> {
    let mut attributes = Vec::with_capacity(7);
    attributes.extend([
        Attribute::text(attribute::APP_SLUG, run.name.app_slug.clone()),
        Attribute::text(attribute::CALLBACK, run.name.label.clone()),
        Attribute::text(attribute::CALLBACK_ID, run.name.id.clone()),
        Attribute::text(attribute::CODE_FUNCTION_NAME, run.name.function.clone()),
        Attribute::text(attribute::OUTCOME, run.outcome.to_owned()),
    ]);
    attributes.extend(tenant(context));
    attributes
}

pub(super) fn query_attributes(
    query: &Query<'_>,
    operation: &'static str,
    context: &Context,
) -> Vec<Attribute> {
    let mut attributes = Vec::with_capacity(4);
    attributes.extend([
        Attribute::text(attribute::DB_SYSTEM_NAME, system_name(query.system).to_owned()),
        Attribute::text(attribute::DB_OPERATION_NAME, operation),
    ]);
    attributes.extend(tenant(context));
    attributes
}

/// A dialect of `SQLAlchemy` as the semantic conventions call its database.
fn system_name(dialect: &str) -> &str {
    match dialect {
        "mssql" => "microsoft.sql_server",
        "oracle" => "oracle.db",
        name => name,
    }
}

/// The tenant, where the identity is known.
pub(super) fn tenant(context: &Context) -> impl Iterator<Item = Attribute> + use<> {
    let identity = context.identity();
    let id = identity.tenant_id.map(|id| Attribute::text(attribute::TENANT_ID, id));
    let slug = identity.tenant_slug.map(|slug| Attribute::text(attribute::TENANT_SLUG, slug));
    id.into_iter().chain(slug)
}

/// The route's template; what stands for one that isn't known is none.
pub(super) fn route(endpoint: &str) -> Option<&str> {
    Some(endpoint).filter(|endpoint| endpoint.starts_with('/'))
}
