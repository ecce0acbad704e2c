//! Names of attributes: OpenTelemetry's semantic conventions 1.37, and our own.

/// The method of an HTTP request, `_OTHER` for one that is not standard.
pub const HTTP_REQUEST_METHOD: &str = "http.request.method";
/// The template of the route that an HTTP request met.
pub const HTTP_ROUTE: &str = "http.route";
/// The status code of an HTTP response.
pub const HTTP_RESPONSE_STATUS_CODE: &str = "http.response.status_code";
/// The size of an HTTP response's body in bytes.
pub const HTTP_RESPONSE_BODY_SIZE: &str = "http.response.body.size";
/// `http` or `https`.
pub const URL_SCHEME: &str = "url.scheme";
/// The class of an error: an exception's type, or a status code.
pub const ERROR_TYPE: &str = "error.type";
/// The protocol of a connection above its transport: `websocket`.
pub const NETWORK_PROTOCOL_NAME: &str = "network.protocol.name";
/// The function that ran.
pub const CODE_FUNCTION_NAME: &str = "code.function.name";
/// The kind of a database.
pub const DB_SYSTEM_NAME: &str = "db.system.name";
/// What a statement does to a database.
pub const DB_OPERATION_NAME: &str = "db.operation.name";
/// The tenant of the validated identity.
pub const TENANT_ID: &str = "kyros.tenant_id";
/// The tenant's readable name.
pub const TENANT_SLUG: &str = "kyros.tenant_slug";
/// The Dash application.
pub const APP_SLUG: &str = "kyros.app_slug";
/// The Dash callback, as its metrics name it.
pub const CALLBACK: &str = "kyros.callback";
/// The whole id of the Dash callback.
pub const CALLBACK_ID: &str = "kyros.callback_id";
/// The code with which a WebSocket was closed.
pub const CLOSE_CODE: &str = "kyros.close_code";
/// How a Dash callback ended, or what kept an answer from being sent as a whole.
pub const OUTCOME: &str = "kyros.outcome";

/// The service that a process belongs to.
pub(crate) const SERVICE_NAME: &str = "service.name";
/// Where it is deployed.
pub(crate) const DEPLOYMENT_ENVIRONMENT_NAME: &str = "deployment.environment.name";
/// The process.
pub(crate) const PROCESS_PID: &str = "process.pid";
pub(crate) const TELEMETRY_SDK_NAME: &str = "telemetry.sdk.name";
pub(crate) const TELEMETRY_SDK_LANGUAGE: &str = "telemetry.sdk.language";
pub(crate) const TELEMETRY_SDK_VERSION: &str = "telemetry.sdk.version";
