"""The static picture of an LSTM and a GRU on one input, their states aligned."""

import matplotlib as mpl
import numpy as np

from unrolled.figures.gates import band, gauge
from unrolled.figures.style import COLOURS, STYLE, new_figure, signed_bars, signed_limit

LSTM_ROWS = (
    (12.9, "LSTM: h, shown"),
    (11.9, "o, output gate"),
    (11.1, "c, stored"),
    (10.0, "f, forget gate"),
    (9.2, "i, input gate"),
    (8.4, "g, candidate"),
)
GRU_ROWS = (
    (6.9, "GRU: h, stored, shown"),
    (5.8, "z, update gate"),
    (5.0, "1 − z, lets n in"),
    (4.2, "n, candidate"),
    (3.4, "r, reset gate"),
    (2.3, "x, input of both"),
    (1.4, "step"),
)


def lstm_and_gru(x, gates, c, h, gru):
    """Draw an LSTM unit above a GRU unit, one column a step, their states as bands.

    x : (T,), the inputs of both, to a scale of -1 to 1.
    gates : i, f, g, o of the LSTM and r, z, n of the GRU by name, (T,) each. f and z
        are valves, where a column begins; i, o, r and 1 - z are taps.
    c, h : (T,), the LSTM's cell states and its hidden states.
    gru : (T,), the GRU's hidden states, to the same scale as c, which is 1, 2, 5, 10
        ...; dotted lines show how far they can go.
    """
    x, c, h, gru = (np.asarray(one, float) for one in (x, c, h, gru))
    T = len(c)
    steps = np.arange(1, T + 1)
    limit, half = signed_limit(c), 0.9
    soft = {"color": COLOURS["soft"], "fontsize": 9, "va": "center"}
    opened = 1 - gates["z"]
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(7.2, 7.2)
        signed_bars(axes, h, 1.0, 12.9, 0.5)
        up = [(9.45, 10.55, gates["i"] * gates["g"]), (10.55, 11.65, np.tanh(c))]
        band(axes, gates["f"], c, limit, 10.55, half, flows=up)
        signed_bars(axes, gates["g"], 1.0, 8.4, 0.33)
        up = [(5.25, 6.35, opened * gates["n"])]
        band(axes, gates["z"], gru, limit, 6.35, half, flows=up)
        signed_bars(axes, gates["n"], 1.0, 4.2, 0.33)
        signed_bars(axes, x, 1.0, 2.3, 0.5)
        taps = ((11.9, gates["o"]), (9.2, gates["i"]), (5.0, opened), (3.4, gates["r"]))
        for y, values in taps:
            for step, value in zip(steps, values, strict=True):
                gauge(axes, step, y, 0.44, 0.46, value)
        ends = {"color": COLOURS["faint"], "lw": 0.8, "ls": (0, (1, 2)), "zorder": 1}
        left = 0.4 - 0.03 * (T + 1)
        for y, reach, text in (
            (10.55, half, f"|c| = {limit:g}"),
            (6.35, half / limit, "|h| = 1"),
        ):
            for side in (y - reach, y + reach):
                axes.plot((0.5, T + 0.5), (side, side), **ends)
            axes.text(left, y, text, ha="right", **soft)
        wide = left - 0.25 * (T + 1)
        for y, text in (*LSTM_ROWS, *GRU_ROWS):
            axes.text(wide, y, text, **soft)
        axes.plot((wide, T + 0.5), (7.65, 7.65), color=COLOURS["line"], lw=1)
        every = 1 if T <= 24 else 5
        for step in steps[steps % every == 0]:
            axes.text(step, 1.4, str(step), ha="center", **soft)
        axes.set(xlim=(wide - 0.02 * T, T + 0.8), ylim=(1.0, 13.6))
    return figure
