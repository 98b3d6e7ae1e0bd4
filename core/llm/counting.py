"""Counts tokens with the model's own tokenizer, where its server offers one.

llama.cpp and vLLM have `/tokenize`, each in its own form; other servers are asked in both forms
once. A server without it is remembered as such.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import httpx2

from core.llm.chat import Message
from core.llm.trust import trusted
from core.store.records import Endpoint

Form = Literal["llama.cpp", "vllm"]
FORMS: tuple[Form, ...] = ("llama.cpp", "vllm")
COUNT_SECONDS = 10


class Tokenizer:
    """The tokenizer behind an endpoint. `address` gives its base URL, `key` its key."""

    def __init__(
        self, endpoint: Endpoint, address: Callable[[], str], key: Callable[[], str | None]
    ):
        self._model = endpoint.model
        self._address = address
        self._key = key
        known = endpoint.found.get("server")
        self._forms: tuple[Form, ...] = (known,) if known in FORMS else FORMS
        self._templates = True
        self._silent = False

    def count(self, text: str) -> int | None:
        """Tokens of `text`; None where nobody counts them."""
        self._silent = False
        for form in self._forms:
            asked = {"content": text} if form == "llama.cpp" else self._vllm(prompt=text)
            if (found := self._counted(asked)) is not None:
                self._forms = (form,)
                return found
        if not self._silent:  # it answered, and knows no such path
            self._forms = ()
        return None

    def count_prompt(self, messages: Sequence[Message]) -> int | None:
        """Tokens of a request's input, with what the model's chat template puts around it.

        Where the template cannot be had, of the messages' contents alone.
        """
        for form in self._forms if self._templates else ():
            found = self._prompt(form, messages)
            if found is not None:
                return found
        self._templates = False
        counts = [self.count(str(message.get("content") or "")) for message in messages]
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    def _prompt(self, form: Form, messages: Sequence[Message]) -> int | None:
        if form == "vllm":
            return self._counted(self._vllm(messages=list(messages), add_generation_prompt=True))
        prompt = self._post("apply-template", {"messages": list(messages)}).get("prompt")
        if not isinstance(prompt, str):
            return None
        return self._counted({"content": prompt, "add_special": True, "parse_special": True})

    def _vllm(self, **asked: Any) -> dict[str, Any]:
        return {"model": self._model, "add_special_tokens": False, **asked}

    def _counted(self, asked: dict[str, Any]) -> int | None:
        tokens = self._post("tokenize", asked).get("tokens")
        return len(tokens) if isinstance(tokens, list) else None

    def _post(self, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer, or nothing where the server does not know the path or the form."""
        key = self._key()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        url = f"{self._address().removesuffix('/v1')}/{path}"
        try:
            answer = httpx2.post(
                url, json=asked, headers=headers, timeout=COUNT_SECONDS, verify=trusted()
            )
            document = answer.raise_for_status().json()
        except (httpx2.HTTPStatusError, ValueError):
            return {}
        except httpx2.HTTPError:
            self._silent = True
            return {}
        return document if isinstance(document, dict) else {}
