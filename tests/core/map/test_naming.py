"""Names of clusters: a model's, asked for in a job; a person's, which no model overwrites."""

import pytest

from core.app import App
from core.errors import BadInput, ModelUnavailable, NotFound
from core.map import naming
from core.map.naming import LONGEST, heading_of, messages, rename
from core.retrieval.vectors import Vectors, embedded_text
from core.store import Store, layouts
from core.store import jobs as job_rows
from core.store.records import Cluster, Job, Layout
from tests.core.map.clustered import ended, fill
from tests.fake_openai import FakeOpenAI, Reply, Script

WORDS = ["radius", "triangle", "modulo", "chord"]


class Named:
    """A handbook with four clusters of three behaviors each, and what is kept of their names."""

    def __init__(self, app: App):
        self.app = app
        names = [f"behavior_{word}_{n}" for word in WORDS for n in range(3)]
        self.book = fill(app, "named", names)
        self.layout = self.lay_out(names)

    def lay_out(self, names: list[str]) -> Layout:
        """A layout with these behaviors; each cluster has the words of its first behavior."""
        texts = [embedded_text(name, f"Do {name}.") for name in names]
        places = {
            Vectors.digest(text): (float(n), 0.0, 0.0, n // 3) for n, text in enumerate(texts)
        }
        words = [names[3 * n].split("_")[1] for n in range(len(names) // 3)]
        with self.app.store.write() as session:
            return layouts.put_layout(
                self.book.id,
                "counting",
                2,
                places,
                [
                    (n, f"{word} · more", [word, "more", "words", "last"])
                    for n, word in enumerate(words)
                ],
                method="PCA",
                seed=0,
                by="ann",
                session=session,
            )

    @property
    def clusters(self) -> list[Cluster]:
        with self.app.store.read() as session:
            return layouts.clusters(self.layout.id, session=session)

    @property
    def names(self) -> list[tuple[str, str]]:
        return [(cluster.name, cluster.by) for cluster in self.clusters]

    def do(self, model: str) -> Job:
        job_id = self.app.name_clusters(self.book.id, self.layout.id, model, by="ann")
        return ended(self.app, job_id)

    def last_job(self) -> int:
        with self.app.store.read() as session:
            return job_rows.jobs(kind="name", session=session)[0].id


@pytest.fixture
def named(app: App) -> Named:
    return Named(app)


def _asked_word(body: dict) -> str:
    """Which cluster a request is about, by its first word."""
    content = body["messages"][-1]["content"]
    return content.split("Words that set these notes apart: ")[1].split(",")[0]


def _heading(body: dict) -> Reply:
    return Reply(f'{{"heading": "About {_asked_word(body)}"}}')


# Replies


@pytest.mark.parametrize(
    ("reply", "name"),
    [
        ('{"heading": "Linear sums"}', "Linear sums"),
        ('```json\n{"heading": "Sums"}\n```', "Sums"),
        ('Here it is: {"heading": "Sums"}. Good?', "Sums"),
        ('Let {x} be the sum. {"heading": "Sums"}', "Sums"),
        ('[{"heading": "Sums"}]', "Sums"),
        ('{"heading": "Sums', "Sums"),
        ('{"heading": "Sums",}', "Sums"),
        ("{heading: Sums}", "Sums"),
        ('{"heading": "  **Sums \\n of\\tsquares.** "}', "Sums of squares"),
        ('{"heading": "求和 🧮"}', "求和 🧮"),
    ],
)
def test_a_name_is_read_from_a_reply(reply: str, name: str) -> None:
    assert heading_of(reply) == name


@pytest.mark.parametrize(
    "reply",
    ["", "Sums", "{}", '{"heading": null}', '{"heading": " . "}', '{"name": "Sums"}', "{", "[]"],
)
def test_a_reply_without_a_name_is_told(reply: str) -> None:
    with pytest.raises(ModelUnavailable, match="could not be read"):
        heading_of(reply)


def test_a_long_name_is_cut() -> None:
    name = heading_of(f'{{"heading": "{"many words " * 30}"}}')
    assert 0 < len(name) <= LONGEST
    assert name == name.strip()


@pytest.mark.parametrize(
    "reply", ['{"heading": ["Sums", "Squares"]}', '{"heading": {"a": "Sums"}}']
)
def test_no_name_shows_how_a_program_writes_a_list(reply: str) -> None:
    try:
        name = heading_of(reply)
    except ModelUnavailable:
        return
    assert not set(name) & set("[]{}'\"")


def test_texts_stand_in_the_prompt_as_they_are() -> None:
    (message,) = messages(["{{behaviors}}", "b"], ["behavior_a: Do $x$.", "behavior_b: {{words}}"])
    assert "- behavior_a: Do $x$.\n- behavior_b: {{words}}" in message["content"]
    assert "apart: {{behaviors}}, b" in message["content"]


# The job


def test_every_cluster_is_asked_for_with_its_behaviors(
    named: Named, fake: FakeOpenAI, fake_model: str
) -> None:
    fake.answer = _heading
    job = named.do(fake_model)
    assert (job.status, job.done, job.total) == ("done", 4, 4)
    assert named.names == [(f"About {word}", fake_model) for word in WORDS]
    contents = [body["messages"][-1]["content"] for body in fake.requests]
    assert len(contents) == 4
    for word, content in zip(WORDS, contents, strict=True):
        for n in range(3):
            assert f"- {word} {n}: Do behavior_{word}_{n}." in content
        assert content.count(f"- {word} ") == 3
    assert [cluster.words[0] for cluster in named.clusters] == WORDS


def test_a_failing_model_ends_the_job_and_names_found_are_kept(
    named: Named, fake: FakeOpenAI, fake_model: str
) -> None:
    fake.answer = Script(_heading, _heading, Reply(fault="unauthorized"))
    job = named.do(fake_model)
    assert job.status == "failed"
    assert "key" in job.note
    assert not job.note.startswith("A bug")
    assert [by for _name, by in named.names] == [fake_model, fake_model, "", ""]
    assert named.names[2][0] == "modulo · more"
    # Resumed, it asks for what is missing and for nothing else.
    before = len(fake.requests)
    fake.answer = _heading
    named.app.jobs.resume(job.id)
    job = ended(named.app, job.id)
    assert (job.status, job.done, job.total) == ("done", 4, 4)
    assert [_asked_word(body) for body in fake.requests[before:]] == ["modulo", "chord"]
    assert named.names == [(f"About {word}", fake_model) for word in WORDS]


@pytest.mark.parametrize(
    "broken", [Reply("I would call them sums."), Reply(fault="empty"), Reply(fault="drop")]
)
def test_an_unreadable_reply_is_told_and_names_found_are_kept(
    named: Named, fake: FakeOpenAI, fake_model: str, broken: Reply
) -> None:
    fake.answer = Script(_heading, broken)
    job = named.do(fake_model)
    assert job.status == "failed"
    assert job.note
    assert not job.note.startswith("A bug")
    assert [by for _name, by in named.names] == [fake_model, "", "", ""]


def test_stopped_it_keeps_what_it_has(named: Named, fake: FakeOpenAI, fake_model: str) -> None:
    def answer(body: dict) -> Reply:
        if _asked_word(body) == "triangle":
            named.app.jobs.stop(named.last_job())
            return Reply("{" * 200, first_delay=0.5, delay=0.05)
        return _heading(body)

    fake.answer = answer
    assert named.do(fake_model).status == "stopped"
    assert named.names[0] == ("About radius", fake_model)
    assert [by for _name, by in named.names[1:]] == ["", "", ""]


def test_a_persons_name_is_not_asked_for(named: Named, fake: FakeOpenAI, fake_model: str) -> None:
    rename(named.app.store, named.clusters[1], "Three corners", by="bob")
    fake.answer = _heading
    job = named.do(fake_model)
    assert (job.status, job.done, job.total) == ("done", 4, 4)
    assert named.names[1] == ("Three corners", "bob")
    assert "triangle" not in [_asked_word(body) for body in fake.requests]


@pytest.mark.parametrize("word", ["radius", "triangle", "chord"])
def test_a_name_a_person_gives_while_the_job_goes_on_is_not_overwritten(
    named: Named, fake: FakeOpenAI, fake_model: str, word: str
) -> None:
    """The model works on the first cluster when a person names that one, or a later one."""
    number = WORDS.index(word)

    def answer(body: dict) -> Reply:
        if _asked_word(body) == "radius":
            rename(named.app.store, named.clusters[number], "By hand", by="bob")
        return _heading(body)

    fake.answer = answer
    assert named.do(fake_model).status == "done"
    assert named.names[number] == ("By hand", "bob")


def test_a_map_laid_out_anew_meanwhile_gets_no_names_of_the_old_one(
    named: Named, fake: FakeOpenAI, fake_model: str
) -> None:
    def answer(body: dict) -> Reply:
        if _asked_word(body) == "triangle":
            named.layout = named.lay_out(
                [f"behavior_{w}_{n}" for w in WORDS[::-1] for n in (0, 1, 2)]
            )
        return _heading(body)

    fake.answer = answer
    job = named.do(fake_model)
    assert (job.status, "laid out anew" in job.note) == ("failed", True)
    assert [by for _name, by in named.names] == [""] * 4


def test_an_unknown_model_is_refused_before_a_job_is_made(named: Named) -> None:
    with pytest.raises(NotFound, match="no model 'nobody'"):
        named.app.name_clusters(named.book.id, named.layout.id, "nobody", by="ann")
    with named.app.store.read() as session:
        assert job_rows.jobs(session=session) == []


# By hand


@pytest.fixture
def store(app: App) -> Store:
    return app.store


def test_a_person_renames(named: Named, store: Store) -> None:
    rename(store, named.clusters[0], "  Round \n things ", by="bob")
    assert named.names[0] == ("Round things", "bob")
    assert named.names[1:] == [(f"{word} · more", "") for word in WORDS[1:]]


@pytest.mark.parametrize("empty", ["", "   ", "\n"])
def test_an_empty_name_brings_the_words_back(named: Named, store: Store, empty: str) -> None:
    rename(store, named.clusters[0], "Round things", by="bob")
    rename(store, named.clusters[0], empty, by="bob")
    assert named.names[0] == ("radius · more · words", "")


def test_a_name_that_is_too_long_is_refused(named: Named, store: Store) -> None:
    rename(store, named.clusters[0], "n" * LONGEST, by="bob")
    with pytest.raises(BadInput, match=f"has {LONGEST + 1} characters; at most {LONGEST}"):
        rename(store, named.clusters[0], "n" * (LONGEST + 1), by="bob")
    assert named.names[0] == ("n" * LONGEST, "bob")


def test_a_cluster_of_a_map_that_was_replaced_is_told(named: Named, store: Store) -> None:
    old = named.clusters[0]
    named.layout = named.lay_out(["behavior_chord_0", "behavior_chord_1", "behavior_chord_2"])
    with pytest.raises(NotFound, match="laid out anew"):
        rename(store, old, "Round things", by="bob")
    assert named.names == [("chord · more", "")]


def test_a_number_that_no_cluster_has_is_told(named: Named, store: Store) -> None:
    with pytest.raises(NotFound, match="laid out anew"), store.write() as session:
        layouts.name_cluster(named.layout.id, 99, "x", by="bob", session=session)


def test_the_behaviors_shown_are_bounded(app: App, fake: FakeOpenAI, fake_model: str) -> None:
    book = fill(app, "many", [f"behavior_many_{n}" for n in range(40)])
    texts = [embedded_text(f"behavior_many_{n}", f"Do behavior_many_{n}.") for n in range(40)]
    with app.store.write() as session:
        layout = layouts.put_layout(
            book.id,
            "counting",
            2,
            {Vectors.digest(text): (0.0, 0.0, 0.0, 0) for text in texts},
            [(0, "many", ["many"])],
            method="PCA",
            seed=0,
            by="ann",
            session=session,
        )
    fake.answer = _heading
    ended(app, app.name_clusters(book.id, layout.id, fake_model, by="ann"))
    (body,) = fake.requests
    assert body["messages"][-1]["content"].count("- many ") == naming.SHOWN
