"""Tests of the dashboards' preview."""
