"""How many households, which ones, and what the visits prove: survey sampling with numpy and scipy alone.

Everything a campaign calls stands here; refusals, and the rest, stand in their rooms. ``README.md`` beside this
file tells the theory in plain words.

Examples
--------
Freeze a roll, keep the law's floors, promise, throw, draw, and let anyone check:

>>> from sampling import Manifest, Plan, allocate_statutory, draw, freeze, verify
>>> codes = [f"540222100201-{i:04d}" for i in range(60)]
>>> frame, key = freeze(codes, ["540222100|rural|" + "ab"[i % 2] for i in range(60)])
>>> plan = Plan.of(frame, allocate_statutory(frame.counts, total=20).n)
>>> manifest = Manifest.of(frame, plan, draw_id="540222-1", entropy_rule="dice:20")
>>> drawn = draw(frame, plan, manifest, "31415926535897932384")
>>> print(verify(frame.to_bytes(), plan.to_bytes(), manifest.to_bytes(), drawn.to_bytes()))
same

After the visits, say what they show, and how surely:

>>> from sampling import estimate_rate, stratified
>>> strata = [name for name in sorted(drawn.strata) for leaf in drawn.strata[name].sample]
>>> rate = estimate_rate(stratified(strata, frame.counts), [1, 1] + [0] * 18)
>>> round(rate.value, 3), rate.lower < 0.1 < rate.upper
(0.1, True)
"""

import ast
from importlib import import_module
from pathlib import Path
from typing import Any

# Which room each public name lives in stands once, in the stub that type checkers read. Rooms are entered when a
# name is asked for: a server that only draws does not wait for the statistics of scipy.
_HOMES: dict[str, tuple[str, str]] = {
    alias.asname or alias.name: (str(node.module), alias.name)
    for node in ast.parse(Path(__file__).with_suffix(".pyi").read_text("utf-8")).body
    if isinstance(node, ast.ImportFrom)
    for alias in node.names
}
__all__ = sorted(_HOMES)  # noqa: PLE0605 - the stub's names


def __getattr__(name: str) -> Any:
    """Return a public name from its room."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sampling' has no name {name!r}")
    room, inside = _HOMES[name]
    value = getattr(import_module(room), inside)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
