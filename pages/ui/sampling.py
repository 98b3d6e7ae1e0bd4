"""How a model is asked: the same fields on every form that asks one."""

from streamlit.delta_generator import DeltaGenerator

from core.llm.chat import Sampling
from pages.ui import services


def draw_k(place: DeltaGenerator, form: str, model: str) -> int | None:
    """How many behaviors are given at most; None where what is usual for the model will do."""
    k = place.number_input(
        "Behaviors, at most (K)",
        1,
        200,
        None,
        placeholder=f"{services.app().usual_k(model)}; by topic all",
        key=f"{form}_k",
        persist_state="session",
    )
    return None if k is None else int(k)


def draw_sampling(
    place: DeltaGenerator, form: str, budget: int, seed: int | None = None
) -> Sampling:
    """`seed` is the one to begin with. Where none is chosen a comparison draws one for all its
    arms; elsewhere none is sent, and the endpoint draws one for every request.
    """
    temperature = place.number_input(
        "Temperature", 0.0, 2.0, 0.6, 0.1, key=f"{form}_temperature", persist_state="session"
    )
    top_p = place.number_input(
        "Top-p", 0.05, 1.0, 0.95, 0.05, key=f"{form}_top_p", persist_state="session"
    )
    chosen = place.number_input(
        "Seed",
        0,
        2**31 - 1,
        seed,
        key=f"{form}_seed",
        placeholder="random",
        persist_state="session",
    )
    return Sampling(temperature, top_p, budget, None if chosen is None else int(chosen))
