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


def draw(x, gates, c, h, gru, *, words, hidden=False):
    """Draw an LSTM unit above a GRU unit, one column a step, their states as bands.

    x : (T,), the inputs of both, to a scale of -1 to 1.
    gates : i, f, g, o of the LSTM and r, z, n of the GRU by name, (T,) each. f and z
        are valves, where a column begins: two jaws, whose gap they are; i, o, r and
        1 - z are taps.
    c, h : (T,), the LSTM's cell states and its hidden states.
    gru : (T,), the GRU's hidden states, to the same scale as c, which is 1, 2, 5, 10
        ...; dotted lines show how far they can go.
    words : what the rows are called, `unrolled.words.Words`.
    hidden : whether gates and states are asked about: their rows are left empty.
    """
    x, c, h, gru = (np.asarray(one, float) for one in (x, c, h, gru))
    T = len(c)
    left = 0.4 - 0.03 * (T + 1)
    wide = left - 0.25 * (T + 1)
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.2, 7.2)
        signed_bars(axes, x, 1.0, ROWS["x"], 0.5)
        if not hidden:
            _lanes(axes, gates, c, h, gru, left)
        row_names(
            axes, wide, [(y, words(f"face.rows.{row}")) for row, y in ROWS.items()]
        )
        axes.plot((wide, T + 0.5), (7.65, 7.65), color=COLOURS["line"], lw=1)
        step_numbers(axes, ROWS["step"], T)
        axes.set(xlim=(wide - 0.02 * T, T + 0.8), ylim=(1.0, 13.6))
    return figure


def _lanes(axes, gates, c, h, gru, left):
    """All but the inputs: bands, valves, taps and bars."""
    T, limit, half = len(c), signed_limit(c), 0.9
    opened = 1 - gates["z"]
    for valve, state, centre, opening, flows in (
        ("f", c, C, 1.0, [(9.45, C, gates["i"] * gates["g"]), (C, 11.65, np.tanh(c))]),
        ("z", gru, H, 1 / limit, [(5.25, H, opened * gates["n"])]),
    ):
        look = {"flows": flows, "opening": opening}
        band(axes, gates[valve], state, limit, centre, half, **look)
    signed_bars(axes, h, 1.0, ROWS["shown"], 0.5)
    for row in ("g", "n"):
        signed_bars(axes, gates[row], 1.0, ROWS[row], 0.33)
    for row, values in (gates | {"open": opened}).items():
        if row in ("o", "i", "open", "r"):
            taps(axes, ROWS[row], values, 0.46)
    _ends(axes, T, left, C, half, f"|c| = {limit:g}")
    _ends(axes, T, left, H, half / limit, "|h| = 1")


def _ends(axes, T, left, y, reach, text):
    """How far a band can go: two lines and, at x = `left`, what they stand for."""
    for side in (y - reach, y + reach):
        dotted = {"color": COLOURS["faint"], "lw": 0.8, "ls": (0, (1, 2)), "zorder": 1}
        axes.plot((0.5, T + 0.5), (side, side), **dotted)
    axes.text(left, y, text, ha="right", **SOFT)
