"""The verifier that anybody downloads from the public page, run by bare Python in an empty folder."""

import io
import random
import subprocess
import sys
import zipfile

import pytest

FILES = ("frame.csv", "plan.json", "manifest.json", "draw.json")
SAMPLED = 60  # positions of each file that are changed, besides its first and last
MANY = """
import sys, pathlib, io, contextlib
sys.path.insert(0, ".")
import verifier
files = {name: pathlib.Path(name).read_bytes() for name in sys.argv[1:5]}
for line in sys.stdin:
    name, at, byte = line.split()
    changed = bytearray(files[name]); changed[int(at)] = int(byte)
    given = {**files, name: bytes(changed)}
    try:
        verifier.check(*(given[one] for one in sys.argv[1:5]))
    except verifier.Different as different:
        print(name, at, ascii(str(different)))
    else:
        print(name, at, "same")
"""


@pytest.fixture
def folder(client, drawn, tmp_path):
    """An empty folder with what the archive of the public page holds."""
    answer = client.get(f"/public/draws/{drawn.manifest_sha256[:16]}/draw.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        packed.extractall(tmp_path / "empty")
    return tmp_path / "empty"


def run(folder, *arguments, **given):
    command = [sys.executable, "-I", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, encoding="utf-8", timeout=120, **given)


def test_it_says_same_of_the_demo_draw_from_public_files_only(folder, drawn):
    said = run(folder, "verifier.py", *FILES)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == f"一致 same\n承诺书指纹 manifest: {drawn.manifest_sha256}\n"


def test_files_downloaded_one_by_one_are_those_of_the_archive(client, folder, drawn):
    for name in (*FILES, "verifier.py", "certificate.json", "README.txt"):
        answer = client.get(f"/public/draws/{drawn.manifest_sha256[:16]}/{name}")
        assert answer.data == (folder / name).read_bytes(), name


def test_the_certificate_is_checked_with_the_frame_and_the_dice_alone(folder):
    (folder / "entropy.txt").write_text("31415 92653 58979 32384")
    said = run(folder, "verifier.py", "certificate.json", "frame.csv", "entropy.txt")
    assert (said.returncode, said.stdout.splitlines()[0]) == (0, "一致 same")
    (folder / "entropy.txt").write_text("31415 92653 58979 32385")
    assert run(folder, "verifier.py", "certificate.json", "frame.csv", "entropy.txt").returncode == 1


def test_one_changed_byte_of_any_file_is_found_and_the_file_is_named(folder):
    changes, chance = [], random.Random(5)
    for name in FILES:
        data = (folder / name).read_bytes()
        places = {0, len(data) - 1, *chance.sample(range(len(data)), min(SAMPLED, len(data)))}
        for at in sorted(places):
            other = chance.choice([byte for byte in (48, 49, 97, 98, 44, 34, 10, 255) if byte != data[at]])
            changes.append((name, at, other))
    said = run(folder, "-c", MANY, *FILES, input="".join(f"{name} {at} {byte}\n" for name, at, byte in changes))
    assert said.returncode == 0, said.stderr
    lines = said.stdout.splitlines()
    assert len(lines) == len(changes) > 2 * SAMPLED
    for (name, at, _), line in zip(changes, lines, strict=True):
        assert line.startswith(f"{name} {at} ")
        assert not line.endswith(" same"), line
        assert name in line.split(" ", 2)[2], line


def test_the_program_itself_says_which_file_was_changed(folder):
    for name in FILES:
        data = (folder / name).read_bytes()
        middle = len(data) // 2
        (folder / name).write_bytes(
            data[:middle] + (b"7" if data[middle : middle + 1] != b"7" else b"8") + data[middle + 1 :]
        )
        said = run(folder, "verifier.py", *FILES)
        assert said.returncode == 1, name
        assert name in said.stdout
        (folder / name).write_bytes(data)
    assert run(folder, "verifier.py", *FILES).returncode == 0
