"""Contour lines, `frontend/view/contours.js`: contours.test.js has the tests."""

from pathlib import Path


def test_contours(node_test):
    node_test(Path(__file__).with_name("contours.test.js"), least=3)
