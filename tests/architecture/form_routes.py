"""What the walk needs of forms: own versions, drafts, keys, trial records of each county, and how routes are called."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import world
from forms import compile_here, sheets, uploaded, workbook

from api.collection.form_drafts.keep import Brought, new_draft
from api.collection.form_drafts.keys import ONLY_FOR
from api.collection.form_drafts.media import keep_media, open_media
from api.collection.form_drafts.opening import Upload
from api.collection.form_drafts.publish import Wanted, publish_draft
from api.collection.form_drafts.tables import FormDraft, FormDraftKey, FormDraftSubmission
from api.collection.form_drafts.trial import trial_blobs
from api.collection.posting import XML_PART
from api.people.tables import Token
from api.people.tokens import token_hash

SUPERVISORS = {world.COUNTY: "county", world.OTHER_COUNTY: "county-outside"}
DRAFT_TOKENS = {name: f"test-draft-{name}" for name in world.ACCOUNTS}  # keys of the county's draft
NO_FORM = b"survey,type\n"  # a file that may be looked at, and is no form
LONG_AFTER = datetime(2199, 1, 1, tzinfo=UTC)
TRIAL = b'<data id="own_visit" version="2026080101"><meta><instanceID>uuid:trial</instanceID></meta></data>'
# what becomes of the drafts of each county, by their versions: two are used up by the walk
USES = {"1": "own", "2026080101": "kept", "2": "publish", "3": "discard", "4": "mend"}


@dataclass(frozen=True)
class BuiltForms:
    """Forms made for the walk, by county; drafts by their use too."""

    own: dict[str, UUID]
    drafts: dict[tuple[str, str], UUID]
    keys: dict[str, UUID]
    trials: dict[str, UUID]


def build_forms(app: Any) -> BuiltForms:
    """Give each county a form of its own that is published, and drafts, one of them tried."""
    blobs, database = app.extensions["ruhu_blobs"], app.extensions["ruhu_database"]
    built = BuiltForms({}, {}, {}, {})
    for county, by in SUPERVISORS.items():
        for version, use in USES.items():
            content = workbook(sheets(settings={"version": version, "form_title": f"{county}入户表"}))
            upload = Upload(f"{county}.xlsx", ".xlsx", content)
            compilation, source = compile_here(content, ".xlsx"), blobs.put(content)
            file = open_media("towns.csv", b"name,label\n")
            blob = blobs.put(file.content)
            with database.transaction() as session:
                viewer = world.viewer(session, by)
                brought = Brought(upload=upload, source=source, compilation=compilation)
                draft = new_draft(session, brought, county_code=county, by=viewer)
                keep_media(session, draft, file, blob, by=viewer)
                draft.check_state = "passed"
                built.drafts[county, use] = draft.id
                if use == "own":
                    built.own[county] = publish_draft(session, draft, Wanted(), by=viewer).id
        with database.transaction() as session:
            _try(session, app.extensions["ruhu_settings"].data_dir, built, county)
    return built


def _try(session: Any, data_dir: Any, built: BuiltForms, county: str) -> None:
    """Make keys of a county's draft, and a record that somebody sent to it."""
    draft = session.get_one(FormDraft, (county, built.drafts[county, "kept"]))
    texts = {f"key-of-{county}": SUPERVISORS[county]}
    if county == world.COUNTY:
        texts |= {text: name for name, text in DRAFT_TOKENS.items()}
    for text, name in texts.items():
        token = Token(
            account_id=world.viewer(session, name).account_id, kind="phone", label="t", only_for=ONLY_FOR,
            token_hash=token_hash(text), expires_at=LONG_AFTER,
        )  # fmt: skip
        session.add(token)
        session.flush()
        session.add(FormDraftKey(token_id=token.id, county_code=county, draft_id=draft.id))
        built.keys.setdefault(county, token.id)
    trial = FormDraftSubmission(
        county_code=county, draft_id=draft.id, instance_id="uuid:kept", form_version="1", bytes=len(TRIAL),
        xml_sha256=trial_blobs(data_dir, draft).put(TRIAL).sha256, account_id=draft.created_by,
    )  # fmt: skip
    session.add(trial)
    session.flush()
    built.trials[county] = trial.id


def _both(pick: Callable[[BuiltForms, str], dict[str, Any]]) -> dict[str, Any]:
    """Return the arguments of something that lies in a county."""
    return {
        "inside": lambda built: pick(built.forms, world.COUNTY),
        "outside": lambda built: pick(built.forms, world.OTHER_COUNTY),
    }


def _draft(use: str = "kept", **more: Any) -> dict[str, Any]:
    return _both(lambda built, county: {"draft_id": built.drafts[county, use], **more})


