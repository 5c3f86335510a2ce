/**
 * Gradient descent on the loss of one recurrent unit, over w and b: a walk on a map with a
 * cliff in it (src/unrolled/explorers/cliff.py is its face in Python).
 */

import { H_0, lastState, lossAt, TARGET, UPDATES, walk } from "../core/cliff.js";
import { logFrame } from "../view/chart.js";
import { regions, sampled } from "../view/contours.js";
import { moveGrip } from "../view/disc.js";
import { html, patch, repeat, svg } from "../view/dom.js";
import { dragGrips } from "../view/drag.js";
import { explorer, segments } from "../view/explorer.js";
import { signed } from "../view/formula.js";
import { decimalsFor, fixed, literal, short, significant, tenTo, trimmed } from "../view/number.js";
import { choice, integer, number } from "../view/parameters.js";
import { arrow, pathThrough } from "../view/plane.js";
import { range, slider, symbolNodes } from "../view/slider.js";
import { columns, cursorBand } from "../view/strip.js";
import { cliff as words } from "../view/words.js";

const MOST_STEPS = 40;
const CLIPS = ["off", "norm", "value"];
const W = [0, 2];
const B = [-0.5, 1.5];
const LEVELS = [0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1];
const HIGHEST = 1.25; // of the loss, on the scale of the cut
const SIZES = { low: -4, high: 2 }; // powers of ten, of the gradient's length
const base = { w: 1.65, b: 0.45, learning_rate: 1, clip: "off", threshold: 0.5, timesteps: 20 };

export const initial = { ...base, update: 7 };
export const presets = {
  thrown: { ...base, update: 7 },
  norm: { ...base, clip: "norm", update: 7 },
  value: { ...base, clip: "value", update: 7 },
  smaller: { ...base, learning_rate: 0.3, update: 18 },
  short: { ...base, timesteps: 4, update: 1 },
};

export const compute = walk;

const length = (pair) => Math.hypot(...pair);
const between = (value, [low, high]) => Math.max(low, Math.min(high, value));
const round = (value) => Math.round(value * 10) / 10;
const evenly = ([low, high], count) =>
  Array.from({ length: count }, (_, k) => low + ((high - low) * k) / (count - 1));

// --- the drawing

/** A rectangle in the drawing: what lies across it from left to right, and up. */
function boxFrame({ x, y, width, height, across, up }) {
  const [perX, perY] = [width / (across[1] - across[0]), height / (up[1] - up[0])];
  const holds = ([px, py]) => px >= 0 && px <= width && py >= 0 && py <= height;
  return {
    x, y, width, height, perX, perY, holds,
    /** What lies far away keeps its direction from the middle, and is a number that a browser can draw. */
    at([a, u]) {
      const [dx, dy] = [(a - across[0]) * perX - width / 2, (up[1] - u) * perY - height / 2].map((d) => between(d, [-1e300, 1e300]));
      const far = Math.max(1, Math.abs(dx) / 1e4, Math.abs(dy) / 1e4);
      return [width / 2 + dx / far, height / 2 + dy / far];
    },
    value: ([px, py]) => [across[0] + px / perX, up[1] - py / perY],
    /** Where the way from a pixel inside to one outside crosses the edge. */
    edge([ax, ay], [bx, by]) {
      const share = (a, b, end) => (b > end ? (end - a) / (b - a) : b < 0 ? a / (a - b) : 1);
      const part = Math.min(share(ax, bx, width), share(ay, by, height));
      return [ax + part * (bx - ax), ay + part * (by - ay)];
    },
  };
}

function layoutFor(width) {
  const wide = width >= 560;
  const left = wide ? 44 : 32;
  const map = { x: left, y: 20, width: width - left - 10, height: wide ? 252 : 226 };
  const cut = { ...map, y: map.y + map.height + 8, height: wide ? 86 : 78 };
  const lane = cut.y + cut.height + 48;
  return { wide, left, map, cut, lane: [lane, lane + 66], foot: lane + 86, height: lane + 94 };
}

