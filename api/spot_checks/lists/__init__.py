"""Lists: who goes to which of the drawn households, on which day, in which order; and how far they are.

The rule: a list arranges what was drawn, it never changes who is drawn. Teams go a short way round; nobody is given a
household of his own people or village; a reserve is released by the order of the tickets and with a reason.
"""

from api.spot_checks.lists.read import ROLES, checkers_of, counted, how_many, on_list, place_names, selected

__all__ = ["ROLES", "checkers_of", "counted", "how_many", "on_list", "place_names", "selected"]
