"""Seal the audit log every minute; the logged head is the copy that a thief of the database does not have."""

import structlog

from app.extensions import celery
from app.services import audit_seal
from app.unit_of_work import transact

log = structlog.get_logger(__name__)


@celery.task(name="audit.seal")
def seal() -> int:
    """Seal whatever waits; how many entries were."""
    done = 0
    while batch := transact(audit_seal.seal):
        done += batch
    if done:
        log.info("audit_sealed", entries=done, head=transact(audit_seal.head))
    return done
