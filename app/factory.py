"""Composition root: settings, extensions, edges, and the routes of facts."""

from apiflask import APIFlask
from flask import Flask

from app import after_commit, cli, database
from app.config import Settings, given, load
from app.domain import events
from app.extensions import AppTask, babel, celery, csrf, db, migrate
from app.observability import configure_logging
from app.replica import Replica
from app.tasks import live as live_tasks
from app.tasks import news as news_tasks
from app.tasks import printing as printing_tasks
from app.tasks import replenishment as replenishment_tasks
from app.tasks import stock as stock_tasks
from app.tasks import whatif as whatif_tasks
from app.unit_of_work import REPLICA
from app.views import (
    access,
    admin,
    errors,
    health,
    locale,
    login,
    login_state,
    metrics,
    office_idle,
    pages,
    phone,
    recent_logins,
    recent_writes,
    second_step,
    security_headers,
    setup,
)
from app.views import reports as report_pages
from app.views.api import (
    approvals,
    catalog,
    checkout,
    counter,
    counter_devices,
    description,
    devices,
    known_products,
    live,
    orders,
    parked_baskets,
    queues,
    read_ahead,
    refunds,
    reports,
    session,
    shelf_checks,
    stock,
    stocktake_areas,
    stocktake_proposals,
    stocktakes,
    tills,
    validation,
)
from app.views.application import Application


def create_app(settings: Settings | None = None) -> Flask:
    """Build the whole application from `settings`, or from the environment."""
    settings = settings or load()
    configure_logging(settings.log_level)
    app = Application("app", title="Aisle", version="0.1.0", docs_path=None, json_errors=False)
    _configure(app, settings)
    _bind_extensions(app)
    _register_edges(app)
    after_commit.set_routes({
        events.SalesCompleted: [stock_tasks.on_sales_completed],
        events.StockChanged: [live_tasks.on_stock_changed],
        events.LevelsChanged: [known_products.on_levels_changed, news_tasks.on_levels_changed],
        events.ProductChanged: [
            known_products.on_catalog_changed, news_tasks.on_catalog_changed, live_tasks.on_product_changed,
        ],
        events.MasterDataChanged: [known_products.on_catalog_changed, news_tasks.on_catalog_changed],
        events.StockFellBelowSafety: [replenishment_tasks.on_stock_fell_below_safety],
        events.PrintRequested: [printing_tasks.on_print_requested],
        events.WhatIfAsked: [whatif_tasks.on_what_if_asked],
        events.StaffChanged: [recent_logins.on_staff_changed],
    })  # fmt: skip
    return app


def _configure(app: APIFlask, settings: Settings) -> None:
    app.config.from_mapping(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SECURITY_PASSWORD_SALT=settings.security_password_salt,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(settings.database_url, settings.database_role),
        MAX_CONTENT_LENGTH=settings.max_content_length,
        # Fields are short and few: a form of a million parts must not take the process's memory.
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=1_000,
        OPENAPI_VERSION="3.1.0",
    )


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db)
    babel.init_app(app, locale_selector=locale.choose)
    csrf.init_app(app)
    celery.config_from_object("celeryconfig")
    AppTask.flask_app = app
    settings: Settings = app.config["SETTINGS"]
    if settings.database_replica_url:
        app.extensions[REPLICA] = Replica(settings.database_replica_url, settings.replica_max_lag_s)
    with app.app_context():
        database.install(db.engine)


def _trace(app: Flask) -> None:
    if given("OTEL_EXPORTER_OTLP_ENDPOINT"):
        from app import tracing  # costs memory and the start a third of a second

        with app.app_context():
            tracing.init_app(app, db.engine)


def _register_edges(app: APIFlask) -> None:
    """Blueprints, admin, error answers and commands."""
    cli.init_app(app)
    metrics.init_app(app)  # first: what the others do is part of a request's time
    errors.init_app(app)
    _trace(app)
    validation.init_app(app)
    description.init_app(app)
    security_headers.init_app(app, app.config["SETTINGS"])
    login_state.init_app(app, app.config["SETTINGS"])
    office_idle.init_app(app)
    second_step.init_app(app, app.config["SETTINGS"])
    access.init_app(app)
    counter.init_app(app)
    known_products.init_app(app, catalog.scan_answer)
    read_ahead.init_app(app)
    devices.init_app(app)
    recent_writes.init_app(app)
    admin.init_app(app)
    for blueprint in (session.bp, tills.bp, approvals.bp, login.bp, pages.bp, phone.bp, queues.bp, setup.bp):
        app.register_blueprint(blueprint)
    for blueprint in (reports.bp, report_pages.bp):
        app.register_blueprint(blueprint)
    for blueprint in (health.bp, catalog.bp, checkout.bp, refunds.bp, parked_baskets.bp, live.bp):
        app.register_blueprint(blueprint)
    for blueprint in (devices.bp, counter_devices.bp):
        app.register_blueprint(blueprint)
    for blueprint in (stock.bp, stocktakes.bp, stocktake_areas.bp, stocktake_proposals.bp, orders.bp, shelf_checks.bp):
        app.register_blueprint(blueprint)
