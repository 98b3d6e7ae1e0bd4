"""A model's draft of a merge: asked for in a job, read strictly, with failures in sentences."""

import pytest

from core.app import App
from core.errors import ModelUnavailable, NotFound
from core.handbook import curation, shelf
from core.handbook.curation import Draft
from core.pipeline.drafting import draft_of, messages
from core.store import jobs as job_rows
from core.store.records import Job
from tests.fake_openai import FakeOpenAI, Reply, wait_until

GOOD = '{"name": "behavior_halve_the_whole", "instruction": "When a whole is given, halve it."}'


def _draft(app: App, fake_model: str) -> Job:
    book = shelf.create(app.store, "notes", by="ann")
    ids = [
        curation.write(app.store, book.id, Draft(f"behavior_{word}", text), by="ann").id
        for word, text in (("one", "When whole, halve it."), ("two", "If whole, take the half."))
    ]
    job_id = app.draft_merge(ids, fake_model, by="ann")

    def job() -> Job:
        with app.store.read() as session:
            return job_rows.job(job_id, session=session)

    wait_until(lambda: not job().active)
    return job()


def test_the_draft_is_the_jobs_note(app: App, fake: FakeOpenAI, fake_model: str) -> None:
    fake.answer = lambda _: Reply(f"Here it is:\n```json\n{GOOD}\n```")
    job = _draft(app, fake_model)
    assert (job.status, job.note) == (
        "done",
        "behavior_halve_the_whole: When a whole is given, halve it.",
    )
    asked = fake.requests[-1]["messages"][0]["content"]
    assert "- behavior_one: When whole, halve it.\n- behavior_two: If whole" in asked


def test_a_failing_model_is_told(app: App, fake: FakeOpenAI, fake_model: str) -> None:
    fake.answer = lambda _: Reply(fault="unauthorized")
    job = _draft(app, fake_model)
    assert job.status == "failed"
    assert "401" in job.note or "key" in job.note


def test_an_unreadable_draft_is_told(app: App, fake: FakeOpenAI, fake_model: str) -> None:
    fake.answer = lambda _: Reply("I would merge them.")
    job = _draft(app, fake_model)
    assert (job.status, job.note.split(".")[0]) == (
        "failed",
        "The model's draft could not be read as a behavior",
    )


def test_an_unknown_model_is_refused_before_a_job_is_made(app: App) -> None:
    with pytest.raises(NotFound, match="no model 'nobody'"):
        app.draft_merge([1, 2], "nobody", by="ann")
    with app.store.read() as session:
        assert job_rows.jobs(session=session) == []


@pytest.mark.parametrize("reply", ["", "{}", '{"name": "behavior_x"}', "nothing"])
def test_no_draft_in_a_reply(reply: str) -> None:
    with pytest.raises(ModelUnavailable, match="Ask again"):
        draft_of(reply)


def test_the_texts_stand_in_the_prompt_as_they_are() -> None:
    (message,) = messages([("behavior_a", "When {{behaviors}}, do $x$."), ("behavior_b", "Do b.")])
    assert "- behavior_a: When {{behaviors}}, do $x$.\n- behavior_b: Do b." in message["content"]
