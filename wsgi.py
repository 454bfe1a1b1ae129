"""WSGI entry."""

import gc

from app.config import load_or_exit

# Before anything slow is imported: a server that finds its processes dead at once gives up.
settings = load_or_exit()

from app.factory import create_app  # noqa: E402 - after the check

app = create_app(settings)

# The collector walked all that start-up built at every turn: a tenth of the time of a sale. What a request makes
# dies with its last reference; cycles among it may wait for a rarer turn.
gc.collect()
gc.freeze()
gc.set_threshold(25_000, 20, 50)
