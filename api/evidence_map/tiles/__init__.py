"""Vector tiles: far away how much lies in each cell, near by every piece, its household's home, and the way between.

Whoever asks gets a tile of what he may see and nothing else. Cells come from counts kept by township
(`api.evidence.cells`) where these are fresh and hold what is asked; else the rows are counted.
"""