FORM = _both(lambda built, county: {"form_version_id": built.own[county]})
REOPENED = _both(lambda built, county: {"form_version_id": built.own[county], "act": "reopen"})
DRAFT = _draft()
KEY = _both(lambda built, county: {"draft_id": built.drafts[county, "kept"], "token_id": built.keys[county]})
TRIAL_FILE = _both(
    lambda built, county: {
        "draft_id": built.drafts[county, "kept"], "trial_id": built.trials[county], "name": XML_PART,
    }
)  # fmt: skip
ONCE = {"also": (409,)}  # the first call uses it up

# how each route is called: what an Example of `routes` is made of
FORM_ROUTES: dict[tuple[str, str], dict[str, Any]] = {
    ("GET", "forms.form_list"): {"secrets": (world.COUNTY,)},
    ("GET", "forms.form_one"): dict(**FORM),
    ("GET", "forms.form_questions"): dict(**FORM),
    ("GET", "forms.form_comparison"): dict(
        **FORM,
        query={"other": "00000000-0000-0000-0000-000000000000"},
        also=(404,),  # nothing to compare with
    ),
    ("GET", "forms.form_xform"): dict(**FORM),
    ("GET", "forms.form_source"): dict(**FORM),
    ("POST", "forms.form_act"): dict(**REOPENED),
    ("GET", "forms_pages.forms"): {"secrets": (world.COUNTY, "江孜")},
    ("GET", "forms_pages.form"): dict(**FORM),
    ("POST", "forms_pages.form_act"): dict(**REOPENED, form={}),
    ("GET", "form_drafts.draft_list"): {"secrets": (world.COUNTY,)},
    ("POST", "form_drafts.draft_begin"): {"form": lambda _: uploaded(NO_FORM, "x.csv", county_code=world.COUNTY)},
    ("GET", "form_drafts.draft_one"): dict(**DRAFT),
    ("DELETE", "form_drafts.draft_discard"): dict(**_draft("discard"), **ONCE),
    ("POST", "form_drafts.draft_file"): dict(**_draft("mend"), form=lambda _: uploaded(NO_FORM, "x.csv")),
    ("GET", "form_drafts.draft_source"): dict(**DRAFT),
    ("GET", "form_drafts.draft_xform"): dict(**DRAFT),
    ("GET", "form_drafts.draft_questions"): dict(**DRAFT),
    ("GET", "form_drafts.draft_comparison"): dict(**DRAFT),
    ("POST", "form_drafts.draft_check"): dict(**DRAFT),
    ("POST", "form_drafts.draft_publish"): dict(**_draft("publish"), **ONCE, json={}),
    ("POST", "form_drafts.draft_media_add"): dict(**DRAFT, form=lambda _: uploaded(b"name\n", "villages.csv")),
    ("GET", "form_drafts.draft_media_one"): dict(**_draft(name="towns.csv")),
    ("DELETE", "form_drafts.draft_media_remove"): dict(
        **_draft(name="none.csv"),
        also=(404,),  # there is none of that name, whoever asks
    ),
    ("GET", "form_drafts.draft_keys"): dict(**DRAFT),
    ("POST", "form_drafts.draft_key_issue"): dict(**DRAFT, json={}),
    ("DELETE", "form_drafts.draft_key_end"): dict(
        **KEY,
        also=(404,),  # ended by the first
    ),
    ("GET", "form_drafts.draft_trials"): dict(**DRAFT),
    ("GET", "form_drafts.draft_trial_file"): dict(**TRIAL_FILE),
    ("POST", "form_drafts_pages.upload"): {"form": lambda _: uploaded(NO_FORM, "x.csv", county_code=world.COUNTY)},
    ("GET", "form_drafts_pages.draft"): dict(**DRAFT),
    ("POST", "form_drafts_pages.draft_act"): dict(**_draft(act="check"), form={}),
    ("POST", "form_drafts_pages.draft_key"): dict(**DRAFT, form={}, also=(422,)),  # nobody is chosen
    ("POST", "form_drafts_pages.draft_publish"): dict(**_draft("publish"), **ONCE, form={}),
    ("POST", "form_drafts_pages.draft_discard"): dict(**_draft("discard"), **ONCE, form={}),
    ("GET", "draft_phones.form_list"): {},
    ("GET", "draft_phones.form"): {},
    ("GET", "draft_phones.manifest"): {},
    ("GET", "draft_phones.media"): {"inside": {"name": "towns.csv"}},
    ("GET", "phone_lists.form_file"): {"inside": {"form_id": "own_visit", "version": "1", "name": "towns.csv"}},
    ("HEAD", "draft_phones.submission_asked"): {},
    ("POST", "draft_phones.submission"): {
        "form": lambda _: {"xml_submission_file": (io.BytesIO(TRIAL), "submission.xml")}
    },
}
