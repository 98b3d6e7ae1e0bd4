"""handbook.yaml: what a handbook says about itself. Plain values only; reading runs nothing."""

from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import BadInput
from core.handbook.files.checks import TOO_DEEP, first_fault, must_fit, short, too_deep
from core.handbook.files.source import Source
from core.store.records import Handbook

HEAD_FILE = "handbook.yaml"
HEAD_KEYS = ("title", "description", "language", "licence", "authors", "made")
# A head is a page of text, and YAML is slow to read: about ten seconds a megabyte.
MAX_HEAD_BYTES = 256_000


class Head(BaseModel):
    """handbook.yaml. Unknown keys are kept in `model_extra`."""

    model_config = ConfigDict(extra="allow")
    title: str = ""
    description: str = ""
    language: str = "en"
    licence: str = ""
    authors: list[str] = Field(default_factory=list)
    made: str = ""


class _PlainLoader(yaml.SafeLoader):
    """Plain values only: dates stay text, and no aliases, with which a small file can grow huge."""

    yaml_implicit_resolvers = {  # noqa: RUF012  the name and shape are PyYAML's
        first: [(tag, rule) for tag, rule in rules if not tag.endswith(":timestamp")]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not read: write the value out")
        return super().compose_node(parent, index)


class _PlainDumper(yaml.SafeDumper):
    """Writes what `_PlainLoader` reads as it was: no aliases, odd line ends escaped."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        style = '"' if set(data) & set("\x85\u2028\u2029") else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style)


_PlainDumper.add_representer(str, _PlainDumper.represent_str)


def head_of(source: Source) -> Head:
    try:
        head = Head.model_validate(yaml.load(source.text, _PlainLoader) or {})  # noqa: S506  safe
        must_fit(head.model_dump())
    except yaml.YAMLError as error:
        raise BadInput(f"{source.name} is not readable YAML: {short(error)}.") from error
    except RecursionError as error:
        raise BadInput(f"{source.name} is not readable YAML: it {TOO_DEEP}.") from error
    except ValidationError as error:
        raise BadInput(f"{source.name}: {first_fault(error)}.") from error
    except (TypeError, ValueError) as error:  # a set, bytes, half a character, endless digits
        raise BadInput(
            f"{source.name} holds a value that cannot be kept: {short(error)}."
        ) from error
    if too_deep(head.model_extra):
        raise BadInput(f"{source.name} {TOO_DEEP}. Write it flatter.")
    return head


def head_text(handbook: Handbook) -> str:
    known = {key: getattr(handbook, key) for key in HEAD_KEYS}
    head = {**known, **handbook.extra}
    return yaml.dump(head, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=100)
