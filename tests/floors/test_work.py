"""The bench's reading of a trace: the main thread's work for each key."""

from importlib.util import module_from_spec, spec_from_file_location

import pytest
from hands import ROOT


@pytest.fixture(scope="module")
def work():
    spec = spec_from_file_location("work", ROOT / "bench" / "work.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def event(name, start, end, thread=1, process=1, **data):
    """An event of a trace, from `start` to `end` in ms."""
    return {
        "name": name, "ph": "X", "ts": 1000 * start, "dur": 1000 * (end - start),
        "tdur": 1000 * (end - start), "pid": process, "tid": thread,
        "args": {"data": data},
    }  # fmt: skip


def named(thread, name, process=1):
    said = {"name": "thread_name", "ph": "M", "ts": 0, "args": {"name": name}}
    return said | {"pid": process, "tid": thread}


MAIN = [named(1, "CrRendererMain"), named(2, "Compositor")]
MAIN += [named(1, "CrRendererMain", process=9)]


def key(start):
    """A key that makes 10 ms of work: 6 of script, in it 2 of layout, then the rest."""
    return [
        event("EventDispatch", start, start + 6, type="keydown"),
        event("FunctionCall", start + 1, start + 5),
        event("Layout", start + 2, start + 4),
        event("UpdateLayoutTree", start + 7, start + 8),
        event("PrePaint", start + 8, start + 10),
        event("Paint", start + 10, start + 11),
        event("Paint", start + 10.2, start + 10.8),  # a part of the other
    ]


def test_nothing_is_counted_twice(work):
    (found,) = work.per_key(MAIN + key(0))
    assert found == pytest.approx(
        {"script": 4, "layout": 2, "style": 1, "pre-paint": 2, "paint": 1}
    )
    assert work.total([found]) == pytest.approx(10)


def test_each_key_has_its_own_work(work):
    late = event("Paint", 150, 153)
    before = event("Layout", -20, -10)
    first, second = work.per_key([*MAIN, *key(100), before, late, *key(0)])
    assert work.total([first]) == pytest.approx(10)
    assert second["paint"] == pytest.approx(4)


def test_other_threads_other_pages_and_idle_time_do_not_count(work):
    others = [event("Paint", 1, 9, thread=2), event("Layout", 1, 9, process=9)]
    (found,) = work.per_key([*MAIN, *key(0), *others, event("RunTask", 0, 90)])
    assert work.total([found]) == pytest.approx(10)


def test_a_thread_that_waited_has_not_worked(work):
    slow = event("Paint", 20, 60) | {"tdur": 1000}
    (found,) = work.per_key([*MAIN, *key(0), slow])
    assert found["paint"] == pytest.approx(2)
