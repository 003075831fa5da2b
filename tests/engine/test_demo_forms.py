"""What the demo county sends could have been filled on a phone: ODK's own engine finds nothing wrong in it."""

from datetime import date, timedelta

from engine.client import Job, fill_all

from api.demo.county import make_county
from api.demo.inquiries import make_inquiries
from api.demo.visits import make_visits
from api.registry.divisions import shipped_divisions
from survey_forms.catalogue import compiled, schema_of
from survey_forms.filling import fill
from survey_forms.submission import read_submission

TODAY = date.today()  # noqa: DTZ011 - as the phone counts its days


def test_nothing_the_demo_answers_is_refused_left_out_or_not_asked():
    names = {row["code"]: row["name"] for row in shipped_divisions()}
    county = make_county(names, {"urban": 976_800, "rural": 444_000}, 150)
    on_roll = [family for family in county.families if family.on_roll]
    days = [TODAY - timedelta(days=back) for back in (3, 2, 1)]
    visits = list(make_visits(on_roll, "surveyor", seen_by="township", days=days))
    wrong = [family for family in on_roll if family.truth.kind]
    checks = list(make_visits(wrong, "checker", seen_by="county", days=days, doubts=False))
    inquiries = list(make_inquiries(visits))
    seen = [one for one in inquiries if one.form_id == "asset_evidence"]
    chosen = [*visits[::16], *checks[::4], *inquiries[::9], *seen]
    assert len({one.form_id for one in chosen}) == len({one.form_id for one in [*visits, *checks, *inquiries]}) == 6
    sent = [fill(schema_of(one.form_id), one.answers, instance_id="uuid:1") for one in chosen]
    jobs = [Job(compiled(one.form_id).xml, opened=xml.decode()) for one, xml in zip(chosen, sent, strict=True)]
    for one, xml, looked_at in zip(chosen, sent, fill_all(jobs), strict=True):
        missing = ["/data/house_photo"] if getattr(one, "doubt", "") == "no-photo" else []
        assert looked_at.violations == missing, one
        assert asked(one.form_id, looked_at.xml) == asked(one.form_id, xml)


def asked(form_id, xml):
    """What a person answered: an answer to a question that was not asked would be gone from what the engine writes."""
    answers = read_submission(xml, schema_of(form_id)).answers
    return {(answer.path, answer.position): answer.value for answer in answers if answer.question.asked}
