"""The same evidence for GIS people: OGC API – Features (Part 1: Core) at /ogc, and a selection as a file.

QGIS, GDAL and any other client of the standard read it as layers, page by page, with the token of a program; GeoJSON
and GeoPackage files are the same rows at one moment. Everything stands behind `api.evidence_map.selection.selected`:
the area, blindness and masks of every other reader.
"""
