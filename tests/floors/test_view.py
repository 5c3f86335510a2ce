"""The explorers' shared parts that need no page (view.test.js)."""

from pathlib import Path


def test_the_shared_parts_of_the_front_end(node_test):
    node_test(Path(__file__).with_name("view.test.js"), least=20)
