"""Commands of spot checks: check a downloaded draw with the stand-alone verifier."""

import sys
from pathlib import Path

import click

from api.spot_checks.publication.bundle import CHECKED
from sampling import verifier

DIFFERS = 3  # exit code when the files are not what was published


@click.command("verify-draw")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def verify_draw(folder: Path) -> None:
    """Check the public files of a draw in FOLDER, as anybody can with verifier.py alone.

    FOLDER holds frame.csv, plan.json, manifest.json and draw.json, as the public page or its archive gives them. No
    database is asked. Exit codes: 0 the same, 2 a file is missing, 3 something differs, and what.
    """
    if missing := [name for name in CHECKED if not (folder / name).is_file()]:
        names = ", ".join(missing)
        raise click.UsageError(f"{folder} 中缺少 {names}，请下载全部公开文件 · missing {names}")
    files = [(folder / name).read_bytes() for name in CHECKED]
    given = folder / "verifier.py"
    if given.is_file() and given.read_bytes() != Path(verifier.__file__).read_bytes():
        click.echo(
            "verifier.py 与本系统的不同，这里用的是本系统的 · is not the one of this version, which is used here",
            err=True,
        )
    try:
        verifier.check(*files)
    except verifier.Different as different:
        click.echo(f"不一致 differs: {different}", err=True)
        sys.exit(DIFFERS)
    click.echo(f"一致 same\n承诺书指纹 manifest: {verifier.sha256(files[2][:-1])}")


commands = [verify_draw]
