/**
 * What a reader's hand does to a figure, in numbers. An expression: an object of functions, each
 * of a selector of the figure's place. The bench writes them into its table, tests hold them.
 */
(() => {
  const HELD = "input[type=range], input[type=radio], input[type=checkbox], select, button[data-preset]";
  const drawn = () => new Promise((done) => requestAnimationFrame(done)); // what a figure draws, it draws before this
  const figure = (place) => document.querySelector(`${place} .u-explorer`);
  const seen = (control) => control.getClientRects().length > 0 && getComputedStyle(control).visibility === "visible";

  /** What can be held, with what is folded away unfolded; `undo` folds it again. */
  async function held(place, kind = HELD) {
    const folded = [...figure(place).querySelectorAll("details:not([open])")];
    for (const one of folded) one.open = true;
    await new Promise((done) => setTimeout(done)); // a figure hears of it a little later
    await drawn();
    const controls = [...figure(place).querySelectorAll(kind)].filter(seen);
    return { controls, undo: () => folded.forEach((one) => (one.open = false)) };
  }

  const name = (control) =>
    control.getAttribute("aria-label") ?? `${control.closest("fieldset")?.querySelector("legend")?.textContent ?? ""} ${control.labels?.[0]?.textContent ?? control.textContent}`.trim();

  /** The share of an element's box that is on the screen, with nothing over it: asked at three points of a row, which stand elsewhere in the next. */
  function shown(element) {
    const { left, top, width, height } = element.getBoundingClientRect();
    const [across, down] = [3, 40];
    let count = 0;
    for (let i = 0; i < across; i += 1) for (let j = 0; j < down; j += 1) {
      const [x, y] = [left + ((i + ((j % 4) + 0.5) / 4) * width) / across, top + ((j + 0.5) * height) / down];
      const there = document.elementFromPoint(x, y);
      if (there && (there === element || element.contains(there))) count += 1;
    }
    return count / (across * down);
  }

  /** Can the control be seen whole? Of a radio button, the word that is drawn for it. */
  function reachable(control) {
    const box = (control.labels?.[0] ?? control).getBoundingClientRect();
    const points = [[0.5, 0.1], [0.5, 0.5], [0.5, 0.9]].map(([x, y]) => [box.left + x * box.width, box.top + y * box.height]);
    return points.every(([x, y]) => {
      const there = document.elementFromPoint(x, y);
      return there && [...(control.labels ?? []), control].some((one) => one === there || one.contains(there));
    });
  }

  /**
   * Of each control, the share of the drawing that is on the screen while it is held: where it was
   * brought into view, or, if that is not `enough`, scrolled as suits best, the control being seen
   * whole.
   */
  async function view(place, enough = 1) {
    const { controls, undo } = await held(place);
    const stage = figure(place).querySelector(".u-stage");
    const before = scrollY;
    const found = [];
    for (const control of controls) {
      control.scrollIntoView({ block: "center", behavior: "instant" });
      await drawn();
      let best = reachable(control) ? shown(stage) : 0;
      for (let k = 0; k <= 12 && best < enough; k += 1) {
        const { top, height } = (control.labels?.[0] ?? control).getBoundingClientRect();
        // from the foot of the screen to its head
        scrollTo({ top: scrollY + top - (innerHeight - height - 2) * (1 - k / 12), behavior: "instant" });
        await drawn();
        if (reachable(control)) best = Math.max(best, shown(stage));
      }
      found.push([name(control), best]);
    }
    scrollTo({ top: before, behavior: "instant" });
    undo();
    return found;
  }

  /** Writes a value into an input as a hand does; what is typed is done with. */
  function write(input, value) {
    input.value = value;
    for (const type of input.type === "number" ? ["input", "change"] : ["input"]) input.dispatchEvent(new Event(type, { bubbles: true }));
  }

  /** How to go through a control's values: each is a function that sets one. A number box takes those of its slider, and explains an empty one. */
  function values(control) {
    const slider = control.type === "range" ? control : control.type === "number" && control.parentElement.querySelector("input[type=range]");
    if (!slider) return [() => control.click()];
    const [min, max, step] = ["min", "max", "step"].map((end) => Number(slider[end]));
    const all = [0, 0.13, 0.37, 0.5, 0.61, 0.88, 1].map((share) => String(min + step * Math.round((share * (max - min)) / step)));
    return [...all, ...(control === slider ? [] : [""])].map((value) => () => write(control, value));
  }

  /**
   * Of each control, how far any control moves while it goes through its values, and how much the figure grows. At the end
   * the choices are made one after another, twice, and nothing is set back between them: so each is made among the others'.
   */
  async function still(place) {
    const { model } = document.querySelector(place);
    const { controls, undo } = await held(place, `${HELD}, input[type=number]`);
    const root = figure(place);
    const height = () => root.getBoundingClientRect().height;
    /** Where every control is that can be seen. */
    const places = () => new Map([...root.querySelectorAll("input, button, select")].filter(seen).map((one) => {
      const held = one.closest(".u-view") ?? root; // what stays in view moves with the page, not with the hand
      const [{ left, top }, frame] = [one, held].map((each) => each.getBoundingClientRect());
      return [one, [left - frame.left, top - frame.top]];
    }));
    const opened = Object.keys(model.get("_room").settings).map((one) => [one, model.get(one)]);
    async function setBack() {
      for (const [setting, value] of opened) model.set(setting, value);
      await drawn();
    }
    /** How far what was at `first` moves while a control goes through its values, and how much the figure grows. */
    async function moved(control, first, high) {
      let [move, growth] = [0, 0];
      for (const set of values(control)) {
        set();
        await drawn();
        for (const [one, at] of places()) {
          if (first.has(one)) move = Math.max(move, ...at.map((value, k) => Math.abs(value - first.get(one)[k])));
        }
        growth = Math.max(growth, Math.abs(height() - high));
      }
      return [name(control), move, growth];
    }
    const found = new Map();
    for (const control of controls) {
      await setBack();
      found.set(control, await moved(control, places(), height()));
    }
    await setBack();
    const [first, high] = [places(), height()];
    const choices = controls.filter((one) => one.matches("[type=radio], [type=checkbox]"));
    for (const control of [...choices, ...choices].filter(seen)) {
      const [own, ...far] = await moved(control, first, high);
      found.set(control, [own, ...far.map((value, k) => Math.max(value, found.get(control)[k + 1]))]);
    }
    await setBack();
    undo();
    await drawn();
    return [...found.values()];
  }

  /** What a drawing does not cut off of a box that stands in it. */
  function within({ width, top, bottom }, stage) {
    const edge = Math.min(bottom, stage?.getBoundingClientRect().bottom ?? bottom);
    return { width, top, bottom: edge, height: edge - top };
  }

  /**
   * Of each control that can be seen, whatever is folded away: how wide and how high it is where a finger finds it, and
   * whether another stands beside it. Of a radio button that is its label.
   */
  async function sizes(place) {
    const { controls, undo } = await held(place, "input, button, select, summary, textarea");
    const found = controls.map((one) => [one.labels?.[0] ?? one, one])
      .map(([hand, one]) => ({ name: name(one), box: within(hand.getBoundingClientRect(), one.closest(".u-stage")) }));
    undo();
    const beside = (a, b) => a !== b && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
    return found.map(({ name, box }) => [name, box.width, box.height, found.some((other) => beside(box, other.box))]);
  }

  return { view, still, sizes };
})()
