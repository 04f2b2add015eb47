// Finding one label among many: those that begin with what was typed, then those that hold it.

import { $, element } from "./elements.js";

const slug = (text) => text.trim().toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "");

export function fitting(labels, text) {
  const typed = slug(text);
  if (!typed) return [...labels];
  const begins = labels.filter((label) => label.startsWith(typed));
  const words = labels.filter((label) => !begins.includes(label) && label.includes(`_${typed}`));
  const holds = labels.filter((label) => !begins.includes(label) && !words.includes(label) && label.includes(typed));
  return [...begins, ...words, ...holds];
}

// The dialog that asks for a label: arrows choose, Enter gives it; `give(label)` is told.
export function relabelling(labels, give) {
  let at = 0;
  const options = () => [...$("choices").children];

  function mark(n) {
    at = Math.max(0, Math.min(n, options().length - 1));
    options().forEach((option, place) => option.setAttribute("aria-selected", place === at));
    options()[at]?.scrollIntoView({ block: "nearest" });
    $("filter").setAttribute("aria-activedescendant", options()[at]?.id ?? "");
  }

  function show() {
    const typed = slug($("filter").value);
    const found = fitting(labels(), typed);
    const offered = typed && !labels().includes(typed) ? [...found, typed] : found;
    $("choices").replaceChildren(...offered.map((label, n) => {
      const option = element("div", { id: `choice-${n}`, textContent: labels().includes(label) ? label : `${label} (new)`, onclick: () => take(label) });
      option.setAttribute("role", "option");
      option.dataset.label = label;
      return option;
    }));
    mark(0);
  }

  function take(label) {
    $("relabel").close();
    if (label) give(label);
  }

  $("filter").oninput = show;
  $("filter").onkeydown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark(at + step);
    else if (event.key === "Enter") take(options()[at]?.dataset.label);
    else return;
    event.preventDefault();
  };
  return () => {
    $("filter").value = "";
    $("relabel").showModal();
    show();
  };
}
