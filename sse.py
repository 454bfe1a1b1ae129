"""Entry of the event streams: `gunicorn -k gevent -w 1 sse:app`. One process; it never opens the database."""

import resource

from gunicorn.errors import AppImportError  # type: ignore[import-untyped]
from prometheus_client import start_http_server

from app.config import ConfigurationError, given, load
from app.live.feed import Feed
from app.live.hub import Hub
from app.live.server import StreamServer
from app.observability import configure_logging, own_metrics


def allow_many_connections() -> None:
    """A stream is an open file; the usual limit of 1024 is meant for programs of another kind."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def create_app() -> StreamServer:
    """The stream server with its subscription running."""
    try:
        settings = load()
    except ConfigurationError as error:  # the one error at which gunicorn ends without trying again
        raise AppImportError(f"Aisle does not start: {error}") from None
    configure_logging(settings.log_level)
    allow_many_connections()
    if port := int(given("METRICS_PORT", "0")):
        start_http_server(port, registry=own_metrics())
    hub = Hub()
    Feed(hub, settings.redis_url).start()
    return StreamServer(hub, settings.secret_key)


app = create_app()
