"""ODK's own engine as a client for tests: forms filled in Node exactly as a browser would fill them."""

import base64
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

PROGRAM = Path(__file__).with_name("fill.ts")
NODE = Path(sys.executable).with_name("node")
TIMEOUT_SECONDS = 300


@dataclass(frozen=True)
class Job:
    """One form to be filled.

    Attributes
    ----------
    xform : bytes
        The form.
    lists : dict of str to str
        CSV by file name; a list the form needs and that is not here is missing on this phone.
    seed : int
        Of everything that is left to chance.
    given : dict of str to str
        Answers that are not left to chance, by path without positions; of a repeat, how many rows; ``""`` answers
        nothing.
    answer_optional : float
        How often a question that is not demanded is answered.
    opened : str
        Answers that were filled elsewhere, to be looked at only.
    probed, values : str, tuple of str
        A path without positions, at which these values are tried; filling ends there.
    """

    xform: bytes
    lists: dict[str, str] = field(default_factory=dict)
    seed: int = 1
    given: dict[str, str] = field(default_factory=dict)
    answer_optional: float = 0.6
    opened: str = ""
    probed: str = ""
    values: tuple[str, ...] = ()
    device: str = "collect:engine"


@dataclass(frozen=True)
class Filled:
    """A filled form.

    Attributes
    ----------
    xml : bytes
        The answers, as sent.
    files : dict of str to bytes
        What belongs to them.
    answers : list of tuple of str
        Path with positions, and value, of everything a person answered.
    shown : dict of str to str
        What the form computed and showed at the end, by path.
    violations : list of str
        Paths at which the form is not satisfied.
    taken : list of bool
        Of each value tried at the probed path.
    """

    xml: bytes
    files: dict[str, bytes]
    answers: list[tuple[str, str]]
    shown: dict[str, str]
    violations: list[str]
    taken: list[bool]


def fill_all(jobs: list[Job]) -> list[Filled]:
    """Fill forms, all in one run of Node: its start takes longer than a form."""
    asked = [
        {
            "xform": job.xform.decode(), "lists": job.lists, "seed": job.seed, "given": job.given,
            "answerOptional": job.answer_optional, "opened": job.opened, "device": job.device,
            "probed": job.probed, "values": job.values,
        }
        for job in jobs
    ]  # fmt: skip
    done = subprocess.run(
        [NODE, PROGRAM], input=json.dumps(asked), capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return [
        Filled(
            xml=one["xml"].encode(),
            files={name: base64.b64decode(content) for name, content in one["files"].items()},
            answers=[(answer["path"], answer["value"]) for answer in one["answers"]],
            shown={path: text.strip() for path, text in one["shown"].items()},
            violations=one["violations"],
            taken=one["taken"],
        )
        for one in json.loads(done.stdout)
    ]