function stage({ change }) {
  // the map
  const bands = svg("g", { class: "u-heights" });
  const levels = svg("g");
  const section = svg("path", { class: "u-section" });
  const ghostPath = svg("path", { class: "u-ghost" });
  const path = svg("path", { class: "u-path u-past" });
  const steps = svg("g", { class: "u-dots" });
  const move = svg("path", { class: "u-arrow" });
  const ring = svg("circle", { class: "u-thrown", r: 10 });
  const handle = svg("circle", { class: "u-handle", r: 6.5 });
  const thrown = svg("text", { class: "u-strong u-halo", "text-anchor": "end", text: words.thrown });
  const map = svg("svg", { overflow: "hidden" }, bands, levels, section, ghostPath, path, steps, move, ring, handle, thrown);

  // the cut through it
  const guide = svg("path", { class: "u-section" });
  const under = svg("path", { class: "u-under" });
  const profile = svg("path", { class: "u-profile" });
  const slope = svg("path", { class: "u-slope" });
  const fall = svg("path", { class: "u-arrow" });
  const ball = svg("circle", { class: "u-here", r: 6 });
  const cut = svg("svg", { overflow: "hidden" }, under, slope, profile, fall, svg("g", { class: "u-dots" }, ball));

  // the gradients, one column an update
  const band = cursorBand();
  const lane = svg("g", { class: "u-axis" });
  const whole = svg("path", { class: "u-whole" });
  const left = svg("path", { class: "u-left" });
  const cuts = svg("path", { class: "u-cut" });
  const crosses = svg("path", { class: "u-cross" });
  const ghostBars = svg("path", { class: "u-ghost" });
  const limit = svg("path", { class: "u-limit" });
  const limitHandle = svg("circle", { class: "u-handle", r: 6.5 });
  const ticks = svg("g", { class: "u-ticks" });

  const frames = svg("g", { class: "u-axis u-frames" });
  const names = svg("g");
  const scale = svg("g");
  const drawing = svg("svg", { role: "img" }, frames, map, guide, cut, band.element, lane, whole, left, cuts, crosses, ghostBars,
    limit, limitHandle, ticks, scale, names);
  const grips = ["start", "threshold"].map((name) => html("div", { class: "u-grip u-free", "data-grip": name }));
  const field = html("div", { class: "u-field" }, drawing, ...grips);
  const time = range({
    min: 1, max: UPDATES, step: 1, label: words.updateControl, onvalue: (update) => change({ update }),
  });
  time.element.classList.add("u-time");
  const element = html("div", { class: "u-cliff" }, field, time.element);

  let cols;
  let layout;
  let ground; // the map's frame
  let sizes;
  let points; // of the walk, as [b, w]
  let drawn = "";

  /** The point of the walk nearest to a pixel, and how far away it is. */
  function nearest([px, py]) {
    const away = points.map((point) => {
      const [x, y] = ground.at(point);
      return Math.hypot(ground.x + x - px, ground.y + y - py);
    });
    const distance = Math.min(...away.filter((value) => !Number.isNaN(value)));
    return { k: away.indexOf(distance), distance };
  }
  dragGrips(field, grips, {
    choose(pixel, reach) {
      if (pixel[1] > layout.cut.y + layout.cut.height) return change({ update: cols.at(pixel[0]) + 1 });
      const { k, distance } = nearest(pixel);
      return pixel[1] < layout.cut.y && distance <= reach ? change({ update: Math.min(UPDATES, k + 1) }) : undefined;
    },
    takes: (grip, pixel) => grip === 1 || nearest(pixel).k === 0,
    move(grip, [px, py]) {
      if (grip === 1) {
        const power = sizes.high - (py - sizes.top) / ((sizes.bottom - sizes.top) / (sizes.high - sizes.low));
        return change({ threshold: Number((10 ** between(power, [-2, sizes.high])).toPrecision(2)) });
      }
      const [b, w] = ground.value([px - ground.x, py - ground.y]);
      return change({ w: Math.round(between(w, W) * 100) / 100, b: Math.round(between(b, B) * 100) / 100 });
    },
    hold() {},
    release() {},
  });

  function update(view) {
    const { state, result, ghost, width } = view;
    layout = layoutFor(width);
    cols = columns(width, UPDATES, { left: layout.left, right: 10 });
    ground = boxFrame({ ...layout.map, across: B, up: W });
    sizes = logFrame({ top: layout.lane[0], bottom: layout.lane[1], ...SIZES });
    points = result.points.map(([w, b]) => [b, w]);
    const at = state.update - 1;
    patch(drawing, { width, height: layout.height, viewBox: `0 0 ${width} ${layout.height}`, "aria-label": summary(view) });
    const surface = `${state.timesteps} ${width}`;
    if (drawn !== surface) drawSurface(state.timesteps);
    drawn = surface;
    drawMap(view, at);
    drawCut(view, at);
    drawSizes(state, result, ghost, at);
    drawNames(view, at);
    time.update(state.update, { text: words.updateValue(state.update, UPDATES) });
    // the thumb is 20 px wide; its centre stands under the column
    time.element.style.marginLeft = `${cols.x(0) - 10}px`;
    time.element.style.width = `${cols.pitch * (cols.count - 1) + 20}px`;
  }

  /** The map's contour lines: they change with the number of steps alone. */
  function drawSurface(timesteps) {
    // The loss is at least so high where h_T is far enough above the target or below it. Looked at
    // one by one, both lines are found even where they run on either side of a cliff's foot.
    // a little beyond the map, so that a region's edge along its end is not seen
    const ends = ([low, high], count) => evenly([low - 0.05, high + 0.05], count);
    const above = sampled((b, w) => lastState(w, b, timesteps), ends(B, 44), ends(W, 32));
    const below = { ...above, f: (b, w) => -above.f(b, w), rows: above.rows.map((row) => row.map((value) => -value)) };
    repeat(bands, LEVELS.length, () => svg("path")).forEach((region, n) => {
      const away = Math.sqrt(2 * LEVELS[n]);
      const rings = [...regions(above, TARGET + away, 5e-3), ...regions(below, away - TARGET, 5e-3)];
      patch(region, { d: rings.map((one) => `${pathThrough(ground, one)}z`).join("") });
    });
    // the lines' numbers, where they cross the foot and the left side of the map and there is room
    const foot = evenly(B, 201).map((b) => [b, W[0] + 0.14]);
    const side = evenly(W, 201).map((w) => [B[0] + 0.07, w]).filter(([, w]) => w > W[0] + 0.3);
    const shown = [];
    for (const line of [foot, side]) {
      const heights = line.map(([b, w]) => lossAt(w, b, timesteps));
      line.forEach((point, k) => LEVELS.forEach((level) => {
        if (!k || (heights[k] >= level) === (heights[k - 1] >= level)) return;
        const [x, y] = ground.at(point);
        const clear = shown.every((other) => Math.abs(other.x - x) > 34 || Math.abs(other.y - y) > 16);
        if (clear && x > 16 && x < ground.width - 16 && y > 12) shown.push({ level, x, y });
      }));
    }
    repeat(levels, shown.length, () => svg("text", { class: "u-halo", "text-anchor": "middle" })).forEach((text, n) => {
      patch(text, { x: round(shown[n].x), y: round(shown[n].y + 4), text: String(shown[n].level) });
    });
  }

  function drawMap({ result, ghost }, at) {
    const { x, y, width, height } = ground;
    patch(map, { x, y, width, height });
    patch(ghostPath, { d: ghost ? pathThrough(ground, ghost.points.map(([w, b]) => [b, w])) : null });
    patch(path, { d: pathThrough(ground, points) });
    const places = points.map(ground.at);
    const known = (place) => !place.some(Number.isNaN);
    const seen = points.map((_, k) => k).filter((k) => k > 0 && known(places[k]) && ground.holds(places[k]));
    repeat(steps, seen.length, () => svg("circle")).forEach((dot, n) => {
      const k = seen[n];
      patch(dot, {
        cx: round(places[k][0]), cy: round(places[k][1]), r: k === at ? 6 : 3.5, class: k === at ? "u-here" : k < at ? "u-past" : "",
      });
    });
    const from = places[at];
    patch(section, { d: known(from) && from[1] >= 0 && from[1] <= height ? `M0 ${round(from[1])}H${width}` : null });
    patch(move, { d: known(places[at + 1]) ? arrow(ground, from, places[at + 1], at ? 6 : 7) : null });
    patch(handle, { cx: round(places[0][0]), cy: round(places[0][1]), class: at === 0 ? "u-handle u-held" : "u-handle" });
    moveGrip(grips[0], ground, places[0]);

    const edge = result.thrown === null ? null : places[result.thrown - 1];
    const marked = edge !== null && known(edge) && ground.holds(edge);
    patch(ring, marked ? { cx: round(edge[0]), cy: round(edge[1]), visibility: "visible" } : { visibility: "hidden" });
    patch(thrown, { visibility: marked ? "visible" : "hidden" });
    if (!marked) return;
    // at its left, where the walk does not come from, and away from where it is thrown
    const end = Math.max(70, edge[0] - 15);
    const away = end > edge[0] - 15 ? 16 : 8;
    const below = places[result.thrown][0] < edge[0];
    patch(thrown, { x: round(end), y: round(below ? Math.min(ground.height - 5, edge[1] + away + 11) : Math.max(13, edge[1] - away)) });
  }

  function drawCut({ state, result }, at) {
    const side = boxFrame({ ...layout.cut, across: B, up: [0, HIGHEST] });
    const [w, b] = result.points[at];
    const known = Number.isFinite(w) && Number.isFinite(b);
    const { x, y, width, height } = side;
    patch(cut, { x, y, width, height });
    const line = known ? pathThrough(side, evenly(B, Math.round(width)).map((one) => [one, lossAt(w, one, state.timesteps)])) : "";
    patch(profile, { d: line });
    patch(under, { d: line && `${line}V${height}H0z` });
    const place = known ? side.at([b, result.losses[at]]) : null;
    const inside = place !== null && side.holds(place);
    patch(ball, inside ? { cx: round(place[0]), cy: round(place[1]), visibility: "visible" } : { visibility: "hidden" });
    // how steep it is across the map: a line that touches the curve at the ball
    const steep = Math.atan(result.gradients[at][1] * (side.perY / side.perX));
    const [dx, dy] = [34 * Math.cos(steep), 34 * Math.sin(steep)];
    patch(slope, { d: inside ? `M${round(place[0] - dx)} ${round(place[1] + dy)}L${round(place[0] + dx)} ${round(place[1] - dy)}` : null });
    const next = inside ? side.at([result.points[at + 1][1], result.losses[at]]) : null;
    patch(fall, { d: next && !next.some(Number.isNaN) ? arrow(side, place, next, 6) : null });
    const top = ground.at([b, w])[1];
    patch(guide, { d: inside && top >= 0 && top <= ground.height
      ? `M${round(x + place[0])} ${round(ground.y + top)}V${round(y + place[1])}` : null });
  }

  function drawSizes(state, result, ghost, at) {
    const [top, bottom] = layout.lane;
    band.update({ cols, at, top: top - 4, bottom: layout.foot + 6 });
    const powers = sizes.ticks(22);
    repeat(lane, powers.length, () => svg("g", {}, svg("line"), svg("text", { "text-anchor": "end" }))).forEach((group, n) => {
      const y = round(sizes.y(10 ** powers[n]));
      patch(group.firstChild, { x1: cols.left, x2: cols.end, y1: y, y2: y, "stroke-dasharray": n ? "2 4" : null });
      patch(group.lastChild, { x: cols.left - 6, y: y + 4, text: powers[n] ? tenTo(powers[n]) : "1" });
    });
    const thick = Math.max(3, cols.pitch * 0.6);
    const end = (pair) => between(sizes.y(length(pair)), [top - 3, bottom]);
    const bars = (list) => list.map((pair, k) => {
      const y = end(pair);
      return y < bottom ? `M${round(cols.x(k) - thick / 2)} ${bottom}V${round(y)}h${round(thick)}V${bottom}z` : "";
    }).join("");
    patch(whole, { d: bars(result.gradients) });
    patch(left, { d: bars(result.moves) });
    const marks = (mark) => result.gradients.map((pair, k) => mark(length(pair), cols.x(k))).join("");
    patch(cuts, { d: marks((size, x) => (size > 10 ** sizes.high ? `M${round(x - thick)} ${top + 6}l${round(2 * thick)} -4m0 5l${round(-2 * thick)} 4` : "")) });
    patch(crosses, { d: marks((size, x) => (Number.isNaN(size) ? `M${round(x - 3)} ${bottom - 8}l6 6m0 -6l-6 6` : "")) });
    patch(ghostBars, {
      d: ghost ? ghost.gradients.map((pair, k) => (Math.abs(end(pair) - end(result.gradients[k])) > 0.8
        ? `M${round(cols.x(k) - thick / 2 - 1.5)} ${round(end(pair))}h${round(thick + 3)}` : "")).join("") : null,
    });
    const clips = state.clip === "norm" && state.threshold > 0;
    const y = clips ? round(between(sizes.y(state.threshold), [top - 3, bottom])) : NaN;
    patch(limit, { d: clips ? `M${cols.left} ${y}H${cols.end}` : null });
    patch(limitHandle, clips ? { cx: cols.end - 4, cy: y, visibility: "visible" } : { visibility: "hidden" });
    moveGrip(grips[1], { x: 0, y: 0, holds: () => clips }, [cols.end - 4, y]);
    const every = cols.pitch >= 18 ? 1 : 5;
    const numbered = points.slice(1).map((_, k) => k).filter((k) => k === at
      || ((k + 1) % every === 0 && (every === 1 || Math.abs(k - at) * cols.pitch >= 18)));
    repeat(ticks, numbered.length, () => svg("text", { "text-anchor": "middle" })).forEach((text, n) => {
      const k = numbered[n];
      patch(text, { x: round(cols.x(k)), y: layout.foot, class: k === at ? "u-chosen" : "", text: String(k + 1) });
    });
  }

  /** The frames, their numbers, and what each part is called. */
  function drawNames({ result }, at) {
    const { map: { x, y, width }, cut: box, wide } = layout;
    repeat(frames, 2, () => svg("rect")).forEach((frame, n) => {
      const { x: fx, y: fy, width: fw, height: fh } = n ? box : layout.map;
      patch(frame, { x: fx, y: fy, width: fw, height: fh });
    });
    const rows = [0, 0.5, 1, 1.5, 2].map((value) => [x - 6, y + ground.at([0, value])[1] + 4, "end", value]);
    const heights = [0, 1].map((value) => [x - 6, box.y + box.height * (1 - value / HIGHEST) + 4, "end", value]);
    const across = [-0.5, 0, 0.5, 1, 1.5].map((value) => [x + ground.at([value, 0])[0], box.y + box.height + 15, "middle", value]);
    const numbers = [...rows, ...heights, ...across];
    repeat(scale, numbers.length, () => svg("text")).forEach((text, n) => {
      const [tx, ty, anchor, value] = numbers[n];
      patch(text, { x: round(Math.min(tx, x + width - 6)), y: round(ty), "text-anchor": anchor, text: fixed(value, value % 1 ? 1 : 0) });
    });
    const [w, b] = result.points[at];
    const off = Number.isFinite(w) && Number.isFinite(b) && !ground.holds(ground.at([b, w]));
    const [landedW, landedB] = result.points[result.thrown ?? 0];
    const caption = off ? words.off(short(w), short(b), wide)
      : result.thrown === null ? "" : words.landed(result.thrown, short(landedW), short(landedB), wide);
    const all = [
      [x, y - 7, "start", words.map, ""],
      [x + width, y - 7, "end", caption, "u-strong"],
      [x + ground.at([0.75, 0])[0], box.y + box.height + 15, "middle", words.across(wide), ""],
      [x + width - 8, box.y + 17, "end", words.cut(significant(w), wide && !off && Number.isFinite(w)), ""],
      [x, layout.lane[0] - 12, "start", words.sizes(wide), ""],
      [0, layout.foot, "start", wide ? words.update : "", ""],
    ];
    repeat(names, all.length, () => svg("text")).forEach((text, n) => {
      const [tx, ty, anchor, told, look] = all[n];
      patch(text, { x: tx, y: round(ty), "text-anchor": anchor, text: told, class: `u-halo ${look}` });
    });
  }
  return { element, update };
}

