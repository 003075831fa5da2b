"""The forms as plain text, compiled for phones, and what phones send back read safely.

Knows nothing of the web, the database or the draw: bytes in, frozen values out.
"""
