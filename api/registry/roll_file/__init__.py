"""The roll as a file: its columns, how cells are read, and how files are opened and written.

One row per person; the householder's row carries the household's own columns, the household's rows stand together.
A file with householders' rows only is the same thing with one person each and the column 保障人口 filled in.
"""
