"""Flower's secrets, read from files as containers hand them over; everything else comes as FLOWER_… variables."""

from app.config import given

if login := given("FLOWER_BASIC_AUTH"):
    basic_auth = [login]
if secret := given("FLOWER_COOKIE_SECRET"):
    cookie_secret = secret
# Without a password Flower would show the queues to everybody.
if not login:
    raise SystemExit("FLOWER_BASIC_AUTH or FLOWER_BASIC_AUTH_FILE must be set: user:password")
