"""Estimates against numbers other programs and books give, file by file."""

import numpy as np
import pytest

from sampling.estimation import (
    agresti_coull,
    calibrate,
    cell_bound,
    clopper_pearson,
    clustered,
    design_effect,
    deville_variance,
    estimate_domains,
    estimate_groups,
    estimate_mean,
    estimate_rate,
    estimate_ratio,
    estimate_total,
    horvitz_thompson_variance,
    hypergeometric,
    jeffreys,
    mean_taint_bound,
    nearest_neighbour_variance,
    reliability_factor,
    sen_yates_grundy_variance,
    spatial,
    stevens_olsen_variance,
    stratified,
    stringer_bound,
    unequal,
    wilson,
)

REL = {"rel": 1e-9, "abs": 0}


def column(rows, name, kind=float):
    return np.array([kind(row[name]) for row in rows])


def strata_of(rows, label, size):
    sizes = {row[label]: round(float(row[size])) for row in rows}
    return [row[label] for row in rows], sizes


def test_all_134_single_list_intervals_agree_with_base_r(oracle):
    rows = oracle("ci_proportions.csv")
    assert len(rows) == 134
    for row in rows:
        held, n, k = (int(row[name]) for name in ("N", "n", "k"))
        level = float(row["conf"])
        ours = {
            "cp": clopper_pearson(k, n, level),
            "wilson": wilson(k, n, level),
            "wilson_cc": wilson(k, n, level, continuity=True),
            "ac": agresti_coull(k, n, level),
            "jeffreys": jeffreys(k, n, level),
        }
        for name, ends in ours.items():
            assert ends.lower == pytest.approx(float(row[f"{name}_lo"]), abs=1e-10), (name, row)
            assert ends.upper == pytest.approx(float(row[f"{name}_up"]), abs=1e-10), (name, row)
        assert hypergeometric(k, n, held, level) == (int(row["hyper_M_lo"]), int(row["hyper_M_up"])), row
        one_sided = (
            hypergeometric(k, n, held, level, sides="lower")[0],
            hypergeometric(k, n, held, level, sides="upper")[1],
        )
        assert one_sided == (int(row["hyper1s_M_lo"]), int(row["hyper1s_M_up"])), row


class TestStratifiedSchools:
    """R survey 4.5 on apistrat: 200 schools in three strata, finite-population correction."""

    @pytest.fixture
    def rows(self, oracle):
        return oracle("api_apistrat.csv")

    @pytest.fixture
    def expected(self, oracle):
        return oracle("survey_api.json")["expected"]["strat"]

    @pytest.fixture
    def design(self, rows):
        # the stored weights are rounded to seven digits and R used them: each school is its own cluster here
        return schools(rows)

    def test_means_totals_and_ratios(self, rows, expected, design):
        api00, api99, enroll = (column(rows, name) for name in ("api00", "api99", "enroll"))
        for answer, name in (
            (estimate_mean(design, api00), "mean_api00"),
            (estimate_total(design, enroll), "total_enroll"),
            (estimate_ratio(design, api00, api99), "ratio_api"),
        ):
            assert answer.value == pytest.approx(expected[name]["est"], **REL)
            assert answer.standard_error == pytest.approx(expected[name]["se"], **REL)

    def test_without_the_correction(self, rows, expected):
        design = schools(rows, held=10**15)
        mean = estimate_mean(design, column(rows, "api00"))
        total = estimate_total(design, column(rows, "enroll"))
        assert mean.standard_error == pytest.approx(expected["mean_nofpc"]["se"], **REL)
        assert total.standard_error == pytest.approx(expected["total_nofpc"]["se"], **REL)

    def test_domains_keep_the_whole_design(self, rows, expected, design):
        no = np.array([row["sch.wide"] == "No" for row in rows])
        enroll = column(rows, "enroll")
        total = estimate_total(design, enroll, within=no)
        mean = estimate_mean(design, enroll, within=no)
        assert total.value == pytest.approx(expected["domain_schwide_No_total"]["est"], **REL)
        assert total.standard_error == pytest.approx(expected["domain_schwide_No_total"]["se"], **REL)
        assert mean.value == pytest.approx(expected["domain_mean"]["est"], **REL)
        assert mean.standard_error == pytest.approx(expected["domain_mean"]["se"], **REL)

    def test_strata_as_groups_and_as_domains(self, rows, expected, design):
        api00 = column(rows, "api00")
        strata = stratified(*strata_of(rows, "stype", "fpc"))
        groups = estimate_groups(estimate_mean, strata, api00, lambda label: label)
        domains = estimate_domains(estimate_mean, design, api00, [row["stype"] for row in rows])
        for label, est, se in zip(
            "EHM", expected["mean_by_stype"]["est"], expected["mean_by_stype"]["se"], strict=True
        ):
            for answer in (groups[label], domains[label]):
                assert answer.value == pytest.approx(est, **REL)
                assert answer.standard_error == pytest.approx(se, **REL)

    def test_design_effect(self, rows, expected, design):
        assert design_effect(design, column(rows, "api00")) == pytest.approx(expected["deff"], **REL)

    def test_intervals_of_a_share(self, rows, expected, design):
        no = [row["sch.wide"] == "No" for row in rows]
        share = estimate_rate(design, no)
        assert share.value == pytest.approx(expected["prop_schwide"]["est"][0], **REL)
        assert share.standard_error == pytest.approx(expected["prop_schwide"]["se"][0], **REL)
        count = share.times(design.population, "schools")
        assert count.value == pytest.approx(expected["total_schwide"]["est"][0], **REL)
        assert count.standard_error == pytest.approx(expected["total_schwide"]["se"][0], **REL)
        check_share_intervals(design, no, expected["ciprop_No"])


