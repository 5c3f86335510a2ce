"""The static picture of an LSTM and a GRU on one input, their states aligned."""

import matplotlib as mpl
import numpy as np

from unrolled.figures.gates import SOFT, band, row_names, step_numbers, taps
from unrolled.figures.style import COLOURS, STYLE, new_figure, signed_bars, signed_limit

# The lanes from the top, and where they stand.
ROWS = {"shown": 12.9, "o": 11.9, "c": 11.1, "f": 10.0, "i": 9.2, "g": 8.4}
ROWS |= {"state": 6.9, "z": 5.8, "open": 5.0, "n": 4.2, "r": 3.4, "x": 2.3}
ROWS |= {"step": 1.4}
C, H = 10.55, 6.35  # the bands' middles


def draw(x, gates, c, h, gru, *, words):
    """Draw an LSTM unit above a GRU unit, one column a step, their states as bands.

    x : (T,), the inputs of both, to a scale of -1 to 1.
    gates : i, f, g, o of the LSTM and r, z, n of the GRU by name, (T,) each. f and z
        are valves, where a column begins; i, o, r and 1 - z are taps.
    c, h : (T,), the LSTM's cell states and its hidden states.
    gru : (T,), the GRU's hidden states, to the same scale as c, which is 1, 2, 5, 10
        ...; dotted lines show how far they can go.
    words : what the rows are called, `unrolled.words.Words`.
    """
    x, c, h, gru = (np.asarray(one, float) for one in (x, c, h, gru))
    T = len(c)
    limit, half = signed_limit(c), 0.9
    opened = 1 - gates["z"]
    left = 0.4 - 0.03 * (T + 1)
    wide = left - 0.25 * (T + 1)
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.2, 7.2)
        flows = [(9.45, C, gates["i"] * gates["g"]), (C, 11.65, np.tanh(c))]
        band(axes, gates["f"], c, limit, C, half, flows=flows)
        band(
            axes,
            gates["z"],
            gru,
            limit,
            H,
            half,
            flows=[(5.25, H, opened * gates["n"])],
        )
        for row, values in (("shown", h), ("x", x)):
            signed_bars(axes, values, 1.0, ROWS[row], 0.5)
        for row in ("g", "n"):
            signed_bars(axes, gates[row], 1.0, ROWS[row], 0.33)
        for row, values in (gates | {"open": opened}).items():
            if row in ("o", "i", "open", "r"):
                taps(axes, ROWS[row], values, 0.46)
        _ends(axes, T, left, C, half, f"|c| = {limit:g}")
        _ends(axes, T, left, H, half / limit, "|h| = 1")
        row_names(
            axes, wide, [(y, words(f"face.rows.{row}")) for row, y in ROWS.items()]
        )
        axes.plot((wide, T + 0.5), (7.65, 7.65), color=COLOURS["line"], lw=1)
        step_numbers(axes, ROWS["step"], T)
        axes.set(xlim=(wide - 0.02 * T, T + 0.8), ylim=(1.0, 13.6))
    return figure


def _ends(axes, T, left, y, reach, text):
    """How far a band can go: two lines and, at x = `left`, what they stand for."""
    for side in (y - reach, y + reach):
        dotted = {"color": COLOURS["faint"], "lw": 0.8, "ls": (0, (1, 2)), "zorder": 1}
        axes.plot((0.5, T + 0.5), (side, side), **dotted)
    axes.text(left, y, text, ha="right", **SOFT)