// --- the formula, the sliders, the words

function formula({ state, result }) {
  const k = state.update;
  const [from, to] = [result.points[k - 1], result.points[k]];
  const [gradient, move] = [result.gradients[k - 1], result.moves[k - 1]];
  const cut = gradient.some((part, n) => part < move[n] || part > move[n]);
  const pair = (values) => `(${values.map((value) => significant(value)).join(", ")})`;
  const row = (name, n) => {
    const { decimals, exact } = decimalsFor([from[n], state.learning_rate, move[n]], ([p, q, r]) => p - q * r, to[n], 3);
    return html("div", {},
      html("span", {}, ...symbolNodes(`${name}_${k}`), " = ", ...symbolNodes(`${name}_${k - 1}`), ` − ${words.rate} × `,
        ...symbolNodes(cut ? "c" : "g"), html("sub", {}, html("i", { text: name }))), " ",
      html("span", { text: `= ${trimmed(from[n], decimals)} − ${trimmed(state.learning_rate, decimals)} × ${signed(move[n], decimals)}` }), " ",
      html("span", {}, exact ? "= " : "≈ ", html("b", { text: fixed(to[n], 3) })));
  };
  return [
    html("div", {},
      html("span", {}, ...symbolNodes("g"), " = ", words.gradient, ` = ${pair(gradient)},`), " ",
      html("span", { text: `${words.long} ${significant(length(gradient))}` }),
      ...(cut ? [" ", html("span", {}, `${words.clippedTo[state.clip](String(state.threshold))} `, ...symbolNodes("c"), ` = ${pair(move)}`)] : [])),
    row("w", 0),
    row("b", 1),
  ];
}

