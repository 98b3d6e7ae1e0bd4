"""What an evaluation has spent, held against its limit.

Where the price of a reply is not known exactly, the most it can be counts. What was stopped or
broke off before anybody counted its tokens costs money that nobody knows: it is in no sum, and the
end of the run says so. A reply that ended without a price is another matter: the next will not have
one either, so a limit cannot be held any more.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.llm.chat import Usage, price_at_most
from core.store.outcomes import Outcome
from core.store.records import Endpoint, Trace

# Failures after which a part of a reply, or all of it, may have been written.
WRITTEN = ("stalled", "dropped", "malformed", "empty", "repetition")


@dataclass
class Spending:
    """`endpoint` gives that of an arm's stage. `at_most` says that the sum may be too high,
    `unknown` counts what is not in it, and `unbounded` names the endpoint of a reply without price.
    """

    limit: float | None
    endpoint: Callable[[str, str], Endpoint]
    spent: float = 0.0
    at_most: bool = False
    unknown: int = 0
    unbounded: str = ""

    def add_kept(self, kept: Iterable[Outcome]) -> None:
        """What was spent before; who goes on knows of what has no price."""
        for one in kept:
            self._add(one)

    def add(self, trace: Trace) -> None:
        if not self._add(trace) and trace.ended:
            self.unbounded = trace.endpoint

    def _add(self, one: Outcome | Trace) -> bool:
        """Whether anything is known of its price."""
        if self.limit is None:
            return True
        most = self._most(one) if one.price is None else one.price
        if most is None:
            self.unknown += one.ended or _may_have_cost(one)
            return False
        self.spent += most
        self.at_most = self.at_most or one.price is None
        return True

    def _most(self, one: Outcome | Trace) -> float | None:
        if one.output_tokens is None:  # whatever it is priced at
            return None
        counted = Usage(one.input_tokens, one.cached_tokens, None, one.output_tokens)
        return price_at_most(counted, self.endpoint(one.arm, one.stage))

    @property
    def is_over(self) -> bool:
        return self.limit is not None and (bool(self.unbounded) or self.spent >= self.limit)

    @property
    def sentence(self) -> str:
        """Why the run stops, told when all that was under way has ended."""
        left = f"; replies whose tokens nobody counted are not in it: {self.unknown:,}"
        if self.unbounded:
            return (
                f"Stopped for the spending limit: {self.unbounded} sent a reply without a count of "
                "its tokens, so nobody knows what it cost, and no limit can be held. To go on "
                "without one, use --resume with --spend-at-most inf."
            )
        return (
            f"Stopped at the spending limit: {'at most ' if self.at_most else ''}{self.spent:.4f} "
            f"of {self.limit:g} are spent, with what was under way then"
            f"{left if self.unknown else ''}. To go on, raise the limit: under Extend, or with "
            "--resume and --spend-at-most."
        )


def _may_have_cost(one: Outcome | Trace) -> bool:
    return one.finish_reason == "cancelled" or one.error_kind in WRITTEN
