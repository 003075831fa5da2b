"""The entry point for gunicorn and other WSGI servers: ``gunicorn wsgi:app``."""

from api import create_app

app = create_app()
