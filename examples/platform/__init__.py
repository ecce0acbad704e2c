"""A small copy of a multi-tenant FastAPI + Dash platform, observed by kyros-obs.

Read it in this order: `tenants` and `identity` (who), `api/` and `dash_apps/` (the services),
`launch/` (how they and their servers are started), `traffic/` (who uses them, and the counts of
what was used), `demo` and `verify/` (the two commands).
"""
