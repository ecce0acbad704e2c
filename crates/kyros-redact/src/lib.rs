//! What may not leave the process: detectors of secrets and personal data.
