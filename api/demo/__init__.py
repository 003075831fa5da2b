"""The demo county: Gyantse (江孜县) with its real divisions and nobody real in it, visited halfway and drawn once.

The rule: it comes out the same each time, and what is wrong in it is written beside the database, never into it.
"""
