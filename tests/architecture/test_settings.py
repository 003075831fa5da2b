"""Every setting is in the README, with its default and its meaning as the code has them."""

from dataclasses import fields

import pytest
from source import ROOT

from api.settings import SettingError, Settings

README = (ROOT / "README.md").read_text("utf-8")


def row(setting):
    """Return the line of the README's table of settings for one setting."""
    default = "(empty)" if setting.default == "" else f"`{setting.default}`"
    return f"| `RUHU_{setting.name.upper()}` | {default} | {setting.metadata['meaning']} |"


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_a_setting_is_in_the_readme(setting):
    assert row(setting) in README, f"the README's table of settings needs the line\n{row(setting)}"


def test_the_readme_names_no_setting_that_is_gone():
    known = {f"RUHU_{setting.name.upper()}" for setting in fields(Settings)}
    named = {line.split("`")[1] for line in README.splitlines() if line.startswith("| `RUHU_")}
    assert named <= known


@pytest.mark.parametrize(
    ("name", "value"),
    [("STORE", "https://bucket"), ("STORE", "s3://"), ("ENDPOINT_URL", "minio:9000"), ("ADDRESSING", "auto")],
)
def test_a_setting_of_the_object_store_that_cannot_be_used_is_refused_at_the_start(name, value):
    with pytest.raises(SettingError, match=f"RUHU_BLOB_{name}"):
        Settings.read({f"RUHU_BLOB_{name}": value})