def schools(rows, held=None):
    strata, sizes = strata_of(rows, "stype", "fpc")
    sizes = sizes if held is None else dict.fromkeys(sizes, held)
    return clustered(range(len(rows)), sizes, strata=strata, weights=column(rows, "pw"))


def check_share_intervals(design, marks, expected):
    for ours, theirs in (
        ("korn-graubard-plain", "beta"),
        ("wilson", "wilson"),
        ("wald", "mean"),
        ("logit", "xlogit"),
    ):
        answer = estimate_rate(design, marks, interval=ours)
        assert answer.lower == pytest.approx(expected[theirs]["ci"][0], rel=1e-6), ours
        assert answer.upper == pytest.approx(expected[theirs]["ci"][1], rel=1e-6), ours


def test_simple_sample_of_schools(oracle):
    rows, expected = oracle("api_apisrs.csv"), oracle("survey_api.json")["expected"]["srs"]
    design = stratified(["all"] * len(rows), {"all": 6194})
    mean = estimate_mean(design, column(rows, "api00"))
    total = estimate_total(design, column(rows, "enroll"))
    assert (mean.value, mean.standard_error) == pytest.approx(
        (expected["mean_api00"]["est"], expected["mean_api00"]["se"]), **REL
    )
    assert (total.value, total.standard_error) == pytest.approx(
        (expected["total_enroll"]["est"], expected["total_enroll"]["se"]), **REL
    )
    check_share_intervals(design, [row["sch.wide"] == "No" for row in rows], expected["ciprop_No"])


def test_whole_districts_of_schools(oracle):
    rows, expected = oracle("api_apiclus1.csv"), oracle("survey_api.json")["expected"]["clus1"]
    design = clustered([row["dnum"] for row in rows], 757, weights=column(rows, "pw"))
    for answer, name in (
        (estimate_mean(design, column(rows, "api00")), "mean_api00"),
        (estimate_total(design, column(rows, "enroll")), "total_enroll"),
        (estimate_ratio(design, column(rows, "api00"), column(rows, "api99")), "ratio"),
    ):
        assert answer.value == pytest.approx(expected[name]["est"], **REL)
        assert answer.standard_error == pytest.approx(expected[name]["se"], **REL)
    assert design.degrees_of_freedom == expected["degf"]
    check_share_intervals(design, [row["sch.wide"] == "No" for row in rows], expected["ciprop_No"])


