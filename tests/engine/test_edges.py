"""Both sides of the edge of every constraint, as ODK's own engine judges them."""

from datetime import date, timedelta

from engine.client import Job, fill_all

from survey_forms.catalogue import CATALOGUE, compiled

MET = {"/data/outcome": "met_member", "/data/economy/members_count": "2"}
TODAY = date.today()  # noqa: DTZ011 - as the phone counts its days


def ago(days):
    return str(TODAY - timedelta(days=days))


#: Form, question, what else is answered, what is taken, what is refused.
EDGES = [
    ("home_visit", "which/household_typed", {}, ["540222100201-1", "540222100201-12345678"],
     ["54022210020-1", "540222100201", "540222100201-", "540222100201-123456789", "540222100201-0007x"]),
    ("home_visit", "companions", {}, ["none", "villager work_team"], ["none villager"]),
    ("home_visit", "economy/members_count", {}, ["1", "30"], ["0", "31", "-1"]),
    ("home_visit", "economy/members/member/birth_year", {}, ["1900", str(TODAY.year)], ["1899", str(TODAY.year + 1)]),
    ("home_visit", "economy/members_paid", {}, ["0", "2"], ["3", "-1"]),
    ("home_visit", "economy/income_sources", {}, ["none", "wages crops"], ["none wages"]),
    ("home_visit", "economy/income/wages", {"/data/economy/income_sources": "wages"},
     ["0", "2000000"], ["-1", "2000001"]),
    ("home_visit", "economy/spending/spending_other", {}, ["0", "2000000"], ["-1", "2000001"]),
    ("home_visit", "economy/holdings", {}, ["none", "yaks sheep"], ["none yaks"]),
    ("home_visit", "economy/counts/cropland_mu", {"/data/economy/holdings": "cropland"},
     ["0.1", "10000"], ["0", "10000.1"]),
    ("home_visit", "economy/counts/yaks", {"/data/economy/holdings": "yaks"}, ["1", "5000"], ["0", "5001"]),
    ("home_visit", "economy/dwelling/housing_m2", {}, ["1", "2000"], ["0", "2001"]),
    ("home_visit", "economy/registration", {}, ["unknown", "shareholder cooperative"],
     ["unknown shareholder", "none unknown"]),
    ("home_visit", "assets/asset_value", {"/data/assets_seen": "yes"}, ["0", "100000000"], ["-1", "100000001"]),
    ("home_visit", "money/received/received_amount", {"/data/money/receives": "yes"},
     ["0", "100000"], ["-1", "100001"]),
    ("home_visit", "money/other_help", {}, ["none", "medical goods"], ["none goods"]),
    ("home_visit", "money/withheld_amount", {"/data/money/withheld": "yes"}, ["1", "2000000"], ["0", "2000001"]),
    ("home_visit", "money/phone", {}, ["13900000000", "0892-8800000", "08928800000"],
     ["1390000000", "23900000000", "110"]),
    ("spot_check_visit", "conclusion/error_kinds", {}, ["none", "favour rotation"], ["none favour"]),
    ("neighbour_interview", "known_years", {}, ["0", "100"], ["-1", "101"]),
    ("neighbour_interview", "livelihood", {}, ["unknown", "farming relief"], ["unknown farming"]),
    ("neighbour_interview", "life_style", {}, ["ordinary", "building travel"], ["ordinary travel", "unknown travel"]),
    ("unit_certificate", "amount", {}, ["0", "100000000"], ["-1", "100000001"]),
    ("unit_certificate", "issued_on", {}, [ago(0)], [ago(-2)]),
    ("letter_evidence", "sent_on", {}, [ago(0)], [ago(-2)]),
    ("letter_evidence", "answer/answered_on", {"/data/answered": "yes", "/data/sent_on": ago(9)},
     [ago(9), ago(0)], [ago(10), ago(-2)]),
    ("democratic_appraisal", "where/village_typed", {}, ["540222100201"], ["54022210020", "5402221002011"]),
    ("democratic_appraisal", "attended", {}, ["1", "2000"], ["0", "2001"]),
    ("democratic_appraisal", "voters", {"/data/attended": "20"}, ["1", "20"], ["0", "21"]),
    ("democratic_appraisal", "votes/vote/household_typed", {}, ["540222100201-1"], ["540222100201"]),
    ("democratic_appraisal", "votes/vote/in_favour", {"/data/attended": "20", "/data/voters": "10"},
     ["0", "10"], ["-1", "11"]),
    ("democratic_appraisal", "votes/vote/against",
     {"/data/attended": "20", "/data/voters": "10", "/data/votes/vote/in_favour": "7"}, ["0", "3"], ["4", "-1"]),
    ("public_posting", "households_listed", {}, ["0", "5000"], ["-1", "5001"]),
    ("public_posting", "posted_from", {}, [ago(0)], [ago(-2)]),
    ("public_posting", "posted_until", {"/data/posted_from": ago(3)}, [ago(3), ago(-9)], [ago(4)]),
    ("public_posting", "shown_too_much", {}, ["none", "phone card"], ["none phone"]),
]  # fmt: skip


def test_what_is_accepted_and_what_is_refused_at_the_edge_of_every_constraint():
    jobs = [
        Job(
            compiled(form_id).xml, given=MET | given, answer_optional=0,
            probed=f"/data/{name}", values=(*accepted, *refused),
        )
        for form_id, name, given, accepted, refused in EDGES
    ]  # fmt: skip
    wrong = []
    for (form_id, name, _, accepted, refused), one in zip(EDGES, fill_all(jobs), strict=True):
        assert len(one.taken) >= len(accepted) + len(refused), f"{form_id} never came to {name}"
        wanted = dict.fromkeys(accepted, True) | dict.fromkeys(refused, False)
        wrong += [
            (form_id, name, value)
            for (value, takes), took in zip(wanted.items(), one.taken, strict=True)
            if takes != took
        ]
    assert wrong == []


def test_no_constraint_is_left_out():
    """Blocks that forms share are tried in one of them; amounts of one pattern by one of them."""
    tried = {name.rpartition("/")[2] for _, name, *_ in EDGES}
    for known in CATALOGUE:
        for path in constrained(known.form_id):
            alike = any(part in path for part in ("/income/", "/spending/", "/counts/"))
            assert alike or path.rpartition("/")[2] in tried, path


def constrained(form_id):
    binds = compiled(form_id).xml.decode().split("<bind ")[1:]
    return [bind.split('"')[1] for bind in binds if " constraint=" in bind.split(">")[0]]
