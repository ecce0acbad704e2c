"""The names of the schema, typed: events, audit actions, labels, fields, settings and outcomes."""

from kyros_obs._vocabulary import *  # noqa: F403 - all of it
