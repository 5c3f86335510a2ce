/**
 * Links to a state: `#name:w_h=1.1;b=0` sets the figure, from the address or from the prose.
 * One in the prose makes an entry in the history, so that Back returns to its sentence.
 */

import { attempt } from "./host.js";
import { formatLink, parseLink } from "./parameters.js";

// What an entry of the history says of itself: that a link was followed from it, or to it.
const FROM = "unrolledFrom";
const TO = "unrolledTo";

/** The hash as it is meant; one that no browser wrote may have a stray percent sign. */
const decoded = (hash) => attempt(() => decodeURIComponent(hash)) ?? hash;

/** Pushes `hash`; false where a page may not, as in a frame without an address. */
function push(hash) {
  return attempt(() => {
    history.replaceState({ ...history.state, [FROM]: true }, "");
    history.pushState({ [TO]: true }, "", hash);
    return true;
  }) ?? false;
}

/**
 * @param {object} figure
 * @param {object} figure.model
 * @param {import("./parameters.js").Parameter[]} figure.parameters
 * @param {Record<string, object>} figure.presets
 * @param {() => object} figure.current
 * @param {(values: object, preset?: string) => void} figure.open from its opening state, with `values`
 * @param {(message: string) => void} figure.say
 * @param {(wanted: boolean) => void} figure.offerWayBack
 * @param {object} figure.words
 * @param {HTMLElement} figure.root
 */
export function links({ model, parameters, presets, current, open, say, offerWayBack, words, root }) {
  const target = (hash) => {
    const [prefix, text] = [`#${model.get("name")}:`, decoded(hash)];
    return text.startsWith(prefix) ? text.slice(prefix.length) : null;
  };
  function show() {
    // at once: a smooth scroll is lost when the page moves meanwhile
    const block = root.offsetHeight > innerHeight - 120 ? "start" : "center";
    root.scrollIntoView({ block, behavior: "instant" });
  }
  /** Set the figure as the link says, and scroll to it; false where it is another's link. */
  function follow(hash) {
    const text = target(hash);
    if (text === null) return false;
    const { values, preset, problems } = parseLink(parameters, text, presets);
    open(values, preset);
    show();
    say(problems.map(([name, given]) => words.badLink({ name, given })).join(" "));
    return true;
  }
  return {
    follow,
    /** A link in the prose was clicked; true where it is this figure's. */
    click(hash) {
      if (target(hash) === null) return false;
      const back = push(hash);
      follow(hash);
      offerWayBack(back);
      return true;
    },
    /** Back and Forward: the browser scrolls, and the figure stays as it is. */
    travel: () => offerWayBack(Boolean(history.state?.[TO]) && target(location.hash) !== null),
    /** The address has changed: by Back or Forward, or because someone wrote it. */
    arrive() {
      if (!history.state?.[FROM] && !history.state?.[TO]) follow(location.hash);
    },
    address: () => `${location.href.split("#")[0]}#${model.get("name")}:${formatLink(parameters, current())}`,
  };
}
