"""The tables. Column names are those of `core.store.records`.

A change here needs a numbered migration in `core.store.migrations`.
"""

from core.store.tables.base import Table
from core.store.tables.handbooks import (
    BehaviorRow,
    DeskRow,
    HandbookRow,
    OperationRow,
    SelectionRow,
    SourceRow,
    StepRow,
    VersionRow,
)
from core.store.tables.maps import ClusterRow, LayoutRow, PlaceRow, VectorRow
from core.store.tables.runs import (
    ChoiceRow,
    EndpointRow,
    JobRow,
    ProblemRow,
    ProblemSetRow,
    RunRow,
    SetProblemRow,
    TraceRow,
    VerdictRow,
    VoteRow,
)

__all__ = [
    "BehaviorRow",
    "ChoiceRow",
    "ClusterRow",
    "DeskRow",
    "EndpointRow",
    "HandbookRow",
    "JobRow",
    "LayoutRow",
    "OperationRow",
    "PlaceRow",
    "ProblemRow",
    "ProblemSetRow",
    "RunRow",
    "SelectionRow",
    "SetProblemRow",
    "SourceRow",
    "StepRow",
    "Table",
    "TraceRow",
    "VectorRow",
    "VerdictRow",
    "VersionRow",
    "VoteRow",
]
