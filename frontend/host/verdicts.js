/**
 * What a kernel says to an answer where there is one, the page says itself: by the rule and the
 * words of the chapter's check, which stand in the figure's task.
 */

import { outcome } from "#core/rules.js";
import { messages } from "#view/messages.js";

/** The names of a figure's rule, from what the figure `knows` of itself in a state. */
const namesOf = (knows, more = {}) => {
  let known = null;
  return {
    find: (name) => (known ??= knows(more))[name],
    given: (values) => namesOf(knows, { ...more, ...values }),
  };
};

/** @returns {(answer: unknown, knows?: (values: object) => object) => {verdict: string, key: string, text: string}} */
export function judge({ rule, words }, language) {
  const own = messages(words.own, language);
  const verdicts = messages({ right: words.right, not_yet: words.not_yet, not_tried: words.not_tried }, language);
  const tell = ({ key, values }) => {
    const message = key ? own.hints[key] : own.right;
    if (typeof message === "string") return message;
    const told = new Proxy(values, { get: (all, name) => (all[name]?.values ? tell(all[name]) : all[name]) });
    return message(told);
  };
  return (answer, knows) => {
    const found = outcome(rule, rule.form ? answer : namesOf(knows));
    return { verdict: found.verdict, key: found.key ?? "right", text: `${verdicts[found.verdict]} ${tell(found)}` };
  };
}
