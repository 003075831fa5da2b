"""The map: evidence on the ground, what lies under it, and figures by division.

It owns no tables, it only reads; every tile, boundary, figure and search shows what its reader may see, nothing else.
"""
