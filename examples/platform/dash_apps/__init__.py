"""The two Dash applications, one process each, served by gunicorn under `/dash/{slug}/`."""
