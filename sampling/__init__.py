"""How many households, which ones, and what the visits prove: survey sampling with numpy and scipy alone."""
