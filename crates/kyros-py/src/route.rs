//! The route that a Starlette or FastAPI application took, read from its scope.
//!
//! Since FastAPI 0.137 `scope["route"].path` lacks the prefixes of included routers, and mounts
//! are not in the scope at all. So the template is put together: those of the mounts whose paths
//! make up `root_path`, then that of the route itself.

use kyros_core::{Endpoint, join};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};

use crate::asgi;

/// What a mount of an application without routes of its own takes.
const REST: &str = "/{path}";

static MOUNT: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// The endpoint of a request that was routed; an error where the scope is not as it should be.
pub(crate) fn endpoint(scope: &Bound<'_, PyDict>) -> PyResult<Endpoint> {
    let Some(routes) = outermost_routes(scope)? else { return Ok(Endpoint::Unmatched) };
    let Some(below) = descend(scope, routes)? else { return Ok(Endpoint::Unresolved) };
    let leaf = match own_template(scope)? {
        Some(template) => Some(template),
        None => template_of_endpoint(scope, &below.routes)?,
    };
    Ok(match leaf {
        Some(leaf) => Endpoint::Template(join(&below.mounts, &leaf)),
        None if below.is_opaque()? => Endpoint::Template(join(&below.mounts, REST)),
        None => Endpoint::Unmatched,
    })
}

/// Where the mounts have led.
struct Below<'py> {
    mounts: Vec<String>,
    routes: Bound<'py, PyAny>,
}

impl Below<'_> {
    /// Whether the mounted application has no routes that could be seen.
    fn is_opaque(&self) -> PyResult<bool> {
        Ok(!self.mounts.is_empty() && self.routes.is_empty()?)
    }
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
        if route.is_instance(mount(py)?)? {
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

/// The template of the plain route whose endpoint the scope names.
fn template_of_endpoint(
    scope: &Bound<'_, PyDict>,
    routes: &Bound<'_, PyAny>,
) -> PyResult<Option<String>> {
    let endpoint = intern!(scope.py(), "endpoint");
    let Some(called) = scope.get_item(endpoint)? else { return Ok(None) };
    for route in flat(routes)?.try_iter()? {
        let route = route?;
        let took_it =
            || Ok::<_, PyErr>(route.getattr_opt(endpoint)?.is_some_and(|its| its.is(&called)));
        if !is_mount(&route)? && took_it()? {
            return template(&route);
        }
    }
    Ok(None)
}

/// Follows the mounts through which `root_path` grew; none where one can't be found.
fn descend<'py>(
    scope: &Bound<'py, PyDict>,
    routes: Bound<'py, PyAny>,
) -> PyResult<Option<Below<'py>>> {
    let mut below = Below { mounts: Vec::new(), routes };
    let py = scope.py();
    let Some(outer) = scope.get_item(intern!(py, "app_root_path"))? else { return Ok(Some(below)) };
    let outer: String = outer.extract()?;
    let text = |key| scope.get_item(key)?.map_or(Ok(String::new()), |it| it.extract());
    let (root, path) = (text(intern!(py, "root_path"))?, text(intern!(py, "path"))?);
    let mut grown = root.strip_prefix(&outer).unwrap_or_default();
    let mut rest = path.strip_prefix(&outer).unwrap_or(&path).to_owned();
    while !grown.is_empty() {
        let Some(step) = step(&below.routes, &rest, grown)? else { return Ok(None) };
        below.mounts.push(step.template);
        below.routes = step.routes;
        grown = grown.get(step.matched.len()..).unwrap_or_default();
        rest = rest.get(step.matched.len()..).unwrap_or_default().to_owned();
    }
    Ok(Some(below))
}

/// One mount on the way.
struct Step<'py> {
    template: String,
    matched: String,
    routes: Bound<'py, PyAny>,
}

/// The first mount that takes `path`, where what it takes is how `grown` begins.
fn step<'py>(routes: &Bound<'py, PyAny>, path: &str, grown: &str) -> PyResult<Option<Step<'py>>> {
    for route in flat(routes)?.try_iter()? {
        let mount = route?;
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
            let routes = mount.getattr("routes")?;
            return Ok(Some(Step { template, matched: matched.to_owned(), routes }));
        }
    }
    Ok(None)
}

/// Routes with those of included routers among them; older FastAPI and Starlette have flat ones.
fn flat<'py>(routes: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let modules = routes.py().import("sys")?.getattr("modules")?;
    let fastapi = modules.call_method1("get", ("fastapi.routing",))?;
    match fastapi.getattr_opt("iter_route_contexts")? {
        Some(flatten) => flatten.call1((routes,)),
        None => Ok(routes.clone()),
    }
}

fn is_mount(route: &Bound<'_, PyAny>) -> PyResult<bool> {
    let original = route.getattr_opt(intern!(route.py(), "original_route"))?;
    original.as_ref().unwrap_or(route).is_instance(mount(route.py())?)
}

fn mount(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    MOUNT.import(py, "starlette.routing", "Mount")
}

fn original<'py>(context: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    context.getattr(intern!(context.py(), "original_route"))
}

fn template(route: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let template = route.getattr(intern!(route.py(), "path_format"))?;
    if template.is_none() { Ok(None) } else { template.extract().map(Some) }
}
