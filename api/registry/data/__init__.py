"""Facts shipped with the project: the divisions of Shigatse as the National Bureau of Statistics lists them."""
