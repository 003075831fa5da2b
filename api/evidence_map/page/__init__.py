"""The map page: its choices, its words and its panel; what moves on it is TypeScript (`api/web/src/map`)."""
