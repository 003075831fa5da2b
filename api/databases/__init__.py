"""How each of the two databases is opened, and what the embedded one needs so that many can write."""
