"""The entry point for gunicorn and other WSGI servers: ``gunicorn wsgi:app``."""

import gc

from api import create_app

app = create_app()
# What is loaded now stays. Left out of every later collection, it no longer costs a fifth of the time of whatever makes
# many objects (an export, a page of features), and no process copies it after the fork only to look through it.
gc.collect()
gc.freeze()
