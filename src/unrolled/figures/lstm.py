"""The figure of chapter 4."""

import matplotlib as mpl
import numpy as np
from matplotlib.patches import Rectangle

from unrolled.figures.style import COLOURS, STYLE, new_figure, signed_colour


def stacked_weights(W_x, W_h, b, gates):
    """Draw a cell's stacked weights as squares whose area is the weight's size.

    W_x (n*H, d), W_h (n*H, H) and b (n*H,) stand side by side, a row for each of their
    rows; the largest weight fills its place. `gates` names the n blocks of H rows.
    """
    W_x, W_h = np.asarray(W_x), np.asarray(W_h)
    rows, d = W_x.shape
    H = rows // len(gates)
    groups = [("on $x_t$", W_x), ("on $h_{t-1}$", W_h), ("bias", np.c_[b])]
    largest = max(np.abs(weights).max() for _, weights in groups)
    width, height = d + W_h.shape[1] + 4, rows + 0.6 * (len(gates) - 1)
    soft = {"color": COLOURS["soft"], "va": "center"}
    with mpl.rc_context(STYLE):
        unit = 3.9 / width
        figure, axes = new_figure(5.6, unit * (height + 1.6))
        axes.set(xlim=(-1.7 / unit, width), ylim=(-height - 0.2, 1.4), aspect="equal")
        for gate, name in enumerate(gates):
            top = -(H + 0.6) * gate
            axes.text(-0.6, top - H / 2, name, ha="right", fontsize=13, va="center")
            left = 0
            for group, weights in groups:
                n = weights.shape[1]
                corner = (left, top - H)
                axes.add_patch(Rectangle(corner, n, H, fc=COLOURS["zero"], alpha=0.6))
                if gate == 0:
                    axes.text(
                        left + n / 2, 0.7, group, ha="center", fontsize=10, **soft
                    )
                for (row, column), value in np.ndenumerate(
                    weights[gate * H : (gate + 1) * H]
                ):
                    side = 0.92 * np.sqrt(abs(value) / largest)
                    centre = left + column + 0.5, top - row - 0.5
                    axes.add_patch(
                        Rectangle(
                            (centre[0] - side / 2, centre[1] - side / 2),
                            side,
                            side,
                            fc=signed_colour(value),
                        )
                    )
                left += n + 1
    return figure
