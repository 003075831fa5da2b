"""Publication: what makes a draw believed by people who have no account.

The notice before the dice, the city's word on a second draw, photos and witnesses, the rule of the public chance, the
certificate, one household's proof, and the open pages with the files anybody may download and recompute.
"""
