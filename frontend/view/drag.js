/**
 * Pointer on a drawing over time: a tap chooses a step; a vertical drag in the input row moves
 * that input; a horizontal one elsewhere walks through time. A finger drags only the chosen
 * column's grip, so that the page still scrolls everywhere else.
 *
 * @param {HTMLElement} field what holds the drawing and the grip
 * @param {object} does
 * @param {() => {at: (px: number) => number}} does.cols the columns, as they are drawn now
 * @param {() => number} does.reach how many pixels up an input of 1 stands
 * @param {(py: number) => boolean} does.isInput
 * @param {(values: object) => void} does.change of an explorer with an `x` and a `step`
 * @param {() => {x: number[], step: number}} does.current
 * @param {HTMLElement} does.grip over the chosen column's input
 * @param {(px: number, py: number) => ((px: number) => void) | null} [does.sideways] for what can
 *   be taken hold of at that place and moved along the time axis: the function that moves it
 */
export function drag(field, { cols, reach, isInput, change, current, grip, sideways = () => null }) {
  let held = null;
  const select = (px) => change({ step: cols().at(px) + 1 });
  /** An input, moved up by so many pixels from the value it had: within 1, and to two decimals. */
  const set = (k, start, pixels) => {
    const moved = Math.max(-1, Math.min(1, start + pixels / reach()));
    const value = Math.abs(moved) < 0.04 ? 0 : Math.round(moved * 100) / 100;
    change({ x: current().x.map((old, at) => (at === k ? value : old)) });
  };
  const place = (event) => {
    const box = field.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  field.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const [px, py] = place(event);
    const finger = event.pointerType === "touch";
    const k = finger && event.target === grip ? current().step - 1 : cols().at(px);
    const input = isInput(py) && (!finger || event.target === grip);
    const move = sideways(px, py) ?? select;
    held = { k, py, px, start: current().x[k], input, scrub: !isInput(py), move, moved: false };
    if (input || !finger) field.setPointerCapture(event.pointerId);
    if (!finger) move(px);
  });
  field.addEventListener("pointermove", (event) => {
    if (!held) return;
    const [px, py] = place(event);
    held.moved ||= Math.hypot(px - held.px, py - held.py) > 3;
    if (!held.moved) return;
    if (held.input) set(held.k, held.start, held.py - py);
    else if (held.scrub) held.move(px);
  });
  const release = () => (held = null);
  field.addEventListener("pointerup", (event) => {
    if (held && !held.moved) held.move(place(event)[0]);
    release();
  });
  field.addEventListener("pointercancel", release);
}

/**
 * Pointer on a drawing with things in it that move both ways, each under a grip; everything
 * else is for choosing: by a tap, or with a mouse by walking along. A finger drags only the
 * grips, so that the page still scrolls everywhere else.
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
  const place = (event) => {
    const box = field.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  field.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const pixel = place(event);
    const finger = event.pointerType === "touch";
    const under = grips.indexOf(event.target);
    const grip = under >= 0 && (finger || takes(under, pixel)) ? under : -1;
    held = { pixel, finger, grip, moved: false };
    if (under >= 0 || !finger) field.setPointerCapture(event.pointerId);
    if (grip >= 0) hold();
    else if (!finger) choose(pixel, 24);
  });
  field.addEventListener("pointermove", (event) => {
    if (!held) return;
    const pixel = place(event);
    held.moved ||= Math.hypot(pixel[0] - held.pixel[0], pixel[1] - held.pixel[1]) > 3;
    if (!held.moved) return;
    if (held.grip >= 0) move(held.grip, pixel);
    else if (!held.finger) choose(pixel, 40);
  });
  const done = () => {
    if (held && held.grip >= 0) release();
    held = null;
  };
  field.addEventListener("pointerup", (event) => {
    if (held?.finger && !held.moved) choose(place(event), 30);
    done();
  });
  field.addEventListener("pointercancel", done);
}
