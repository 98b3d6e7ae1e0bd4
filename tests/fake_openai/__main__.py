"""Runs the fake server by hand: `python -m tests.fake_openai --port 8765 --delay 0.03`."""

import argparse
import threading
from typing import get_args

from tests.fake_openai import FakeOpenAI, Fault, Reply, Strategist


def main() -> None:
    arguments = _arguments()
    strategist = Strategist(delay=arguments.delay, first_delay=arguments.first_delay)
    answer = Reply("Well, let me see.", fault=arguments.fault) if arguments.fault else strategist
    with FakeOpenAI(answer, port=arguments.port) as server:
        print(server.base_url, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            pass


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_openai")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds between pieces")
    parser.add_argument("--first-delay", type=float, default=0.0, help="before the first piece")
    parser.add_argument("--fault", choices=get_args(Fault), help="go wrong this way, always")
    return parser.parse_args()


if __name__ == "__main__":
    main()
