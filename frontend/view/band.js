/**
 * The stage of one gated cell, whose state is a band with a valve across it at every step. What
 * stands where is data, a room's plan.json: its strip over time here, the circuit in circuit.js.
 *
 * @typedef {object} Strip
 * @property {number} top @property {number} left
 * @property {Record<string, number>} halves @property {Record<string, string>} gates these four as
 *   `cellStage` takes them; the row "c" is the band's, and "h" has bars
 * @property {number} least how high up a number over the bars stands at most
 * @property {string} state what the band is of, a result's name like those that follow
 * @property {string} valve
 * @property {string[]} taps gates, and bars: each in the row of its name
 * @property {string[]} bars
 * @property {[string, string, string][]} flows what flows up, and from which end of a row to which
 * @property {Record<string, [string, string, string, number?, string?][]>} names of the rows, always, "",
 *   or under conditions: a letter, words, the row, so many pixels below its middle, and the gate that it is
 */

import { cellAt } from "./circuit.js";
import { cellStage, end, isHeld, overBand } from "./gated.js";
import { bandAxis, bandLane, bandLimit, flowLane, gateLane } from "./gates.js";
import { planned } from "./plan.js";
import { barLane } from "./strip.js";

/**
 * @param {import("./explorer.js").Tools} tools
 * @param {object[]} [behind] lanes of the room's own, behind all others
 * @param {object[]} [before] and before them
 */
export function bandStage(tools, behind = [], before = []) {
  const { strip } = tools.words.plan;
  const [axis, state, valves, flows] = [bandAxis(), bandLane(), gateLane({ valve: true }), strip.flows.map(() => flowLane())];
  const inRows = [...strip.taps.map((name) => [name, gateLane()]), ...strip.bars.map((name) => [name, barLane()])];

  function draw(view, place) {
    const { state: now, result, ghost } = view;
    const { cols, rows, gap, wide, at } = place;
    const band = result[strip.state];
    const limit = bandLimit(band);
    /** What a lane in this row is told. */
    const of = (name, row = name) => ({
      cols, values: result[name], ghost: ghost?.[name], ...rows[row], zero: rows[row].y, limit: 1, held: isHeld(now, strip.gates[row]),
    });
    const to = (text) => {
      const [name, row] = text.split(" ");
      return row === "c" ? end(name, rows.c, band, limit) : end(name, rows[row], result[row]);
    };
    axis.update({ cols, ...rows.c, text: wide ? `|${strip.state}| = ${limit}` : String(limit) });
    strip.flows.forEach(([name, start, stop], n) =>
      flows[n].update({ cols, from: to(start), to: to(stop), values: result[name], limit: bandLimit(result[name]) }));
    state.update({ ...of(strip.state, "c"), limit, kept: result.kept });
    valves.update(of(strip.valve, "c"));
    for (const [name, lane] of inRows) lane.update(of(name));
    for (const lane of [...behind, ...before]) lane.update(view, place);
    return {
      zeros: strip.bars.map((name) => rows[name].y),
      numbers: [[Math.max(end("above", rows.h, result.h)(at) - 5, strip.least), result.h[at]], overBand(rows.c, band[at], limit, gap)],
      names: planned(strip.names, now).map(([letter, said, row, down = 0, gate = said]) =>
        ({ letter, text: place.names[said], y: rows[row].y + down, chosen: gate === now.gate })),
    };
  }

  return cellStage(tools, {
    ...strip, draw,
    lanes: [axis, ...behind, ...flows, state, valves, ...inRows.map(([, lane]) => lane), ...before].flatMap(({ element, elements = [element] }) => elements),
  }, cellAt(tools));
}
