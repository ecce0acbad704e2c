"""The monolith `kyros-api`: login, tokens, tenants, dashboards, preferences, administration."""
