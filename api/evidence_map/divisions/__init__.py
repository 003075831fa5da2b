"""Ground and figures by county, township and village: what a map is coloured by at low zooms, and the same as a table.

The rule: a reader sees divisions within his own areas, and figures made only of what he may see.
"""
