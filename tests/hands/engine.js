
/**
 * The first script of a page that an engine opens: it keeps what the page complains of, and
 * answers what the tests ask. Figures are named by their id, sliders by their number there.
 */

const heard = [];
const name = ({ target }) => target.src || target.href || target;
addEventListener("error", (event) => heard.push(event.message || `not loaded: ${name(event)}`), true);
addEventListener("unhandledrejection", (event) => heard.push(`rejected: ${event.reason}`));
addEventListener("securitypolicyviolation", (event) => heard.push(`forbidden: ${event.blockedURI}`));
for (const how of ["error", "warn"]) {
  const said = console[how];
  console[how] = (...words) => {
    heard.push(words.join(" "));
    said.apply(console, words);
  };
}

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const figures = () => all("[data-explorer]");
const figure = (id) => document.getElementById(id);
const sliders = (place) => all(".unrolled-live input[type=range]", place)
  .filter((one) => getComputedStyle(one).visibility === "visible"); // others wait for their turn
const shown = (element) => element.getClientRects().length > 0;
const far = ({ value, min, max }) => (2 * value > +min + +max ? "Home" : "End");
const handles = (place) => all(".u-stage .u-handle", place).filter((one) => shown(one) && one.checkVisibility({ visibilityProperty: true }));
const inView = (element) => element.scrollIntoView({ block: "center", behavior: "instant" });
const linksOfProse = () => all("article a[href^='#'][href*=':']").filter((link) => !link.closest("[data-explorer]"));
const linkTo = (hash) => linksOfProse().find((link) => link.getAttribute("href") === hash);

/** By how many pixels letters stand out of a part of their formula, to the left or the right. */
function outside(token, part) {
  const letters = document.createRange();
  letters.selectNodeContents(token);
  const [box, whole] = [letters, part].map((one) => one.getBoundingClientRect());
  return box.width ? Math.max(whole.left - box.left, box.right - whole.right) : 0;
}

/** What a letter of a formula is part of: a script, a fraction, up to its cell or its formula. */
function parts(token) {
  const out = [];
  for (let part = token.parentElement; part.matches("math *:not(semantics, mtable)"); part = part.parentElement) out.push(part);
  return out;
}

globalThis.engine = {
  /** Everything that the page has complained of since it was asked last, and what it has of another host. */
  complaints: () => [
    ...heard.splice(0),
    ...performance.getEntriesByType("resource").map((one) => one.name)
      .filter((url) => !url.startsWith(location.origin) && !url.startsWith("data:")),
  ],

  alive: () => document.readyState === "complete" && figures().every((place) => place.dataset.live),

  /** All figures as they were opened, and what they ask before they show answered. */
  setBack() {
    document.activeElement?.blur();
    localStorage.clear();
    for (const place of figures()) globalThis.unrolled.start(place);
    for (const button of all(".u-show")) button.click();
  },

  unfold() {
    for (const folded of all("details")) folded.open = true;
  },

  /** [figure, number, label, the key that moves it farthest] of every slider that is shown. */
  sliders: () => figures().flatMap((place) => sliders(place).map((slider, k) => ({ slider, k }))
    .filter(({ slider }) => shown(slider))
    .map(({ slider, k }) => [place.id, k, slider.ariaLabel, far(slider)])),

  take(id, k) {
    const slider = sliders(figure(id))[k];
    inView(slider);
    slider.focus();
  },

  /** What a slider shows, what it says, and all that its figure shows beside what is held. */
  look(id, k) {
    const { value, ariaValueText } = sliders(figure(id))[k];
    const drawn = figure(id).querySelector(".u-explorer").cloneNode(true);
    for (const one of all(".u-control, input, button, [aria-live]", drawn)) one.remove();
    return [value, ariaValueText, drawn.innerHTML];
  },

  /** The settings of a figure, as its host's model has them. */
  state(id) {
    const names = Object.keys(JSON.parse(figure(id).querySelector("script").textContent));
    return JSON.stringify(names.map((one) => figure(id).model.get(one)));
  },

  /** [figure, how many handles are shown in its drawing], where there are any. */
  handles: () => figures().map((place) => [place.id, handles(place).length]).filter(([, count]) => count),

  /** Where one of them is, in pixels of the window. */
  handle(id, k) {
    const one = handles(figure(id))[k];
    inView(one);
    const { x, y, width, height } = one.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  },

  /** The questions of a page, and where to press on one's option, or on its *Check*. */
  questions: () => figures().filter((place) => place.task?.rule.form).map((place) => place.id),
  option(id, k) {
    const one = all("[data-key], .u-check", figure(id))[k];
    inView(one);
    const { x, y, width, height } = one.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
  },

  /** What is said to an answer, and how high the question is. */
  reply(id) {
    const root = figure(id).querySelector(".u-explorer");
    return [root.querySelector(".said").textContent, root.offsetHeight];
  },

  /**
   * Letters of formulas that lie outside of what they are part of. A letter may hang over by
   * two pixels.
   */
  astray: () => all("math :is(mi, mn, mo, mtext)").flatMap((token) => {
    const part = parts(token).find((one) => outside(token, one) > 2.5);
    if (!part) return [];
    const whole = token.closest("math").textContent.slice(0, 40);
    return [`${token.textContent}, by ${outside(token, part).toFixed(1)} px of its ${part.localName}, in ${whole}`];
  }),

  /** The first link to each figure in the prose: [figure, hash]. */
  links: () => Object.entries(Object.fromEntries(linksOfProse().reverse()
    .map((link) => [link.getAttribute("href").slice(1).split(":")[0], link.getAttribute("href")]))),

  /** Where to click on it, in pixels of the window. */
  link(hash) {
    inView(linkTo(hash));
    const { x, y, width, height } = linkTo(hash).getClientRects()[0];
    return [x + width / 2, y + height / 2];
  },

  /** What it asks of the figure and the figure has not, as far as it is numbers. */
  lacks: (id, hash) => hash.split(":")[1].split(";").map((part) => part.split("="))
    .filter(([key, value]) => !isNaN(value) && figure(id).model.get(key) !== Number(value)),

  /** Whether a figure, or a link, is to be seen. */
  seen(selector) {
    const { top, bottom } = (linkTo(selector) ?? document.querySelector(selector)).getBoundingClientRect();
    return top < innerHeight && bottom > 0;
  },
};