function controls({ change, current, say }) {
  const one = (name, ends, onvalue = (value) => change({ [name]: value })) => {
    const [symbol, label] = words.controls[name];
    const part = slider({ symbol, label, step: 0.01, ...ends, onvalue, onerror: say });
    return { element: part.element, update: ({ state }) => part.update(state[name]) };
  };
  const size = (name, values) => (value) =>
    (value < 0 ? say(words.negative(words.controls[name][1], value)) : change({ [name]: value, ...values?.() }));
  return [
    one("w", { min: W[0], max: W[1] }),
    one("b", { min: B[0], max: B[1] }),
    one("learning_rate", { min: 0, max: 2 }, size("learning_rate")),
    // a threshold that is moved is meant to clip
    one("threshold", { min: 0, max: 2 }, size("threshold", () => (current().clip === "off" ? { clip: "norm" } : {}))),
    one("timesteps", { min: 2, max: MOST_STEPS, step: 1, whole: true }),
  ];
}

const overflowAt = ({ points }) => points.findIndex((point) => !point.every(Number.isFinite));

function summary({ state, result }) {
  const [w, b] = result.points[state.update];
  return words.summary(state.update, significant(w), significant(b), significant(result.losses[state.update]), result.thrown);
}

function status({ result }) {
  const overflow = overflowAt(result);
  return overflow >= 0 ? words.overflow(overflow) : null;
}

