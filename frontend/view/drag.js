import { within } from "./shape.js";

/** Where a pointer is, from the field's corner, in the pixels of the drawing: these grow with the reader's letters. */
export function placeIn(field, { clientX, clientY }) {
  const { left, top, width } = field.getBoundingClientRect();
  const pixel = width / field.clientWidth;
  return [(clientX - left) / pixel, (clientY - top) / pixel];
}

/** How many pixels from a bar or its handle a finger may come down and still hold it. */
const NEAR = 20;

/** The bar that is nearest to a pixel, where one is near; else -1. */
function barNear([px, py], values, cols, { zero, reach }) {
  const away = values.map((value, k) => {
    const end = zero - within(value, [-1, 1]) * reach;
    const [top, bottom] = [Math.min(zero, end), Math.max(zero, end)];
    return Math.hypot(px - cols.x(k), py - within(py, [top, bottom]));
  });
  const least = Math.min(...away);
  return least <= Math.max(NEAR, cols.pitch / 2) ? away.indexOf(least) : -1;
}

/**
 * Pointer on a drawing over time with a row of inputs in it. A tap chooses a step; a horizontal
 * drag walks through time. A mouse moves an input anywhere in its column of the row; a finger
 * takes the bar that is nearest to it, and the page scrolls wherever none is near.
 *
 * That a finger holds a bar is said when it comes down (`touchstart`), so no box with a
 * `touch-action` of its own has to lie over each of them.
 *
 * @param {HTMLElement} field what holds the drawing, with `touch-action: pan-y`
 * @param {object} does
 * @param {() => import("./strip.js").columns} does.cols the columns, as they are drawn now
 * @param {() => {zero: number, reach: number}} does.row the inputs' zero line, and how many pixels
 *   above it an input of 1 ends
 * @param {(values: object) => void} does.change of an explorer with an `x` and a `step`
 * @param {() => {x: number[], step: number}} does.current
 * @param {(px: number, py: number) => ((px: number) => void) | null} [does.sideways] for what can
 *   be taken hold of at that place and moved along the time axis: the function that moves it
 */
export function drag(field, { cols, row, change, current, sideways = () => null }) {
  let held = null;
  const select = (px) => change({ step: cols().at(px) + 1 });
  /** An input, moved up by so many pixels from the value it had: within 1, and to two decimals. */
  const set = ({ input: k, start }, pixels) => {
    const moved = within(start + pixels / row().reach, [-1, 1]);
    const value = Math.abs(moved) < 0.04 ? 0 : Math.round(moved * 100) / 100;
    change({ step: k + 1, x: current().x.map((old, at) => (at === k ? value : old)) });
  };
  const inRow = (py) => Math.abs(py - row().zero) < row().reach + 12;
  const touched = (pixel) => barNear(pixel, current().x, cols(), row());
  field.addEventListener("touchstart", (event) => {
    const one = event.touches.length === 1 && touched(placeIn(field, event.touches[0])) >= 0;
    if (!one) return;
    if (event.cancelable) event.preventDefault(); // or the page would scroll
    else held = null; // it scrolls already, and this finger stops it
  }, { passive: false });
  field.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    const [px, py] = placeIn(field, event);
    const finger = event.pointerType === "touch";
    const input = finger ? touched([px, py]) : inRow(py) ? cols().at(px) : -1;
    const move = input >= 0 ? () => change({ step: input + 1 }) : sideways(px, py) ?? select;
    held = { px, py, finger, input, start: current().x[input], move, moved: false };
    if (input >= 0 || !finger) field.setPointerCapture(event.pointerId);
    if (!finger) move(px);
  });
  field.addEventListener("pointermove", (event) => {
    if (!held || !event.isPrimary) return;
    const [px, py] = placeIn(field, event);
    const [across, down] = [Math.abs(px - held.px), Math.abs(py - held.py)];
    if (!held.moved && Math.hypot(across, down) <= 3) return;
    if (!held.moved && held.finger && held.input < 0 && down > across) held = null; // it scrolls the page
    else held.moved = true;
    if (held?.input >= 0) set(held, held.py - py);
    else held?.move(px);
  });
  field.addEventListener("pointerup", (event) => {
    if (held && !held.moved) held.move(placeIn(field, event)[0]);
    held = null;
  });
  field.addEventListener("pointercancel", () => (held = null));
}

/** Pointer on a drawing whose columns alone are chosen: by a tap, or by walking along. `choose` is given the pixel. */
export function walk(field, choose) {
  field.addEventListener("pointerdown", (event) => choose(placeIn(field, event)));
  field.addEventListener("pointermove", (event) => {
    if (event.buttons) choose(placeIn(field, event));
  });
}

/** Of the grips that lie under a pointer the one whose middle is nearest; -1 for none. */
function gripUnder(grips, { clientX, clientY }) {
  const away = grips.map((grip) => {
    const { left, right, top, bottom } = grip.getBoundingClientRect();
    const over = clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
    return over && right > left ? Math.hypot(clientX - (left + right) / 2, clientY - (top + bottom) / 2) : Infinity;
  });
  const least = Math.min(...away);
  return least < Infinity ? away.indexOf(least) : -1;
}

/**
 * Pointer on a drawing with things in it that move both ways, each under a grip, of which the
 * nearest is taken; everything else is for choosing: by a tap, with a mouse by walking along, and
 * with a finger by walking sideways, so that the page still scrolls.
 *
 * @param {HTMLElement} field what holds the drawing and the grips
 * @param {HTMLElement[]} grips
 * @param {object} does pixels are [across, down] from the field's corner
 * @param {(pixel: number[], reach: number) => void} does.choose what lies within `reach` pixels
 * @param {(grip: number, pixel: number[]) => void} does.move what is under that grip
 * @param {(grip: number, pixel: number[]) => boolean} [does.takes] false where a mouse on that
 *   grip means something else
 * @param {() => void} does.hold before the first move
 * @param {() => void} does.release after the last
 */
export function dragGrips(field, grips, { choose, move, takes = () => true, hold, release }) {
  let held = null;
  field.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    const pixel = placeIn(field, event);
    const finger = event.pointerType === "touch";
    const under = gripUnder(grips, event);
    const grip = under >= 0 && (finger || takes(under, pixel)) ? under : -1;
    held = { pixel, finger, grip, moved: false };
    if (under >= 0 || !finger) field.setPointerCapture(event.pointerId);
    if (grip >= 0) hold();
    else if (!finger) choose(pixel, 24);
  });
  field.addEventListener("pointermove", (event) => {
    if (!held || !event.isPrimary) return;
    const pixel = placeIn(field, event);
    const [across, down] = [Math.abs(pixel[0] - held.pixel[0]), Math.abs(pixel[1] - held.pixel[1])];
    if (!held.moved && Math.hypot(across, down) <= 3) return;
    if (!held.moved && held.finger && held.grip < 0 && down > across) held = null; // it scrolls the page
    else held.moved = true;
    if (held?.grip >= 0) move(held.grip, pixel);
    else if (held) choose(pixel, 40);
  });
  const done = () => {
    if (held && held.grip >= 0) release();
    held = null;
  };
  field.addEventListener("pointerup", (event) => {
    if (held?.finger && !held.moved) choose(placeIn(field, event), 30);
    done();
  });
  field.addEventListener("pointercancel", done);
}
