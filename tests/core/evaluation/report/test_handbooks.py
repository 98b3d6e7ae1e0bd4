"""What a report says of the handbooks that arms drew on."""

from typing import Any

from core.evaluation.report.handbooks import drawn_on, versions_that_differ

BOOK = {"slug": "notes", "title": "Notes", "step": 10}


def asked(name: str, first: int | None = None, last: int | None = None, book: str = "") -> Any:
    kind, _, own = name.partition(":")
    slug = book or own or "notes"
    drew_on = {"slug": slug, "title": slug.title(), "first": first, "last": last or first}
    return {
        "arm": name,
        "kind": kind,
        "handbook": own,
        "drew_on": None if first is None else drew_on,
    }


def made(*arms: dict[str, Any]) -> dict[str, Any]:
    return {"handbook": BOOK, "asked": [asked("plain"), *arms]}


def test_what_was_not_recorded_is_not_claimed() -> None:
    (told,) = drawn_on(made(asked("bci-topic"), asked("bci-hybrid")))
    assert told == (
        "bci-topic, bci-hybrid: behaviors of the handbook Notes (notes), which stood after step "
        "10 when the run was made; at which step they were chosen is not recorded."
    )
    (told,) = drawn_on(made(asked("bci-topic:other")))
    assert told.startswith("bci-topic:other: behaviors of the handbook other; at which step")


def test_a_handbook_that_was_changed_while_they_were_chosen_is_told() -> None:
    (told,) = drawn_on(made(asked("bci-topic", 10, 12)))
    assert "Notes (notes) as it stood from step 10 to step 12, chosen" in told


def test_arms_on_one_version_do_not_differ_and_without_behaviors_nothing_is_said() -> None:
    assert not list(versions_that_differ(made(asked("bci-topic", 10), asked("random", 10))))
    assert not list(versions_that_differ(made(asked("bci-topic", 10), asked("bci-topic:b", 3))))
    assert not list(drawn_on(made()))


def test_arms_on_different_versions_are_named_with_them() -> None:
    (told,) = versions_that_differ(made(asked("bci-topic", 10), asked("bci-dynamic", 10, 60)))
    assert "bci-topic after step 10, bci-dynamic from step 10 to step 60." in told
