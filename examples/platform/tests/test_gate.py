"""A shut gate keeps everybody out, and is shut only when nobody is under way any more."""

import threading
from concurrent.futures import ThreadPoolExecutor

from examples.platform.traffic.gate import Gate


def test_a_gate_waits_for_those_under_way_and_holds_back_the_others() -> None:
    """What happens inside happens with nobody under way, whoever comes meanwhile."""
    gate, arrived, answered = Gate(), threading.Event(), threading.Event()
    order: list[str] = []

    def first() -> None:
        with gate.passage():
            arrived.set()
            answered.wait()
            order.append("first")

    def second() -> None:
        with gate.passage():
            order.append("second")

    with ThreadPoolExecutor(3) as pool:
        pool.submit(first)
        arrived.wait()
        threading.Timer(0.05, answered.set).start()
        with gate.shut():
            late = pool.submit(second)
            order.append("shut")
        late.result()
    assert order == ["first", "shut", "second"]