def test_schools_drawn_inside_drawn_districts(oracle):
    rows, expected = oracle("api_apiclus2.csv"), oracle("survey_api.json")["expected"]["clus2"]
    design = clustered([row["dnum"] for row in rows], 757, units_held=column(rows, "fpc2"))
    have = np.array([row["enroll"] not in {"", "NA"} for row in rows])
    enroll = np.array([float(row["enroll"]) if ok else 0.0 for row, ok in zip(rows, have, strict=True)])
    for answer, name in (
        (estimate_mean(design, column(rows, "api00")), "mean_api00"),
        (estimate_total(design, enroll), "total_enroll"),
    ):
        assert answer.value == pytest.approx(expected[name]["est"], **REL)
        assert answer.standard_error == pytest.approx(expected[name]["se"], **REL)
    assert design.degrees_of_freedom == expected["degf"]


def test_calibrated_school_totals_meet_the_published_population(oracle):
    rows, known = oracle("api_apiclus1.csv"), oracle("survey_api.json")["inputs"]["pop_totals"]
    design = clustered([row["dnum"] for row in rows], 757, weights=column(rows, "pw"))
    high, middle = ([row["stype"] == kind for row in rows] for kind in "HM")
    x = np.column_stack([np.ones(len(rows)), high, middle, column(rows, "api99")])
    fitted = calibrate(design, x, [known[k] for k in ("intercept", "stypeH", "stypeM", "api99")])
    answer = estimate_mean(fitted, column(rows, "api00"))
    truth = column(oracle("api_apipop.csv"), "api00").mean()
    # the help page of calibrate() in R survey prints 665.31 (SE 3.4418) for this very calibration
    assert answer.value == pytest.approx(665.31, abs=0.005)
    assert answer.standard_error == pytest.approx(3.4418, abs=0.00005)
    assert answer.lower < truth < answer.upper


def test_farms_of_lohr(oracle):
    expected = oracle("lohr_ag.json")
    rows = oracle("lohr_agsrs.csv")
    simple = stratified(["all"] * 300, {"all": 3078})
    acres = column(rows, "acres92")
    for answer, name in (
        (estimate_mean(simple, acres), "mean"),
        (estimate_total(simple, acres), "total"),
        (estimate_ratio(simple, acres, column(rows, "acres87")), "ratio_92_87"),
        (estimate_rate(simple, column(rows, "lt200k")), "prop_lt200k"),
    ):
        assert answer.value == pytest.approx(expected["expected"]["srs"][name]["est"], **REL)
        assert answer.standard_error == pytest.approx(expected["expected"]["srs"][name]["se"], **REL)
    by = expected["expected"]["srs"]["by_region"]
    domains = estimate_domains(estimate_mean, simple, acres, [row["region"] for row in rows])
    for label, est, se in zip(by["region"], by["est"], by["se"], strict=True):
        assert (domains[label].value, domains[label].standard_error) == pytest.approx((est, se), **REL)

    rows = oracle("lohr_agstrat.csv")
    sizes = expected["inputs"]["Nh"]
    design = stratified([row["region"] for row in rows], sizes)
    acres, few = column(rows, "acres92"), column(rows, "lt200k")
    strat = expected["expected"]["strat"]
    for answer, name in (
        (estimate_mean(design, acres), "mean"),
        (estimate_total(design, acres), "total"),
        (estimate_rate(design, few), "prop_lt200k"),
        (estimate_total(design, few), "total_lt200k"),
    ):
        assert answer.value == pytest.approx(strat[name]["est"], **REL)
        assert answer.standard_error == pytest.approx(strat[name]["se"], **REL)
    groups = estimate_groups(estimate_mean, design, acres, lambda label: label)
    for label, mean, spread in zip(sizes, strat["by_region_mean"], strat["by_region_var"], strict=True):
        n, held = strat["n"][label], sizes[label]
        assert groups[label].value == pytest.approx(mean, **REL)
        assert groups[label].standard_error ** 2 == pytest.approx((1 - n / held) * spread / n, **REL)


