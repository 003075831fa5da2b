"""Where the reference numbers come from: the folder named by the environment variable RUHU_ORACLES.

Unset: tests that need the folder are skipped, each with its reason, and one line at the end of the run
says so; the essential numbers are restated in the tests themselves. Set but incomplete: the run fails.
"""

import csv
import json
import os
from pathlib import Path

import pytest

# every file the folder must hold; a missing one is a failure, not a skip
ORACLES = frozenset(
    name
    for line in """
    alloc_bethel.json alloc_box_pop10.json alloc_box_pop507_floor30.json
    alloc_box_pop969_floor30.json alloc_box_small.json alloc_cost_practools.json alloc_mincost.json
    alloc_multidomain_controlled_precision.json alloc_nested_floor30_exact.json api_apiclus1.csv
    api_apiclus2.csv api_apipop.csv api_apisrs.csv api_apistrat.csv arlo_draw_sample.json
    belgian_pik.csv ci_proportions.csv consistent_sampler.json drand_beacons.json
    htvar_belgian200.json htvar_belgian200_pi2.csv htvar_belgian200_sample.csv htvar_small.json
    inclusion_probabilities.json joint_inclusion_small.json joint_maxent_60.csv
    joint_sampford_60.csv lohr_ag.json lohr_agsrs.csv lohr_agstrat.csv mus_frame.csv
    mus_planning_evaluation.json mus_sample.csv order_sampling_fixed_uniforms.json
    plan_hypergeom_zero_expected.csv poisson_reliability_factors.csv prn_coordination.json
    prn_example_frame.csv prn_expected.csv rfc3797.json spatial_balance.json spatial_frame.csv
    strata_boundaries.json stratification_debtors.csv stratification_sweden.csv stringer_bound.json
    survey_api.json
    """.splitlines()
    for name in line.split()
)

NOT_RUN = "RUHU_ORACLES is unset: compared with the numbers restated in the tests only"


def _read(path):
    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf-8"))
    with path.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


@pytest.fixture(scope="session")
def oracle_names():
    """Every file of reference numbers that must be there, and must be used by a test."""
    return ORACLES


@pytest.fixture(scope="session")
def oracles_in():
    """Return ``oracles_in(folder)``, which gives the reader of a folder, skips without one, fails with a hole in it."""
    return _reader


@pytest.fixture(scope="session")
def oracle():
    """Return ``oracle(name)``: parsed JSON, or the rows of a CSV file as dictionaries of text."""
    return _reader(os.environ.get("RUHU_ORACLES"))


def _reader(folder):
    if not folder:
        pytest.skip(NOT_RUN)
    missing = [name for name in sorted(ORACLES) if not (Path(folder) / name).is_file()]
    if missing:
        pytest.fail(f"RUHU_ORACLES={folder} is incomplete: {', '.join(missing)} missing")

    def read(name):
        if name not in ORACLES:
            pytest.fail(f"{name} is not in the list of oracles at the top of tests/sampling/conftest.py")
        return _read(Path(folder) / name)

    return read


@pytest.fixture(scope="session")
def soak():
    """Return True when the long form of a test is wanted (RUHU_SOAK=1)."""
    return os.environ.get("RUHU_SOAK") == "1"


def pytest_terminal_summary(terminalreporter):
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if NOT_RUN in str(r.longrepr)]
    if skipped:
        terminalreporter.write_line(
            f"sampling oracles: NOT run ({len(skipped)} tests): RUHU_ORACLES names no folder", yellow=True
        )
    elif os.environ.get("RUHU_ORACLES"):
        terminalreporter.write_line("sampling oracles: run against the folder in RUHU_ORACLES", green=True)
