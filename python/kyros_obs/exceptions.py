"""What this package raises, told apart from the application's own errors by its base."""


class KyrosObsError(Exception):
    """Base of all; raised itself for a metric that breaks a rule of the schema."""


class ConfigError(KyrosObsError):
    """Settings or the overlay file are wrong; the message lists every problem with its remedy."""


class AuditError(KyrosObsError):
    """An audit event could not be recorded, and its action may not go without."""
