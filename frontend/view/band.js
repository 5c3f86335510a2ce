/**
 * The stage of one gated cell, whose state is a band with a valve across it at every step. What
 * stands where is data, a room's plan.json: its strip over time here, the circuit in circuit.js.
 *
 * @typedef {object} Strip
 * @property {number} top @property {number} left
 * @property {Record<string, number>} halves @property {Record<string, string>} gates these four as
 *   `gatedStage` takes them; the row "c" is the band's, and "h" has bars
 * @property {number} least how high up a number over the bars stands at most
 * @property {string} state what the band is of, a result's name like those that follow
 * @property {string} valve
 * @property {string[]} taps gates, and bars: each in the row of its name
 * @property {string[]} bars
 * @property {[string, string, string][]} flows what flows up, and from which end of a row to which
 * @property {Record<string, [string, string, string, number?, string?][]>} names of the rows, always, "",
 *   or under a condition: a letter, words, the row, so many pixels below its middle, and the gate that it is
 */

import { cellAt } from "./circuit.js";
import { above, below, gatedStage, gradientChart, isHeld, outside, over, overBand, overBar, under } from "./gated.js";
import { bandAxis, bandLane, bandLimit, flowLane, gateLane } from "./gates.js";
import { barLane } from "./strip.js";

const ENDS = { above, below, over, under, outside, inside: (row, values, limit) => outside(row, values, limit, -1) };

/**
 * @param {import("./explorer.js").Tools} tools
 * @param {(view: object) => Record<string, number|boolean>} more values and conditions of the room's own
 * @param {(state: object) => string} valve what the band goes through, in symbols
 * @param {{behind?: object[], before?: object[]}} [lanes] the room's own
 */
export function bandStage(tools, more, valve, { behind = [], before = [] } = {}) {
  const { strip, circuit } = tools.plan;
  const [axis, state, valves] = [bandAxis(), bandLane(), gateLane({ valve: true })];
  const [flows, taps, bars] = [strip.flows.map(flowLane), strip.taps.map(() => gateLane()), strip.bars.map(() => barLane())];

  function draw(view, place) {
    const { state: now, result } = view;
    const { cols, rows, gap, wide, at, of } = place;
    const band = result[strip.state];
    const limit = bandLimit(band);
    const end = (text) => {
      const [how, row] = text.split(" ");
      return row === "c" ? ENDS[how](rows.c, band, limit) : ENDS[how](rows[row], result[row]);
    };
    axis.update({ cols, ...rows.c, text: wide ? `|${strip.state}| = ${limit}` : String(limit) });
    strip.flows.forEach(([name, from, to], n) =>
      flows[n].update({ cols, from: end(from), to: end(to), values: result[name], limit: bandLimit(result[name]) }));
    state.update({ ...of(strip.state), ...rows.c, limit, kept: result.kept });
    valves.update({ ...of(strip.valve), ...rows.c, held: isHeld(now, strip.gates.c) });
    strip.taps.forEach((name, n) => taps[n].update({ ...of(name), ...rows[name], held: isHeld(now, strip.gates[name]) }));
    strip.bars.forEach((name, n) => bars[n].update({ ...of(name), zero: rows[name].y, half: rows[name].half, limit: 1 }));
    for (const lane of [...behind, ...before]) lane.update(view, place);
    const [high, value] = overBar(rows.h, result.h[at]);
    const own = more(view);
    return {
      zeros: strip.bars.map((name) => rows[name].y),
      numbers: [[Math.max(high, strip.least), value], overBand(rows.c, band[at], limit, gap)],
      names: Object.entries(strip.names).flatMap(([when, names]) => (!when || own[when] ? names : []))
        .map(([letter, said, row, down = 0, gate = said]) =>
          ({ letter, text: tools.words.rows[said] ?? place.names[said], y: rows[row].y + down, chosen: gate === now.gate }))
        .sort((one, other) => one.y - other.y),
    };
  }

  return gatedStage(tools, {
    ...strip, draw,
    lanes: [axis, ...behind, ...flows, state, valves, ...taps, ...bars, ...before].flatMap(({ element, elements = [element] }) => elements),
    beside: { cell: cellAt(tools, circuit, more), back: gradientChart(tools, strip.state, valve) },
  });
}
