/**
 * What a reader answers, where no kernel listens: the page says what the chapter's check says to
 * it, keeps it on this device alone, where the browser keeps anything, and tells at the chapter's
 * head how much has been answered, with *Copy my answers* and *Clear*.
 */

import { attempt, copy } from "#view/host.js";
import { messages } from "#view/messages.js";
import { judge } from "./verdicts.js";

const SPACE = "unrolled answers ";

const chapterOf = ({ id }) => id.split(".")[0];
const places = () => [...document.querySelectorAll("[data-explorer]")].filter(({ task }) => task);
const kept = (chapter) => attempt(() => JSON.parse(localStorage.getItem(SPACE + chapter))) ?? {};

function keep({ id }, answer) {
  const chapter = chapterOf({ id });
  attempt(() => localStorage.setItem(SPACE + chapter, JSON.stringify({ ...kept(chapter), [id]: answer })));
}

/**
 * Lets the page answer in a kernel's stead: `_said` follows `answer`, or, of a figure that is to
 * be set right, `_asked`. Returns what brings back what was answered before.
 */
export function answering(place, model, { _task: task }, { language, settings }) {
  place.task = task;
  place.answered = undefined;
  if (!task) return () => {};
  const say = judge(task, language);
  const isFigure = !task.rule.form;
  const now = () => (isFigure ? Object.fromEntries(Object.keys(settings).map((name) => [name, model.get(name)])) : model.get("answer"));
  let knows;
  model.knows = (given) => (knows = given);
  function reply(again) {
    const answer = now();
    if (answer === null) return;
    const said = say(answer, knows);
    place.answered = { answer, ...said };
    model.set("_said", { ...said, again });
    keep(task, answer);
    tellHead();
  }
  model.on(isFigure ? "change:_asked" : "change:answer", () => reply(false));
  return () => {
    const before = kept(chapterOf(task))[task.id];
    if (before === undefined) return;
    for (const [name, value] of Object.entries(isFigure ? before : { answer: before })) model.set(name, value);
    if (isFigure) reply(true);
  };
}

function plain(value) {
  if (Array.isArray(value)) return `(${value.map(plain).join(", ")})`;
  if (value !== null && typeof value === "object") return Object.entries(value).map(([name, one]) => `${name}: ${plain(one)}`).join("; ");
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : (value ?? "–");
}

/** The answers as a student hands them in: plain text, a paragraph for each question. */
function asText(title, words) {
  const paragraphs = places().map(({ task, answered }) => {
    if (!answered) return `${task.label}\n${words.notAnswered}`;
    const { answer, text } = answered;
    const option = task.options?.[answer];
    return `${task.label}\n${plain(answer)}${option ? `. ${option}` : ""}\n${text}`;
  });
  return [title, ...paragraphs].join("\n\n");
}

let begin = null; // brings a place to life anew

/** The chapter's head says how many questions have been answered; `start` is kept for *Clear*. */
export function tellHead(start = begin) {
  begin = start;
  const head = document.querySelector("[data-unrolled-answers]");
  if (!head || !begin) return;
  const words = messages(JSON.parse(head.dataset.unrolledAnswers), document.documentElement.lang);
  if (!head.querySelector("button")) head.append(...buttonsOf(head, words));
  const all = places();
  const tried = all.filter(({ answered }) => answered);
  const right = tried.filter(({ answered }) => answered.verdict === "right").length;
  const mayKeep = attempt(() => localStorage.setItem(SPACE, "") ?? localStorage.removeItem(SPACE) ?? true);
  const count = words.count({ right, tried: tried.length, all: all.length });
  head.querySelector("p").textContent = `${count} ${mayKeep ? words.kept : words.forgetful}`;
  for (const button of head.querySelectorAll("button")) button.disabled = tried.length === 0;
}

function buttonsOf(head, words) {
  const button = (text, action) => Object.assign(document.createElement("button"), { type: "button", textContent: text, onclick: action });
  const shown = document.createElement("textarea");
  Object.assign(shown, { readOnly: true, hidden: true, rows: 8 });
  shown.setAttribute("aria-label", words.copy);
  async function copyAll() {
    shown.value = asText(head.dataset.title, words);
    const done = await copy(shown.value);
    head.querySelector("p").textContent = done ? words.copied : words.copyFailed;
    shown.hidden = done;
    if (!done) shown.select();
  }
  function clear() {
    const all = places();
    for (const { task } of all) attempt(() => localStorage.removeItem(SPACE + chapterOf(task)));
    shown.hidden = true;
    all.forEach(begin);
    tellHead();
  }
  return [button(words.copy, copyAll), button(words.clear, clear), shown];
}
