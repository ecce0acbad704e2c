"""The conformance matrix: a table of requests, and what each of them has to be counted as.

`make conformance` runs it against versions of FastAPI and Starlette and against other libraries,
and writes `docs/conformance.md`.
"""
