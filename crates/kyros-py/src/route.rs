//! The route that a Starlette or FastAPI application took, read from its scope.
//!
//! Since FastAPI 0.137 `scope["route"].path` lacks the prefixes of included routers, and mounts
//! are not in the scope at all. So the template is put together: those of the mounts whose paths
//! make up `root_path`, then that of the route itself.

mod among;

use kyros_core::{Endpoint, join};
use pyo3::exceptions::PyLookupError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use self::among::{flat, is_host, is_mount, known_mounts, matches, routes_below};
use crate::asgi;

/// What a mount of an application without routes of its own takes.
const REST: &str = "/{path}";

/// A route of an application with a routing of its own, which may be mounted.
#[derive(Clone)]
pub(crate) struct Inner {
    /// The prefix that the application was called with.
    pub(crate) prefix: String,
    pub(crate) template: String,
}

/// The endpoint of a request that was routed; an error where the scope is not as it should be.
pub(crate) fn endpoint(scope: &Bound<'_, PyDict>, inner: Option<&Inner>) -> PyResult<Endpoint> {
    let leaf = inner.map(|inner| leaf(scope, inner)).transpose()?;
    let Some(routes) = outermost_routes(scope)? else {
        return Ok(leaf.map_or(Endpoint::Unmatched, |leaf| Endpoint::Template(join(&[], &leaf))));
    };
    let own = own_template(scope)?;
    if let Some(own) = own.as_ref().filter(|_| !was_mounted(scope)) {
        return Ok(Endpoint::Template(join(&[], own)));
    }
    let below = descend(scope, routes)?;
    let leaf = match own.or(leaf) {
        _ if below.is_hidden => Some(REST.to_owned()),
        Some(template) => Some(template),
        None => template_below(scope, &below)?,
    };
    Ok(leaf.map_or(Endpoint::Unmatched, |leaf| Endpoint::Template(join(&below.mounts, &leaf))))
}

/// The template of an inner route, below all mounts of the scope: what is concrete in their paths,
/// or said by a proxy, is in no label.
fn leaf(scope: &Bound<'_, PyDict>, inner: &Inner) -> PyResult<String> {
    let root = text(scope, "root_path")?;
    let below = inner.prefix.strip_prefix(root.trim_end_matches('/')).unwrap_or_default();
    Ok(format!("{}{}", below.trim_end_matches('/'), inner.template))
}

/// Whether a mount has been passed.
fn was_mounted(scope: &Bound<'_, PyDict>) -> bool {
    scope.contains(intern!(scope.py(), "app_root_path")).unwrap_or(true)
}

/// Where the mounts have led: to these routes, with this path to go.
struct Below<'py> {
    mounts: Vec<String>,
    /// The router that has these routes, where it is known.
    owner: Option<Bound<'py, PyAny>>,
    routes: Bound<'py, PyAny>,
    rest: String,
    /// Whether they have led on within an application whose routes can't be seen.
    is_hidden: bool,
}

fn outermost_routes<'py>(scope: &Bound<'py, PyDict>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = scope.py();
    let router = scope.get_item(intern!(py, "router"))?;
    router.map(|router| router.getattr(intern!(py, "routes"))).transpose()
}

/// The template of the route that the scope names.
fn own_template(scope: &Bound<'_, PyDict>) -> PyResult<Option<String>> {
    let py = scope.py();
    let context = effective_context(scope)?;
    let route = scope.get_item(intern!(py, "route"))?;
    if let Some(route) = route.filter(|route| !route.is_none()) {
        if is_mount(&route)? || is_host(&route)? {
            return Ok(None);
        }
        return match context {
            Some(context) if original(&context)?.is(&route) => template(&context),
            _ => template(&route),
        };
    }
    let endpoint = intern!(py, "endpoint");
    let Some((context, called)) = context.zip(scope.get_item(endpoint)?) else { return Ok(None) };
    let included = context.getattr(intern!(py, "starlette_route"))?;
    let took_it = included.getattr_opt(endpoint)?.is_some_and(|its| its.is(&called));
    if took_it { template(&included) } else { Ok(None) }
}

/// What FastAPI knows of an included route, prefixes and all.
fn effective_context<'py>(scope: &Bound<'py, PyDict>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = scope.py();
    let Some(known) = scope.get_item(intern!(py, "fastapi"))? else { return Ok(None) };
    let context = asgi::optional(&known, intern!(py, "effective_route_context"))?;
    Ok(context.filter(|context| !context.is_none()))
}

fn original<'py>(context: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    context.getattr(intern!(context.py(), "original_route"))
}

/// The template of what is there to be found without the scope naming it.
fn template_below(scope: &Bound<'_, PyDict>, below: &Below<'_>) -> PyResult<Option<String>> {
    match template_of_endpoint(scope, below)? {
        Some(template) => Ok(Some(template)),
        None => template_of_rest(scope, below),
    }
}

/// The template of the plain route whose endpoint the scope names, and which takes the path.
fn template_of_endpoint(scope: &Bound<'_, PyDict>, below: &Below<'_>) -> PyResult<Option<String>> {
    let Some(endpoint) = scope.get_item("endpoint")? else { return Ok(None) };
    for route in flat(&below.routes, scope)? {
        let is_its = route.getattr_opt("endpoint")?.is_some_and(|its| its.is(&endpoint));
        if is_its && !is_mount(&route)? && matches(&route, "path_regex", &below.rest)? {
            return template(&route);
        }
    }
    Ok(None)
}

