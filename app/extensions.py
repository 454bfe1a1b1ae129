"""Extensions, not yet bound to an app."""

import time
from typing import Any, ClassVar, Final

import structlog
from celery import Celery, Task
from celery.signals import before_task_publish
from flask import Flask, has_app_context
from flask_babel import Babel
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from app.models import Base

db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})
migrate = Migrate(directory="migrations", render_as_batch=False)
babel = Babel()
csrf = CSRFProtect()


class AppTask(Task):  # type: ignore[type-arg]
    """A task runs inside the application: the one its caller stands in, else the one this process built last."""

    flask_app: ClassVar[Flask | None] = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task's function."""
        if has_app_context() or self.flask_app is None:
            return self.run(*args, **kwargs)
        with self.flask_app.app_context():
            return self.run(*args, **kwargs)


celery = Celery("aisle", task_cls=AppTask)
SENT_AT: Final = "sent_at"
"""Header of every message: when it was sent, in Unix time."""
REQUEST_ID: Final = "request_id"
"""Header of a message that a request caused: its id, for the logs of the task."""


@before_task_publish.connect
def _stamp(headers: dict[str, Any], **_: Any) -> None:
    headers[SENT_AT] = time.time()
    if (cause := structlog.contextvars.get_contextvars().get(REQUEST_ID)) is not None:
        headers[REQUEST_ID] = cause
