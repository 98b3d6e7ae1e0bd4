"""Logs of single replies that other tools wrote, read as plain records, and ours written as theirs.

Read are the samples of lm-evaluation-harness (`samples_*.jsonl`, of `--log_samples`) and the JSON
logs of Inspect (https://inspect.aisi.org.uk/eval-logs.html); written are the first. What a tool did
not record stays None. Nothing of a log is trusted or run. `keep_logs` makes a run of logs, and
`exported` logs of a run.
"""

from core.evaluation.logs.arms import KINDS, PLAIN, WITH_BEHAVIORS
from core.evaluation.logs.exporting import Export, exported, log_name
from core.evaluation.logs.keeping import keep_logs
from core.evaluation.logs.logged import LoggedRun, LoggedSample
from core.evaluation.logs.reading import MOST_BYTES, read
from core.evaluation.logs.writing import write_lm_eval

__all__ = [
    "KINDS",
    "MOST_BYTES",
    "PLAIN",
    "WITH_BEHAVIORS",
    "Export",
    "LoggedRun",
    "LoggedSample",
    "exported",
    "keep_logs",
    "log_name",
    "read",
    "write_lm_eval",
]
