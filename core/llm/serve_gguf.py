"""The embedded server's process: one GGUF file behind an OpenAI-compatible address on loopback.

Started by `core.llm.embedded`, never by hand. It writes its address to a file when it is ready and
ends when its standard input closes, that is, when the process that started it is gone.
"""

import argparse
import json
import os
import sys
from pathlib import Path

# Tokens of a prompt that are read in one go. A stop is noticed and progress told between two of
# them: about every 2 seconds on two cores. In larger pieces a prompt is read no faster there.
BATCH = 128


def main() -> None:
    import xllamacpp

    arguments = _arguments()
    params = xllamacpp.CommonParams()
    params.model.path = arguments.file
    params.model_alias = {arguments.alias}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = arguments.context
    params.n_parallel = 1
    params.n_batch = params.n_ubatch = BATCH
    params.cpuparams.n_threads = arguments.threads
    params.cpuparams_batch.n_threads = arguments.threads
    params.cache_ram_mib = 1024
    params.ui = False
    server = xllamacpp.Server(params)
    ready = Path(arguments.ready)
    draft = ready.with_suffix(".new")
    draft.write_text(json.dumps({"pid": os.getpid(), "address": server.listening_address}))
    draft.replace(ready)
    sys.stdin.buffer.read()  # until the owner is gone
    ready.unlink(missing_ok=True)
    os._exit(0)  # no waiting for a reply that nobody reads any more


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--alias", required=True)
    parser.add_argument("--context", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--ready", required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
