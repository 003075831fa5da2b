"""The description of the programming interface, to read and to try, from our own server."""

from flask import Blueprint, render_template

blueprint = Blueprint("api_docs", __name__, template_folder="templates")


@blueprint.get("/api/docs")
def page() -> str:
    """Show the documentation; it holds no data, so it is open."""
    return render_template("api_docs.html")
