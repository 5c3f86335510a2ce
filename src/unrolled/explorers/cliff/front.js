/**
 * Gradient descent on the loss of one recurrent unit, over w and b, a walk on a map with a cliff
 * in it: the front end of its room.
 */

import { H_0, lastState, lossAt, TARGET, UPDATES, walk } from "#core/cliff.js";
import { logFrame } from "#view/chart.js";
import { regions, sampled } from "#view/contours.js";
import { columnSlider, settingControl, settingSegments } from "#view/controls.js";
import { freeGrip, moveGrip } from "#view/disc.js";
import { html, partsOf, patch, repeat, sketch, svg } from "#view/dom.js";
import { dragGrips } from "#view/drag.js";
import { explorer } from "#view/explorer.js";
import { signed } from "#view/formula.js";
import { decimalsFor, fixed, literal, short, significant, tenTo, trimmed } from "#view/number.js";
import { arrow, pathThrough } from "#view/plane.js";
import { shapeOf, within } from "#view/shape.js";
import { symbolNodes } from "#view/slider.js";
import { columns, cursorBand, tickLane } from "#view/strip.js";

const LEVELS = [0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1];
const HIGHEST = 1.25; // of the loss, on the scale of the cut
const SIZES = { low: -4, high: 2 }; // powers of ten, of the gradient's length

export const compute = walk;

const length = (pair) => Math.hypot(...pair);
const finite = (pair) => pair.every(Number.isFinite);
const round = (value) => Math.round(value * 10) / 10;
const evenly = ([low, high], count) =>
  Array.from({ length: count }, (_, k) => low + ((high - low) * k) / (count - 1));

// --- where things stand

