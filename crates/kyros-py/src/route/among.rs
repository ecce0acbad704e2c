//! Looking among the routes of an application.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyType};

use crate::asgi;

/// How many layers of middleware are looked through.
const MOST_LAYERS: usize = 16;

static MOUNT: PyOnceLock<Py<PyType>> = PyOnceLock::new();
static HOST: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// Routes with those among them that are reached without going on in the path: of included routers,
/// of the request's host, and of what is mounted at the root.
pub(super) fn flat<'py>(
    routes: &Bound<'py, PyAny>,
    scope: &Bound<'py, PyDict>,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let mut all = Vec::new();
    for route in without_routers(routes)? {
        let leads_on = is_root(&route)? || (is_host(&route)? && is_for(&route, scope)?);
        let within = if leads_on { flat(&routes_below(&route)?.1, scope)? } else { Vec::new() };
        if within.is_empty() { all.push(route) } else { all.extend(within) }
    }
    Ok(all)
}

/// The router and the routes of what is mounted, within the middleware that it may have around it.
pub(super) fn routes_below<'py>(
    mount: &Bound<'py, PyAny>,
) -> PyResult<(Option<Bound<'py, PyAny>>, Bound<'py, PyAny>)> {
    let routes = mount.getattr("routes")?;
    let mut within = mount.getattr_opt("app")?;
    for _ in 0..MOST_LAYERS {
        let Some(app) = within else { break };
        match app.getattr_opt("routes")?.map(Bound::cast_into::<PyList>) {
            Some(Ok(routes)) if !routes.is_empty() => {
                let owner = app.getattr_opt("router")?.unwrap_or(app);
                return Ok((Some(owner), routes.into_any()));
            }
            _ => within = app.getattr_opt("app")?,
        }
    }
    Ok((None, routes))
}

/// The mounts that are known of a router, by what observes it.
pub(super) fn known_mounts<'py>(router: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let observed = router.getattr_opt("middleware_stack")?;
    observed.map_or(Ok(None), |observed| observed.getattr_opt("mounts"))
}

/// Routes with those of included routers among them, which are flat before FastAPI 0.137. What its
/// `iter_route_contexts` makes of them lacks the paths of included mounts in some versions.
fn without_routers<'py>(routes: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let mut all = Vec::new();
    for route in routes.try_iter()? {
        let route = route?;
        match route.getattr_opt("effective_route_contexts")? {
            Some(contexts) => all.extend(effective(&contexts)?),
            None => all.push(route),
        }
    }
    Ok(all)
}

/// The routes of an included router, prefixes and all.
fn effective<'py>(contexts: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let one = |context: Bound<'py, PyAny>| {
        let plain = context.getattr("starlette_route")?;
        Ok(if plain.is_none() { context } else { plain })
    };
    contexts.call0()?.try_iter()?.map(|context| context.and_then(one)).collect()
}

/// Whether it is a mount at the root.
fn is_root(route: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(is_mount(route)? && route.getattr("path")?.extract::<&str>()?.is_empty())
}

/// Whether a `Host` is the request's.
fn is_for(route: &Bound<'_, PyAny>, scope: &Bound<'_, PyDict>) -> PyResult<bool> {
    let host = host(scope)?;
    matches(route, "host_regex", host.split(':').next().unwrap_or_default())
}

/// The header `host` in lower case; empty where there is none.
fn host(scope: &Bound<'_, PyDict>) -> PyResult<String> {
    let host = asgi::headers(scope)?.find(|(name, _)| name.as_bytes() == b"host");
    let text = |value: &[u8]| String::from_utf8_lossy(value).to_ascii_lowercase();
    Ok(host.map(|(_, value)| text(value.as_bytes())).unwrap_or_default())
}

pub(super) fn is_mount(route: &Bound<'_, PyAny>) -> PyResult<bool> {
    route.is_instance(MOUNT.import(route.py(), "starlette.routing", "Mount")?)
}

pub(super) fn is_host(route: &Bound<'_, PyAny>) -> PyResult<bool> {
    route.is_instance(HOST.import(route.py(), "starlette.routing", "Host")?)
}

/// Whether a pattern of a route takes a text.
pub(super) fn matches(route: &Bound<'_, PyAny>, pattern: &str, text: &str) -> PyResult<bool> {
    let Some(pattern) = route.getattr_opt(pattern)? else { return Ok(false) };
    Ok(!pattern.call_method1("match", (text,))?.is_none())
}