/// The template where all below a path is one application's without routes, or one frontend's.
fn template_of_rest(scope: &Bound<'_, PyDict>, below: &Below<'_>) -> PyResult<Option<String>> {
    if let Some(rest) = frontend_path(scope)? {
        let prefix = below.rest.strip_suffix(&rest).unwrap_or_default().trim_end_matches('/');
        return Ok(Some(format!("{prefix}{REST}")));
    }
    let is_opaque = match scope.get_item("endpoint")? {
        _ if below.routes.is_empty()? => !below.mounts.is_empty(),
        Some(endpoint) => is_mounted_here(&endpoint, &flat(&below.routes, scope)?)?,
        None => false,
    };
    Ok(is_opaque.then(|| REST.to_owned()))
}

/// What is left of the path for a frontend that FastAPI serves; its prefix is never a parameter.
fn frontend_path(scope: &Bound<'_, PyDict>) -> PyResult<Option<String>> {
    let py = scope.py();
    let Some(known) = scope.get_item(intern!(py, "fastapi"))? else { return Ok(None) };
    let rest = asgi::optional(&known, intern!(py, "frontend_path"))?;
    rest.filter(|rest| !rest.is_none()).map(|rest| rest.extract()).transpose()
}

/// Whether an endpoint is an application that stands among these routes, at the root or for a host.
fn is_mounted_here(endpoint: &Bound<'_, PyAny>, routes: &[Bound<'_, PyAny>]) -> PyResult<bool> {
    for route in routes {
        if route.getattr_opt("app")?.is_some_and(|app| app.is(endpoint)) {
            return Ok(is_mount(route)? || is_host(route)?);
        }
    }
    Ok(false)
}

/// Follows the mounts through which `root_path` grew; an error where one can't be found.
fn descend<'py>(scope: &Bound<'py, PyDict>, routes: Bound<'py, PyAny>) -> PyResult<Below<'py>> {
    let (root, path) = (text(scope, "root_path")?, text(scope, "path")?);
    let outer = scope.get_item("app_root_path")?.map_or(Ok(root.clone()), |it| it.extract())?;
    let mut grown = root.strip_prefix(&outer).unwrap_or_default();
    let rest = path.strip_prefix(&outer).unwrap_or(&path).to_owned();
    let owner = scope.get_item("router")?;
    let mut below = Below { mounts: Vec::new(), owner, routes, rest, is_hidden: false };
    while !grown.is_empty() {
        if !below.mounts.is_empty() && below.routes.is_empty()? {
            below.is_hidden = true;
            break;
        }
        let step = step(&below, scope, grown)?;
        below.mounts.push(step.template);
        (below.owner, below.routes) = (step.owner, step.routes);
        grown = grown.get(step.matched.len()..).unwrap_or_default();
        below.rest = below.rest.get(step.matched.len()..).unwrap_or_default().to_owned();
    }
    Ok(below)
}

fn text(scope: &Bound<'_, PyDict>, key: &str) -> PyResult<String> {
    scope.get_item(key)?.map_or(Ok(String::new()), |it| it.extract())
}

/// One mount on the way.
struct Step<'py> {
    template: String,
    matched: String,
    owner: Option<Bound<'py, PyAny>>,
    routes: Bound<'py, PyAny>,
}

/// The first mount that takes the path, where what it takes is how `grown` begins. It is one that is
/// known of the router; should its routes have been replaced, it is one of these.
fn step<'py>(below: &Below<'py>, scope: &Bound<'py, PyDict>, grown: &str) -> PyResult<Step<'py>> {
    let known = below.owner.as_ref().map(known_mounts).transpose()?.flatten();
    for routes in known.iter().chain([&below.routes]) {
        if let Some(step) = step_among(routes, &below.rest, scope, grown)? {
            return Ok(step);
        }
    }
    Err(PyLookupError::new_err("no `Mount` leads to the `root_path` of the scope"))
}

fn step_among<'py>(
    routes: &Bound<'py, PyAny>,
    path: &str,
    scope: &Bound<'py, PyDict>,
    grown: &str,
) -> PyResult<Option<Step<'py>>> {
    for mount in flat(routes, scope)? {
        if !is_mount(&mount)? {
            continue;
        }
        let taken = mount.getattr("path_regex")?.call_method1("match", (path,))?;
        if taken.is_none() {
            continue;
        }
        let rest: String = taken.call_method1("group", ("path",))?.extract()?;
        let matched = path.strip_suffix(&rest).unwrap_or(path).trim_end_matches('/');
        if !matched.is_empty() && grown.starts_with(matched) {
            let template = mount.getattr("path")?.extract()?;
            let (owner, routes) = routes_below(&mount)?;
            return Ok(Some(Step { template, matched: matched.to_owned(), owner, routes }));
        }
    }
    Ok(None)
}

fn template(route: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let template = route.getattr(intern!(route.py(), "path_format"))?;
    if template.is_none() { Ok(None) } else { template.extract().map(Some) }
}
