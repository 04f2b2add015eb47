// What stands on the page: one figure a picture, a pair or a family; lists and tables. No state.

export const $ = (id) => document.getElementById(id);

export function element(tag, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}

const plain = (word) => word.replaceAll("_", " ");

export function thumb(entry, alt = entry.label) {
  return element("img", { src: `thumb/${entry.sha}.jpg`, loading: "lazy", decoding: "async", alt });
}

export function describe(entry) {
  const found = entry.findings.map((f) => `${plain(f.check)} ${f.score.toPrecision(3)} (limit ${f.threshold})`);
  const verdict = entry.reason ? [`${entry.state} by ${entry.by}: ${entry.reason}`] : [];
  const ranks = Object.entries(entry.labels).map(([label, rank]) => `${label} at rank ${rank}`);
  return [`${entry.width}×${entry.height}`, ...ranks, ...verdict, ...found, entry.sha.slice(0, 16)].join(" · ");
}

// What a model says of the label: evidence beside the picture.
function doubt({ kind, score, suggested }, view) {
  if (kind === "label") return `rather ${suggested}?`;
  if (kind === "off_topic") return "off topic?";
  return view === "odd" ? `odd ${score.toFixed(2)}` : "";
}

// The label that `t` takes, undefined where none is suggested.
export const suggestion = (entry) => entry?.doubts?.find((one) => one.suggested)?.suggested;

export function captioned(entry, view) {
  const figure = element("figure");
  const tags = element("div", { className: "tags" });
  const others = Object.keys(entry.labels).filter((label) => label !== entry.label);
  const words = [...entry.findings.map((f) => plain(f.check)), ...others.map((l) => `also ${l}`),
    ...entry.doubts.map((one) => doubt(one, view)).filter(Boolean)];
  tags.append(...words.map((textContent) => element("span", { textContent })));
  figure.title = describe(entry);
  figure.append(element("div", { className: "well" }, thumb(entry, "")), tags, element("div", { className: "state" }),
    element("figcaption", {}, element("b", { textContent: entry.label }),
      element("span", { textContent: entry.side ?? "" })));
  figure.dataset.state = entry.state;
  figure.setAttribute("aria-label", [entry.label, entry.side, entry.state, ...words].filter(Boolean).join(", "));
  return figure;
}

export function paired(entry, decide) {
  const figure = element("figure", { className: "pair" });
  for (const one of [entry, entry.other]) {
    figure.append(element("div", { className: "well", title: describe(one) }, thumb(one)));
  }
  const { phash, dhash, pixels, likeness } = entry.distance;
  const apart = likeness === null ? [`hash ${phash ?? "–"}·${dhash ?? "–"}`, `pixels ${pixels?.toFixed(1) ?? "–"}`]
    : [`likeness ${likeness.toFixed(2)}`];
  const words = [`${entry.width}×${entry.height} / ${entry.other.width}×${entry.other.height}`,
    entry.label === entry.other.label ? entry.label : `${entry.label} / ${entry.other.label}`,
    ...apart];
  const buttons = [["same", "duplicate", "s"], ["different", "not", "f"]].map(([word, textContent, key]) => {
    const button = element("button", { textContent, onclick: (event) => { event.stopPropagation(); decide(word); } });
    button.dataset.do = word;
    button.append(element("kbd", { textContent: key }));
    return button;
  });
  figure.append(element("div", { className: "facts" }, element("span", { textContent: words.join("  ·  ") }),
    element("span", {}, ...buttons)));
  figure.dataset.same = entry.same;
  const said = entry.same === null ? "undecided" : entry.same ? "duplicates" : "not duplicates";
  figure.setAttribute("aria-label", `pair, ${entry.label}, ${said}`);
  return figure;
}

// The picture that is kept first; each of the others can be kept in its place.
export function family(entry, keep) {
  const figure = element("figure", { className: "family" });
  entry.members.forEach((one, n) => {
    const kept = one.state !== "dropped";
    const size = one.bytes >= 1e6 ? `${(one.bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(one.bytes / 1e3)} KB`;
    const button = element("button", { textContent: kept ? "kept " : "keep this ", onclick: (event) => { event.stopPropagation(); keep(n); } });
    button.setAttribute("aria-pressed", kept);
    button.setAttribute("aria-description", `${one.width} by ${one.height}, ${size}`); // its name is what it shows
    if (n < 9) button.append(element("kbd", { textContent: n + 1 }));
    const cell = element("div", { className: "member", title: describe(one) },
      element("div", { className: "well" }, thumb(one, "")),
      element("div", { className: "facts" },
        element("span", { textContent: `${one.width}×${one.height} · ${size}${one.side ? ` · ${one.side}` : ""}` }), button));
    cell.dataset.state = one.state;
    figure.append(cell);
  });
  if (entry.more) figure.append(element("p", { textContent: `and ${entry.more} more, left out` }));
  figure.setAttribute("aria-label", `family of ${entry.members.length + entry.more}, ${entry.label}`);
  return figure;
}

// Buttons stay the same elements while their words stay: one replaced under the pointer loses its click.
export function list(nav, items, pressed, choose) {
  const names = JSON.stringify(items.map(([key]) => key));
  if (nav.dataset.names !== names) {
    nav.dataset.names = names;
    nav.replaceChildren(...items.map(([key, text]) => element("button", { onclick: () => choose(key), title: text },
      element("span", { textContent: text }), element("span"))));
  }
  items.forEach(([key, , count], n) => {
    nav.children[n].setAttribute("aria-pressed", key === pressed);
    nav.children[n].lastChild.textContent = count;
  });
}

const percent = ([low, high]) => `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)} %`;

export function sides(table) {
  return ["val", "test", "train"].filter((name) => table[name]).map((name) => {
    const { pictures, seen, precision } = table[name];
    const bar = element("i");
    bar.style.setProperty("--done", `${100 * seen / pictures}%`);
    const right = seen ? `, ${percent(precision)} right` : "";
    return element("span", { title: "share of right labels among those looked at, 95 % interval" },
      element("b", { textContent: name }), bar, `${seen} / ${pictures}${right}`);
  });
}

// A table a split and grouping, those looked at first: that is what the numbers speak of.
export function precisionTables(rows) {
  const found = [];
  for (const by of ["label", "engine"]) {
    const mine = rows.filter((row) => row.by === by);
    if (!mine.length) continue;
    const head = ["split", by, "pictures", "looked at", "wrong", "right (95 % interval)"];
    const body = mine.map((row) => element("tr", {},
      ...[row.split, row.name, row.pictures, row.seen, row.wrong, row.seen ? percent(row.precision) : "not known"]
        .map((textContent) => element("td", { textContent }))));
    const table = element("table", {}, element("caption", { textContent: `By ${by}` }),
      element("thead", {}, element("tr", {}, ...head.map((textContent) => element("th", { scope: "col", textContent })))),
      element("tbody", {}, ...body));
    const scrolled = element("div", { className: "wide", tabIndex: 0 }, table);
    scrolled.setAttribute("role", "region");
    scrolled.setAttribute("aria-label", `precision by ${by}`);
    found.push(scrolled);
  }
  if (!found.length) found.push(element("p", { textContent: "Nothing is in a tree yet: pixset split makes one." }));
  return found;
}