def test_unequal_chances_in_three_units(oracle):
    case = oracle("htvar_small.json")
    chosen = np.array(case["inputs"]["sample_1based"]) - 1
    pi, y, joint = np.array(case["inputs"]["pik"])[chosen], case["inputs"]["y"], case["inputs"]["pi2"]
    assert estimate_total(unequal(pi), y).value == pytest.approx(case["expected"]["HT"], **REL)
    assert horvitz_thompson_variance(y, pi, joint) == pytest.approx(case["expected"]["var_HT"], **REL)
    assert sen_yates_grundy_variance(y, pi, joint) == pytest.approx(case["expected"]["var_SYG"], **REL)
    assert deville_variance(y, pi) == pytest.approx(case["expected"]["deville"], **REL)


def test_unequal_chances_in_200_belgian_towns(oracle):
    case = oracle("htvar_belgian200.json")
    rows = oracle("htvar_belgian200_sample.csv")
    y, pi, size = (column(rows, name) for name in ("y", "pik", "Tot04"))
    joint = np.array([[float(cell) for cell in row.values()] for row in oracle("htvar_belgian200_pi2.csv")])
    want = case["expected"]
    syg = unequal(pi, joint=joint, variance="sen-yates-grundy", population=case["inputs"]["N"])
    assert estimate_total(syg, y).value == pytest.approx(want["HT"], **REL)
    assert estimate_mean(syg, y).value * 589 == pytest.approx(want["Hajek"], **REL)
    assert estimate_total(syg, y).standard_error ** 2 == pytest.approx(want["var_SYG"], **REL)
    ht = unequal(pi, joint=joint, variance="horvitz-thompson")
    assert estimate_total(ht, y).standard_error ** 2 == pytest.approx(want["var_HT"], **REL)
    assert estimate_total(unequal(pi), y).standard_error ** 2 == pytest.approx(want["varest_deville"], **REL)
    fitted = calibrate(unequal(pi), size, [size @ (1 / pi)])
    # the totals given are those already estimated, so g = 1 and only the residuals matter
    assert estimate_total(fitted, y).standard_error ** 2 == pytest.approx(want["varest_calibrated"], rel=1e-8)


@pytest.mark.parametrize("draw", ["lpm2", "srs", "scps", "cube", "lcube"])
def test_local_mean_variances_of_five_stored_draws(oracle, draw):
    case = oracle("spatial_balance.json")["expected"][draw]
    rows = oracle("spatial_frame.csv")
    chosen = np.array(case["sample"]) - 1
    place = np.column_stack([column(rows, "x"), column(rows, "y")])[chosen]
    pi, z = column(rows, "p")[chosen], column(rows, "z")[chosen]
    assert estimate_total(spatial(pi, place), z).value == pytest.approx(case["ht"], **REL)
    for neighbours, name in ((1, "vsb_k1"), (3, "vsb_k3"), (1, "vsb_k0")):
        ours = nearest_neighbour_variance(z, pi, place, neighbours=neighbours)
        assert ours == pytest.approx(case[name], **REL)
    assert stevens_olsen_variance(z, pi, place) == pytest.approx(case["localmean_nbh4"], **REL)
    assert deville_variance(z, pi) == pytest.approx(case["deville"], **REL)


def test_stringer_bounds(oracle):
    for case in oracle("stringer_bound.json")["inputs"]:
        for factors in ("binomial", "poisson"):
            ours = stringer_bound(case["n"], case["taints"], 1.0, case["conf"], factors)
            assert ours.rate == pytest.approx(case[factors], abs=1e-10)


def test_poisson_reliability_factors(oracle):
    for row in oracle("poisson_reliability_factors.csv"):
        for errors in range(11):
            assert reliability_factor(errors, float(row[""])) == pytest.approx(float(row[str(errors)]), rel=1e-10)


def test_monetary_unit_evaluation(oracle):
    case = oracle("mus_planning_evaluation.json")["expected"]
    book = column(oracle("mus_frame.csv"), "book.value").sum()
    rows = oracle("mus_sample.csv")
    taints = 1 - column(rows, "audit.value") / column(rows, "book.value")
    low = cell_bound(79, taints, book, 0.95, "hypergeometric", digits=4)
    assert low.most_likely == pytest.approx(case["MLE"], rel=1e-6)
    assert low.upper == pytest.approx(case["UEL.low"], rel=1e-6)
    assert mean_taint_bound(taints, book).upper == pytest.approx(case["UEL.high"], rel=1e-6)