// --- the same numbers in Python

function copyNumpy({ w, b, learning_rate, clip, threshold, timesteps }) {
  const clipping = {
    off: "",
    norm: `    g *= min(1.0, ${literal(threshold)} / (np.linalg.norm(g) + 1e-6))  # as PyTorch clips by norm
`,
    value: `    g = np.clip(g, -${literal(threshold)}, ${literal(threshold)})
`,
  }[clip];
  return `# ${words.comment(timesteps, UPDATES)}
import numpy as np

w, b, lr = ${literal(w)}, ${literal(b)}, ${literal(learning_rate)}
for update in range(${UPDATES + 1}):
    h = [${literal(H_0)}]
    for t in range(${timesteps}):
        h.append(np.tanh(w * h[-1] + b))
    error = h[-1] - ${literal(TARGET)}
    print(f"{w:z.2f} {b:z.2f} {error**2 / 2:.4f}")
    g = np.zeros(2)
    for t in range(${timesteps}, 0, -1):  # backwards through time
        da = error * (1 - h[t] ** 2)
        g += da * h[t - 1], da
        error = da * w
${clipping}    w, b = (w, b) - lr * g
`;
}

function copyPytorch({ w, b, learning_rate, clip, threshold, timesteps }) {
  const clipping = {
    off: "",
    norm: `    torch.nn.utils.clip_grad_norm_([w, b], ${literal(threshold)})
`,
    value: `    torch.nn.utils.clip_grad_value_([w, b], ${literal(threshold)})
`,
  }[clip];
  return `# ${words.comment(timesteps, UPDATES)}
import torch

w = torch.tensor(${literal(w)}, dtype=torch.float64, requires_grad=True)
b = torch.tensor(${literal(b)}, dtype=torch.float64, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=${literal(learning_rate)})
for update in range(${UPDATES + 1}):
    h = torch.tensor(${literal(H_0)}, dtype=torch.float64)
    for t in range(${timesteps}):
        h = torch.tanh(w * h + b)
    loss = (h - ${literal(TARGET)}) ** 2 / 2
    print(f"{w.item():z.2f} {b.item():z.2f} {loss.item():.4f}")
    optimizer.zero_grad()
    loss.backward()
${clipping}    optimizer.step()
`;
}

export const code = { copyNumpy, copyPytorch };

export default explorer({
  words,
  parameters: [
    ...["w", "b"].map((name) => number(name)),
    number("learning_rate", { min: 0 }),
    choice("clip", CLIPS),
    number("threshold", { min: 0 }),
    integer("timesteps", { min: 2, max: MOST_STEPS }),
    integer("update", { min: 1, max: UPDATES, cursor: true }),
  ],
  initial,
  presets,
  compute,
  stage,
  controls,
  choice({ change }) {
    const part = segments({ label: words.clip, options: CLIPS, labels: words.clips, onvalue: (clip) => change({ clip }) });
    return { element: part.element, update: ({ state }) => part.update(state.clip) };
  },
  formula,
  status,
  summary,
  code,
});
