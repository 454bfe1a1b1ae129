"""Extensions, not yet bound to an app."""

from celery import Celery
from flask_babel import Babel
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from app.models import Base

db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})
migrate = Migrate(directory="migrations", render_as_batch=False)
babel = Babel()
csrf = CSRFProtect()
celery = Celery("aisle")
