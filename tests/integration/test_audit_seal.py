"""The chain over the audit log: it grows, and whoever rewrites the past breaks it."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from app.models.staff import AuditEntry, AuditSeal
from app.services import audit, audit_seal
from app.tasks.audit import seal as seal_task
from app.unit_of_work import read_only, unit_of_work
from tests.factories import NOON

LATER = NOON + timedelta(hours=2)


def note(session: Session, count: int) -> list[int]:
    for number in range(count):
        audit.record(
            session, user_id=None, action="login_failed", subject_kind="login", subject_id=f"ana{number}",
            details={"address": "10.0.0.1", "tried": [1, "ä"]}, now=NOON,
        )  # fmt: skip
    session.flush()
    return list(session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)))


def test_every_entry_gets_one_link_and_the_chain_holds(session: Session) -> None:
    note(session, 5)

    assert [audit_seal.seal(session, limit=3) for _ in range(3)] == [3, 2, 0]
    report = audit_seal.verify(session, now=LATER)

    assert (report.sealed, report.faults) == (5, ())
    assert report.head == audit_seal.head(session) != audit_seal.START


def test_an_entry_stored_late_under_a_lower_id_is_sealed_all_the_same(session: Session) -> None:
    first, second = note(session, 2)
    content = session.execute(select(*audit_seal.CONTENT).where(AuditEntry.id == second)).one()
    ahead = audit_seal.link_hash(audit_seal.START, content._mapping)
    session.add(AuditSeal(id=1, entry_id=second, hash=ahead))
    session.flush()

    assert audit_seal.seal(session) == 1

    assert session.scalars(select(AuditSeal.entry_id).order_by(AuditSeal.id)).all() == [second, first]
    assert audit_seal.verify(session, now=LATER).faults == ()


def test_a_changed_entry_is_named(session: Session) -> None:
    _, second, _ = note(session, 3)
    audit_seal.seal(session)

    session.execute(update(AuditEntry).where(AuditEntry.id == second).values(action="login"))

    assert audit_seal.verify(session, now=LATER).faults == (f"entry {second} or the link before it was changed",)


def test_a_link_made_anew_for_a_changed_entry_breaks_the_next_one(session: Session) -> None:
    first, second = note(session, 2)
    audit_seal.seal(session)
    session.execute(update(AuditEntry).where(AuditEntry.id == first).values(subject_id="eve"))
    content = session.execute(select(*audit_seal.CONTENT).where(AuditEntry.id == first)).one()
    forged = audit_seal.link_hash(audit_seal.START, content._mapping)
    session.execute(update(AuditSeal).where(AuditSeal.entry_id == first).values(hash=forged))

    assert audit_seal.verify(session, now=LATER).faults == (f"entry {second} or the link before it was changed",)


def test_a_removed_entry_is_missed(session: Session) -> None:
    _, second, _ = note(session, 3)
    audit_seal.seal(session)

    session.execute(delete(AuditSeal).where(AuditSeal.entry_id == second))
    session.execute(delete(AuditEntry).where(AuditEntry.id == second))

    assert audit_seal.verify(session, now=LATER).faults == ("link 2 is missing",)


def test_an_entry_nobody_sealed_is_a_fault_after_an_hour(session: Session) -> None:
    (only,) = note(session, 1)

    assert audit_seal.verify(session, now=NOON + timedelta(minutes=59)).faults == ()
    assert audit_seal.verify(session, now=LATER).faults == (f"entry {only} was never sealed",)


def test_the_task_seals_what_waits_and_the_command_proves_it(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        note(session, 3)

    with app.app_context():
        assert (seal_task(), seal_task()) == (3, 0)
    done = app.test_cli_runner().invoke(args=["audit", "verify"])

    assert done.exit_code == 0, done.output
    assert done.output.startswith("3 entries sealed, head ")


def test_the_command_fails_when_the_past_was_rewritten(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        note(session, 2)
    with app.app_context():
        seal_task()
        with unit_of_work() as session:
            session.execute(text("UPDATE audit_entries SET subject_id='eve'"))

    done = app.test_cli_runner().invoke(args=["audit", "verify"])

    assert done.exit_code == 1
    assert "2 faults" in done.output


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_of_two_runs_at_once_the_second_starts_again(app: Flask) -> None:
    with app.app_context(), unit_of_work() as session:
        note(session, 3)

    def second_run() -> int:
        with app.app_context():
            return int(seal_task())

    with ThreadPoolExecutor() as threads:
        with app.app_context(), unit_of_work() as first:
            assert audit_seal.seal(first, limit=2) == 2
            second = threads.submit(second_run)
            time.sleep(0.3)  # the second has read the old end of the chain and waits for the number
            assert not second.done()
        assert second.result(60) == 1

    with app.app_context(), read_only() as session:
        assert (audit_seal.verify(session, now=LATER).sealed, audit_seal.verify(session, now=LATER).faults) == (3, ())
