"""A county's supervisor who uploads forms, lets them be checked and publishes, through the programming interface."""

from uuid import UUID

import sqlalchemy as sa
import world
from collect import Phone
from forms import uploaded, workbook

from api.collection.form_drafts.tables import FormDraft
from api.jobs.work import do, left_undone


class Supervisor:
    """Whoever manages a county's forms, through the programming interface."""

    def __init__(self, app, headers, county):
        self.app, self.headers, self.county = app, headers, county
        self.client = app.test_client()

    def get(self, path, **more):
        return self.client.get(f"/api/{path}", headers=self.headers, buffered=True, **more)

    def post(self, path, **more):
        return self.client.post(f"/api/{path}", headers=self.headers, **more)

    def delete(self, path):
        return self.client.delete(f"/api/{path}", headers=self.headers)

    def upload(self, content=None, name="own.xlsx"):
        return self.post("form-drafts", data=uploaded(content or workbook(), name, county_code=self.county))

    def draft(self, content=None, name="own.xlsx"):
        """Upload a form that is sound, let its check be done, return its id."""
        answer = self.upload(content, name)
        assert answer.status_code == 201, answer.text
        assert answer.json["state"] == "ready", answer.json["findings"]
        self.passed(answer.json["id"])
        return answer.json["id"]

    def passed(self, draft_id):
        """Write down that ODK Validate has passed a draft: what most tests are not about, and Java is slow."""
        with self.app.extensions["ruhu_database"].transaction() as session:
            session.execute(sa.update(FormDraft).where(FormDraft.id == UUID(draft_id)).values(check_state="passed"))

    def publish(self, draft_id, **wanted):
        return self.post(f"form-drafts/{draft_id}/publish", json=wanted)

    def work(self):
        work(self.app)

    def key(self, draft_id, name=None):
        """A phone set up to try a draft."""
        account = None
        if name:
            with self.app.extensions["ruhu_database"].read() as session:
                account = str(world.viewer(session, name).account_id)
        answer = self.post(f"form-drafts/{draft_id}/keys", json={"account_id": account} if account else {})
        assert answer.status_code == 201, answer.text
        key = answer.json["address"].removeprefix("http://127.0.0.1:8000/key/")
        return Phone(self.app.test_client(), token=key)


def work(app):
    """Do the background work that is due, as `ruhu work` would."""
    database, queue = app.extensions["ruhu_database"], app.extensions["ruhu_queue"]
    with database.read() as session:
        due = left_undone(session)
    for county, job in due:
        do(database, queue.kinds, county, job)
