"""The two Dash applications, served under `/dash/{slug}/` by several gunicorn workers each."""
