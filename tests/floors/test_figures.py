"""The book's own figures, of which none is an explorer's."""

import numpy as np
import pytest
from hands.twins import assert_drawn_with_tokens

from unrolled import figures


def test_pictures_use_the_design_tokens_alone():
    """A colour that is not a token would not follow the page into the dark."""
    drawings = [figures.folded_and_unrolled(), figures.three_steps()]
    weights = np.linspace(-1, 1, 8)
    square, names = np.c_[weights, weights], ["i", "f", "g", "o"]
    drawings.append(figures.stacked_weights(square, square, weights, names))
    for figure in drawings:
        assert_drawn_with_tokens(figures.to_svg(figure))


def test_folded_and_unrolled_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="timesteps is 9"):
        figures.folded_and_unrolled(9)
