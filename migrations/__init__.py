"""Migrations of the database, numbered, up and down on both kinds."""