/** A rectangle in the drawing: what lies across it from left to right, and up. */
function boxFrame({ x, y, width, height, across, up }) {
  const [perX, perY] = [width / (across[1] - across[0]), height / (up[1] - up[0])];
  const holds = ([px, py]) => px >= 0 && px <= width && py >= 0 && py <= height;
  return {
    x, y, width, height, across, up, perX, perY, holds,
    /** What lies far away keeps its direction from the middle, and is a number that a browser can draw. */
    at([a, u]) {
      const [dx, dy] = [(a - across[0]) * perX - width / 2, (up[1] - u) * perY - height / 2].map((d) => within(d, [-1e300, 1e300]));
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

/**
 * Where the map stands, the cut below it, and the lane of the gradients below both, or on a phone
 * held sideways beside them. The height follows from the width and the room alone.
 */
function layoutFor({ width, room }) {
  const shape = shapeOf({ width, room });
  const height = within(room, { wide: [500, 580], short: [280, 330], narrow: [360, 444] }[shape]);
  const [left, right] = [shape === "wide" ? 44 : 32, 10];
  if (shape === "short") {
    const beside = Math.round(width * 0.42);
    const map = { x: left, y: 20, width: width - beside - left - 34, height: height - 108 };
    return { shape, height, map, cut: { ...map, y: height - 80, height: 56 }, lane: [40, height - 62], side: { left: width - beside, right }, foot: height - 42, time: height - 40 };
  }
  const [cut, lane, low] = shape === "wide" ? [86, 72, 34] : [62, 46, 42];
  const foot = height - low - 8;
  const map = { x: left, y: 20, width: width - left - right, height: foot - 20 - lane - 48 - cut - 8 - 20 };
  const end = 28 + map.height + cut;
  return { shape, height, map, cut: { ...map, y: 28 + map.height, height: cut }, lane: [end + 48, end + 48 + lane], side: { left, right }, foot, time: height - low };
}

/** Where all of it stands, with scales. */
function placeFor({ state, result, ...view }, { w, b }) {
  const { width, room } = view;
  const { map, cut, lane, side, ...layout } = layoutFor({ width, room });
  const across = [b.low, b.high];
  const place = {
    ...layout,
    wide: layout.shape === "wide",
    map: boxFrame({ ...map, across, up: [w.low, w.high] }),
    cut: boxFrame({ ...cut, across, up: [0, HIGHEST] }),
    sizes: logFrame({ top: lane[0], bottom: lane[1], ...SIZES }),
    cols: columns(width, UPDATES, side),
    at: state.update - 1,
  };
  place.walk = result.points.map(([weight, bias]) => place.map.at([bias, weight]));
  return place;
}

const drawn = (pixel) => !pixel.some(Number.isNaN);

/** Shows a mark that stands at a pixel, or hides it. */
const put = (mark, pixel) => patch(mark, pixel
  ? { cx: round(pixel[0]), cy: round(pixel[1]), visibility: null } : { visibility: "hidden" });

/** Texts, each [x, y, anchor, text, class]. */
function write(group, texts) {
  repeat(group, texts.length, () => svg("text")).forEach((element, n) => {
    const [x, y, anchor, text, look = null] = texts[n];
    patch(element, { x: round(x), y: round(y), "text-anchor": anchor, text, class: look });
  });
}

// --- the map

/** Where the lines of the map cross its foot and its left side, and there is room for their numbers. */
function levelPlaces(frame, timesteps) {
  const { across, up } = frame;
  const foot = evenly(across, 201).map((b) => [b, up[0] + 0.14]);
  const side = evenly(up, 201).map((w) => [across[0] + 0.07, w]).filter(([, w]) => w > up[0] + 0.3);
  const shown = [];
  for (const line of [foot, side]) {
    const heights = line.map(([b, w]) => lossAt(w, b, timesteps));
    line.forEach((point, k) => LEVELS.forEach((level) => {
      if (!k || (heights[k] >= level) === (heights[k - 1] >= level)) return;
      const [x, y] = frame.at(point);
      const clear = shown.every((other) => Math.abs(other.x - x) > 34 || Math.abs(other.y - y) > 16);
      if (clear && x > 16 && x < frame.width - 16 && y > 12) shown.push({ level, x, y });
    }));
  }
  return shown;
}

/**
 * The contour lines of the loss. It is at least so high where h_T is far enough above the target
 * or below it: looked at one by one, both lines are found even where they run on either side of a
 * cliff's foot.
 */
function contours() {
  const bands = svg("g", { class: "heights" });
  const levels = svg("g");
  let last = "";
  return {
    elements: [bands, levels],
    /** They change with the number of steps alone, and with the map's size. */
    update(frame, timesteps) {
      const key = `${timesteps} ${frame.width}`;
      if (last === key) return;
      last = key;
      // a little beyond the map, so that a region's edge along its end is not seen
      const ends = ([low, high], count) => evenly([low - 0.05, high + 0.05], count);
      const above = sampled((b, w) => lastState(w, b, timesteps), ends(frame.across, 44), ends(frame.up, 32));
      const below = { ...above, f: (b, w) => -above.f(b, w), rows: above.rows.map((row) => row.map((value) => -value)) };
      repeat(bands, LEVELS.length, () => svg("path")).forEach((region, n) => {
        const away = Math.sqrt(2 * LEVELS[n]);
        const rings = [...regions(above, TARGET + away, 5e-3), ...regions(below, away - TARGET, 5e-3)];
        patch(region, { d: rings.map((one) => `${pathThrough(frame, one)}z`).join("") });
      });
      write(levels, levelPlaces(frame, timesteps).map(({ level, x, y }) => [x, y + 4, "middle", String(level), "u-halo"]));
    },
  };
}

/** The walk with its dots, the arrow of the chosen update, and the handle at its start. */
function walkMarks() {
  const section = svg("path", { class: "cut-line" });
  const ghostPath = svg("path", { class: "u-ghost" });
  const path = svg("path", { class: "u-path u-past" });
  const dots = svg("g", { class: "u-dots" });
  const move = svg("path", { class: "u-arrow" });
  const handle = svg("circle", { class: "u-handle", r: 6.5 });
  const look = (k, at) => (k === at ? { r: 6, class: "u-here" } : { r: 3.5, class: k < at ? "u-past" : "" });
  return {
    elements: [section, ghostPath, path, dots, move],
    handle,
    update({ result, ghost }, { map, walk: pixels, at }) {
      const through = ({ points }) => pathThrough(map, points.map(([w, b]) => [b, w]));
      const [from, to] = [pixels[at], pixels[at + 1]];
      patch(section, { d: drawn(from) && from[1] >= 0 && from[1] <= map.height ? `M0 ${round(from[1])}H${map.width}` : null });
      patch(ghostPath, { d: ghost ? through(ghost) : null });
      patch(path, { d: through(result) });
      const seen = pixels.map((_, k) => k).filter((k) => k > 0 && drawn(pixels[k]) && map.holds(pixels[k]));
      repeat(dots, seen.length, () => svg("circle")).forEach((dot, n) => {
        const [x, y] = pixels[seen[n]];
        patch(dot, { cx: round(x), cy: round(y), ...look(seen[n], at) });
      });
      patch(move, { d: drawn(to) ? arrow(map, from, to, at ? 6 : 7) : null });
      put(handle, pixels[0]);
      patch(handle, { class: at === 0 ? "u-handle held" : "u-handle" });
    },
  };
}

/** The point from which an update throws the walk off, named. */
function edgeMark(words) {
  const ring = svg("circle", { class: "thrown", r: 10 });
  const name = svg("text", { class: "u-strong u-halo", "text-anchor": "end", text: words.thrown });
  return {
    ring,
    name,
    update({ thrown }, { map, walk: pixels }) {
      const edge = thrown === null ? null : pixels[thrown - 1];
      const marked = edge !== null && drawn(edge) && map.holds(edge);
      put(ring, marked ? edge : null);
      patch(name, { visibility: marked ? null : "hidden" });
      if (!marked) return;
      // at its left, where the walk does not come from, and away from where it is thrown
      const end = Math.max(70, edge[0] - 15);
      const away = end > edge[0] - 15 ? 16 : 8;
      const below = pixels[thrown][0] < edge[0];
      patch(name, { x: round(end), y: round(below ? Math.min(map.height - 5, edge[1] + away + 11) : Math.max(13, edge[1] - away)) });
    },
  };
}

// --- the cut through the map

/** The loss along the dashed line of the map, and how steep it is where the update starts. */
function cutPart() {
  const guide = svg("path", { class: "cut-line" });
  const under = svg("path", { class: "under" });
  const profile = svg("path", { class: "profile" });
  const slope = svg("path", { class: "slope" });
  const fall = svg("path", { class: "u-arrow" });
  const ball = svg("circle", { class: "u-here", r: 6 });
  const inside = svg("svg", { overflow: "hidden" }, under, slope, profile, fall, svg("g", { class: "u-dots" }, ball));
  return {
    elements: [guide, inside],
    update({ state, result }, { map, cut, at }) {
      const [w, b] = result.points[at];
      const { x, y, width, height } = cut;
      patch(inside, { x, y, width, height });
      const known = finite([w, b]);
      const line = known ? pathThrough(cut, evenly(cut.across, Math.round(width / 2.5)).map((one) => [one, lossAt(w, one, state.timesteps)])) : "";
      patch(profile, { d: line });
      patch(under, { d: line && `${line}V${height}H0z` });
      const here = known ? cut.at([b, result.losses[at]]) : null;
      const seen = here !== null && cut.holds(here) ? here : null;
      put(ball, seen);
      // across the map, a line that touches the curve at the ball
      const steep = Math.atan(result.gradients[at][1] * (cut.perY / cut.perX));
      const [dx, dy] = [34 * Math.cos(steep), 34 * Math.sin(steep)];
      patch(slope, { d: seen && `M${round(seen[0] - dx)} ${round(seen[1] + dy)}L${round(seen[0] + dx)} ${round(seen[1] - dy)}` });
      const next = seen && cut.at([result.points[at + 1][1], result.losses[at]]);
      patch(fall, { d: next && drawn(next) ? arrow(cut, seen, next, 6) : null });
      const top = map.at([b, w])[1];
      patch(guide, { d: seen && top >= 0 && top <= map.height ? `M${round(x + seen[0])} ${round(map.y + top)}V${round(y + seen[1])}` : null });
    },
  };
}

// --- the gradients, one column an update

/** How high the bar of a gradient stands. */
const barTop = ({ sizes }, pair) => within(sizes.y(length(pair)), [sizes.top - 3, sizes.bottom]);

/** The lengths on a logarithmic axis: of the whole gradient, and of what clipping leaves of it. */
function sizeLane() {
  const axis = svg("g", { class: "u-axis" });
  const [whole, left, cuts, crosses, ghosts] = ["whole", "left", "u-cut", "u-cross", "u-ghost"].map((name) => svg("path", { class: name }));
  function drawAxis({ cols, sizes }) {
    const powers = sizes.ticks(22);
    repeat(axis, powers.length, () => svg("g", {}, svg("line"), svg("text", { "text-anchor": "end" }))).forEach((group, n) => {
      const y = round(sizes.y(10 ** powers[n]));
      patch(partsOf(group)[0], { x1: cols.left, x2: cols.end, y1: y, y2: y, "stroke-dasharray": n ? "2 4" : null });
      patch(partsOf(group).at(-1), { x: cols.left - 6, y: y + 4, text: powers[n] ? tenTo(powers[n]) : "1" });
    });
  }
  return {
    elements: [axis, whole, left, cuts, crosses, ghosts],
    update({ result, ghost }, place) {
      drawAxis(place);
      const { cols, sizes: { top, bottom, high } } = place;
      const thick = Math.max(3, cols.pitch * 0.6);
      const each = (pairs, mark) => pairs.map((pair, k) => mark(pair, cols.x(k), k)).join("");
      const bar = (pair, x) => {
        const y = barTop(place, pair);
        return y < bottom ? `M${round(x - thick / 2)} ${bottom}V${round(y)}h${round(thick)}V${bottom}z` : "";
      };
      patch(whole, { d: each(result.gradients, bar) });
      patch(left, { d: each(result.moves, bar) });
      patch(cuts, {
        d: each(result.gradients, (pair, x) =>
          (length(pair) > 10 ** high ? `M${round(x - thick)} ${top + 6}l${round(2 * thick)} -4m0 5l${round(-2 * thick)} 4` : "")),
      });
      patch(crosses, {
        d: each(result.gradients, (pair, x) => (Number.isNaN(length(pair)) ? `M${round(x - 3)} ${bottom - 8}l6 6m0 -6l-6 6` : "")),
      });
      patch(ghosts, {
        d: ghost && each(ghost.gradients, (pair, x, k) => {
          const y = barTop(place, pair);
          const moved = Math.abs(y - barTop(place, result.gradients[k])) > 0.8;
          return moved ? `M${round(x - thick / 2 - 1.5)} ${round(y)}h${round(thick + 3)}` : "";
        }),
      });
    },
  };
}

/** The height above which a gradient is shortened, where it is clipped by its norm. */
function limitMark() {
  const line = svg("path", { class: "limit" });
  const handle = svg("circle", { class: "u-handle", r: 6.5 });
  return {
    elements: [line, handle],
    /** @returns {number[]|null} where its handle stands */
    update({ state }, place) {
      const { left, end } = place.cols;
      const at = state.clip === "norm" && state.threshold > 0 ? [end - 4, round(barTop(place, [state.threshold]))] : null;
      patch(line, { d: at && `M${left} ${at[1]}H${end}` });
      put(handle, at);
      return at;
    },
  };
}

// --- what stands beside it

/** The frames, the numbers of their axes, and what each part is called. */
function legend(words) {
  const frames = svg("g", { class: "u-axis frames" });
  const names = svg("g");
  const scale = svg("g");

  function captions({ result }, { map, cut, sizes, cols, foot, shape, wide, at }) {
    const { x, y, width } = map;
    const [w, b] = result.points[at];
    const off = finite([w, b]) && !map.holds(map.at([b, w]));
    const told = (say, [weight, bias]) => say({ wide, update: result.thrown, w: short(weight), b: short(bias) });
    const caption = off ? told(words.off, [w, b]) : result.thrown === null ? "" : told(words.landed, result.points[result.thrown]);
    return [
      [x, y - 7, "start", shape === "short" ? "w" : words.weight, "u-halo"],
      [x + width, y - 7, "end", caption, "u-halo u-strong"],
      [x + map.at([0.75, 0])[0], cut.y + cut.height + 15, "middle", wide ? words.bias : "b", "u-halo"],
      [x + width - 8, cut.y + 17, "end", words.cut({ wide: wide && !off && Number.isFinite(w), w: significant(w) }), "u-halo"],
      [cols.left, sizes.top - 12, "start", words.sizes({ wide }), "u-halo"],
      [0, foot, "start", wide ? words.update : "", "u-halo"],
    ];
  }

  return {
    frames,
    elements: [scale, names],
    update(view, place) {
      const { map, cut } = place;
      const { x, width } = map;
      repeat(frames, 2, () => svg("rect")).forEach((frame, n) => {
        const box = n ? cut : map;
        patch(frame, { x: box.x, y: box.y, width: box.width, height: box.height });
      });
      const numbers = [
        ...[0, 0.5, 1, 1.5, 2].map((value) => [x - 6, map.y + map.at([0, value])[1] + 4, "end", value]),
        ...[0, 1].map((value) => [x - 6, cut.y + cut.height * (1 - value / HIGHEST) + 4, "end", value]),
        ...[-0.5, 0, 0.5, 1, 1.5].map((value) => [x + map.at([value, 0])[0], cut.y + cut.height + 15, "middle", value]),
      ];
      write(scale, numbers.map(([tx, ty, anchor, value]) => [Math.min(tx, x + width - 6), ty, anchor, fixed(value, value % 1 ? 1 : 0)]));
      write(names, captions(view, place));
    },
  };
}

// --- the drawing

/** The point of the walk nearest to a pixel, and how far away it is. */
function nearest({ map, walk: pixels }, [px, py]) {
  const away = pixels.map(([x, y]) => Math.hypot(map.x + x - px, map.y + y - py));
  const distance = Math.min(...away.filter((value) => !Number.isNaN(value)));
  return { k: away.indexOf(distance), distance };
}

/** A column, or a dot of the walk, chooses an update; the start and the threshold are dragged. */
function dragMarks(field, grips, change, placed) {
  dragGrips(field, grips, {
    choose(pixel, reach) {
      const { cols, sizes, cut } = placed();
      if (pixel[1] > sizes.top - 24 && pixel[0] > cols.left - 20) return change({ update: cols.at(pixel[0]) + 1 });
      const { k, distance } = nearest(placed(), pixel);
      return pixel[1] < cut.y && distance <= reach ? change({ update: Math.min(UPDATES, k + 1) }) : undefined;
    },
    takes: (grip, pixel) => grip === 1 || nearest(placed(), pixel).k === 0,
    move(grip, [px, py]) {
      const { map, sizes: { top, bottom, low, high } } = placed();
      if (grip === 1) {
        const power = high - (py - top) / ((bottom - top) / (high - low));
        return change({ threshold: Number((10 ** within(power, [-2, high])).toPrecision(2)) });
      }
      const [b, w] = map.value([px - map.x, py - map.y]);
      return change({ w: Math.round(within(w, map.up) * 100) / 100, b: Math.round(within(b, map.across) * 100) / 100 });
    },
    hold() {},
    release() {},
  });
}

function stage({ change, settings, words }) {
  const [ground, marks, edge, cut] = [contours(), walkMarks(), edgeMark(words), cutPart()];
  const [band, bars, limit, ticks, beside] = [cursorBand(), sizeLane(), limitMark(), tickLane(), legend(words)];
  const map = svg("svg", { overflow: "hidden" }, ...ground.elements, ...marks.elements, edge.ring, marks.handle, edge.name);
  const drawing = svg("svg", { role: "img" }, beside.frames, map, ...cut.elements, band.element, ...bars.elements, ...limit.elements,
    ticks.element, ...beside.elements);
  const grips = ["start", "threshold"].map(freeGrip);
  const field = html("div", { class: "u-field" }, drawing, ...grips);
  const time = columnSlider({ max: UPDATES, label: words.updateControl, onvalue: (update) => change({ update }) });
  let place;
  dragMarks(field, grips, change, () => place);

  function update(view) {
    const { state, result, width } = view;
    place = placeFor(view, settings);
    const { cols, at, sizes, foot, time: below, height } = place;
    patch(drawing, { width, height, viewBox: `0 0 ${width} ${height}`, "aria-label": view.label });
    patch(map, { x: place.map.x, y: place.map.y, width: place.map.width, height: place.map.height });
    ground.update(place.map, state.timesteps);
    marks.update(view, place);
    edge.update(result, place);
    cut.update(view, place);
    band.update({ cols, at, top: sizes.top - 4, bottom: foot + 6 });
    bars.update(view, place);
    const held = limit.update(view, place);
    ticks.update({ cols, at, y: foot, gap: 18 });
    beside.update(view, place);
    moveGrip(grips[0], place.map, place.walk[0]);
    moveGrip(grips[1], { x: 0, y: 0, holds: () => held !== null }, held ?? [0, 0]);
    time.update({ cols, value: state.update, text: words.updateValue({ update: state.update, updates: UPDATES }) });
    time.element.style.top = `${below}px`;
  }
  return { element: html("div", { class: "u-timed" }, field, time.element), update };
}

// --- the formula, the sliders, the words

function formula({ state, result, words }) {
  const k = state.update;
  const [from, to] = [result.points[k - 1], result.points[k]];
  const [gradient, move] = [result.gradients[k - 1], result.moves[k - 1]];
  const cut = gradient.some((part, n) => part < move[n] || part > move[n]);
  const pair = (values) => `(${values.map((value) => significant(value)).join(", ")})`;
  const row = (name, n) => {
    const { decimals, exact } = decimalsFor([from[n], state.learning_rate, move[n]], ([p, q, r]) => p - q * r, to[n], 3);
    return sketch("div", {},
      sketch("span", {}, ...symbolNodes(`${name}_${k}`), " = ", ...symbolNodes(`${name}_${k - 1}`), ` − ${words.rate} × `,
        ...symbolNodes(cut ? "c" : "g"), sketch("sub", {}, sketch("i", { text: name }))), " ",
      sketch("span", { text: `= ${trimmed(from[n], decimals)} − ${trimmed(state.learning_rate, decimals)} × ${signed(move[n], decimals)}` }), " ",
      sketch("span", {}, exact ? "= " : "≈ ", sketch("b", { text: fixed(to[n], 3) })));
  };
  const clipped = () => words.clipped({ clip: state.clip, threshold: String(state.threshold) });
  return [
    sketch("div", {},
      sketch("span", {}, ...symbolNodes("g"), " = ", "(∂L/∂w, ∂L/∂b)", ` = ${pair(gradient)},`), " ",
      sketch("span", { text: words.length({ length: significant(length(gradient)) }) }),
      ...(cut ? [" ", sketch("span", {}, `${clipped()} `, ...symbolNodes("c"), ` = ${pair(move)}`)] : [])),
    row("w", 0),
    row("b", 1),
  ];
}

function controls(tools) {
  const { change, current, words } = tools;
  const one = (name, symbol, more = {}) => settingControl(tools, name, { symbol, label: words.controls[name], ...more });
  // first what the start's own handle does not do
  return [
    // a threshold that is moved is meant to clip
    one("threshold", words.clipAt, {
      onvalue: (threshold) => change({ threshold, ...(current().clip === "off" ? { clip: "norm" } : {}) }),
    }),
    one("learning_rate", words.rate),
    one("timesteps", "T"),
    one("w", "w_0"),
    one("b", "b_0"),
  ];
}

function summary({ state, result, words }) {
  const [w, b] = result.points[state.update].map((value) => significant(value));
  return words.summary({ update: state.update, w, b, loss: significant(result.losses[state.update]), thrown: result.thrown ?? 0 });
}

function status({ result, words }) {
  const overflow = result.points.findIndex((point) => !finite(point));
  return overflow >= 0 ? words.overflow({ update: overflow }) : null;
}

// --- the same numbers in Python

function copyNumpy({ w, b, learning_rate, clip, threshold, timesteps }, words) {
  const clipping = {
    off: "",
    norm: `    g *= min(1.0, ${literal(threshold)} / (np.linalg.norm(g) + 1e-6))  # as PyTorch clips by norm
`,
    value: `    g = np.clip(g, -${literal(threshold)}, ${literal(threshold)})
`,
  }[clip];
  return `# ${words.comment({ timesteps, updates: UPDATES })}
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

function copyPytorch({ w, b, learning_rate, clip, threshold, timesteps }, words) {
  const clipping = {
    off: "",
    norm: `    torch.nn.utils.clip_grad_norm_([w, b], ${literal(threshold)})
`,
    value: `    torch.nn.utils.clip_grad_value_([w, b], ${literal(threshold)})
`,
  }[clip];
  return `# ${words.comment({ timesteps, updates: UPDATES })}
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

/** What was computed, by the names that the face has for it. */
export const names = (state, { points, thrown }) => ({ path: points, thrown_at: thrown });

export default explorer({
  cursors: ["update"],
  compute, names,
  stage,
  controls,
  choice: (tools) => settingSegments(tools, "clip", tools.words.clip, tools.words.clips),
  formula,
  status,
  summary,
  code,
});
