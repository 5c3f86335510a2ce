"""The figure of chapter 2."""

import matplotlib as mpl
from matplotlib.patches import Circle, Rectangle

from unrolled.figures.style import COLOURS, STYLE, arrow, cell_box, new_figure


def three_steps():
    """Draw three steps of one unit, the slopes on the way back, and the one weight.

    The steps run left to right, as sums a_t and states h_t, to the loss L. An arc over
    each edge leads back and bears what a small move is multiplied by along it. Below,
    one w_h leads to all three sums, with the state that each copy multiplies.
    """
    names = ["h_0", "a_1", "h_1", "a_2", "h_2", "a_3", "h_3", "L"]
    slopes = ["w_h", "1-h_1^2", "w_h", "1-h_2^2", "w_h", "1-h_3^2", "h_3-1"]
    soft = {"color": COLOURS["soft"], "va": "center", "fontsize": 9.5}
    accent = soft | {"color": COLOURS["accent"], "ha": "center", "fontsize": 10}
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(5.6, 2.35)
        axes.set(xlim=(-0.4, 7.7), ylim=(-1.85, 1.55))
        for step in (1, 2, 3):
            corner = (2 * step - 1.38, -0.46)
            axes.add_patch(Rectangle(corner, 1.76, 2.01, fc=COLOURS["zero"], alpha=0.6))
            axes.text(2 * step - 0.5, 1.28, f"step {step}", ha="center", **soft)
        for place, name in enumerate(names):
            colour = COLOURS["accent" if name == "L" else "soft"]
            axes.add_patch(
                Circle((place, 0), 0.27, fc=COLOURS["panel"], ec=colour, lw=1.4)
            )
            axes.text(place, 0, f"${name}$", ha="center", va="center", fontsize=11)
        for place, slope in enumerate(slopes):
            arrow(axes, (place + 0.27, 0), (place + 0.73, 0))
            arc = {"color": COLOURS["accent"], "connectionstyle": "arc3,rad=0.5"}
            arrow(axes, (place + 0.88, 0.27), (place + 0.12, 0.27), **arc)
            axes.text(place + 0.5, 0.76, f"${slope}$", **accent)
        cell_box(axes, 3, -1.52, "$w_h$")
        for place in (1, 3, 5):
            arrow(axes, (3, -1.26), (place, -0.27))
        for where, state in (((1.5, -0.78), 0), ((3.2, -0.78), 1), ((4.5, -0.78), 2)):
            axes.text(*where, f"$h_{state}$", **accent)
        axes.text(7.1, 1.28, "way back", ha="center", **soft)
        axes.text(3.5, -1.52, "one weight, used three times", **soft)
    return figure
