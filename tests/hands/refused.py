"""What is refused, and in which words: the test of a list of calls, written once.

REFUSED = [(lambda: cell.run(None), TypeError, "RNNCell: x is ..."), ...]
test_refused = refusals(REFUSED)
"""

import pytest


def refusals(cases):
    """Return the test that each call raises just this error, which begins so."""

    @pytest.mark.parametrize(
        "call, error, message", cases, ids=[message[:60] for _, _, message in cases]
    )
    def test_refused(call, error, message):
        with pytest.raises(error) as caught:
            call()
        assert type(caught.value) is error
        assert str(caught.value).startswith(message)

    return test_refused
