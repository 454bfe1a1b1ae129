"""WSGI entry."""

import gc

from app.factory import create_app

app = create_app()

# The collector walked all that start-up built at every turn: a tenth of the time of a sale. What a request makes
# dies with its last reference; cycles among it may wait for a rarer turn.
gc.collect()
gc.freeze()
gc.set_threshold(25_000, 20, 50)
