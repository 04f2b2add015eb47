// Installed once in every document: notes which nodes came or changed and which pictures
// arrived, so that a page that grows is read piece by piece, never from the start again.
// It lives under a symbol and touches nothing of the page. `tiles` is a CSS selector of the
// nodes that hold a result, empty while it is not known; `shown` is what `shown.js` makes.
(function (tiles, makeShown) {
  "use strict";
  const key = Symbol.for("pixset.reading");
  if (window !== window.top || window[key]) return;
  const shown = makeShown();
  const { roots, bare } = shown;

  // Attributes that change with hovering, focus or animation say nothing about a result.
  const restless = (name) =>
    name === "class" || name === "style" || name === "tabindex" || name.startsWith("aria-");
  // Attributes that change while the same result is shown: its picture comes.
  const PICTURE = new RegExp(
    '\\s(?:src|srcset|data-src|data-srcset|data-deferred|class|style|loading|width|height' +
    '|tabindex|aria-[\\w-]+)="[^"]*"', "g");

  let added = new Set(); // came into the page: every tile and script within is to be read
  let touched = new Set(); // changed: the tile around is to be read
  let arrived = new Set(); // addresses of pictures that finished loading
  let kept = new Map(); // tile -> what it showed when it last changed, not read yet
  let gone = []; // what tiles showed before they were given to another result, not read yet
  let turnover = 0; // tiles given to another result since the last reading
  let begun = false; // the page was read once
  let wake = null; // set while someone waits for the page to grow
  let requests = 0; // XHRs and fetches that ended
  const shows = new WeakMap(); // tile -> a number for the result that it shows

  const enterRoots = (node) => {
    for (const inner of node.querySelectorAll("*")) if (inner.shadowRoot) enter(inner.shadowRoot);
    if (node.shadowRoot) enter(node.shadowRoot);
  };
  const enter = (root) => {
    if (roots.has(root)) return;
    roots.add(root);
    observe(root);
    for (const node of root.children) added.add(node);
    enterRoots(root);
  };
  const above = (node) => node.parentNode || node.host || null;
  const tileAround = (node) => {
    for (let at = node; at && tiles; at = at.getRootNode().host) {
      const tile = at.closest ? at.closest(tiles) : null;
      if (tile) return tile;
    }
    return null;
  };
  const tilesOf = (node) => {
    const tile = tileAround(node);
    return tile ? [tile] : tiles ? [...node.querySelectorAll(tiles)] : [];
  };

  const read = (tile, holding) => {
    const [html, written] = shown.outer(tile, holding);
    const result = hash(html.replace(PICTURE, ""));
    if (shows.has(tile) && shows.get(tile) !== result) turnover += 1;
    shows.set(tile, result);
    return { html, written, result };
  };
  // A grid may give a node to another result before it is read: what it showed is kept.
  const keep = (tile, holding) => {
    if (!tile.isConnected) return;
    const now = read(tile, holding);
    const before = kept.get(tile);
    if (before && before.result !== now.result) gone.push(before.html);
    kept.set(tile, now);
  };
  const hash = (text) => {
    let sum = 0;
    for (let at = 0; at < text.length; at += 1) sum = (sum * 31 + text.charCodeAt(at)) | 0;
    return sum;
  };
  const note = (records) => {
    const changed = new Set();
    for (const record of records) {
      if (record.type === "attributes" && restless(record.attributeName)) continue;
      const target = record.target;
      const node = target.nodeType === 3 ? target.parentElement : target;
      if (node && node.nodeType === 1) {
        touched.add(node);
        const tile = begun && tileAround(node);
        if (tile) changed.add(tile);
      }
      for (const node of record.addedNodes || []) {
        if (node.nodeType !== 1) continue;
        added.add(node);
        enterRoots(node);
        if (begun) for (const tile of tilesOf(node)) changed.add(tile);
      }
    }
    const holding = changed.size ? shown.holders() : null;
    for (const tile of changed) keep(tile, holding);
    if (wake) wake();
  };
  const observer = new MutationObserver(note);
  const onLoad = (event) => {
    const image = event.target;
    if (image.tagName !== "IMG") return;
    for (const address of [image.currentSrc, image.src]) {
      if (address && !/^(data|blob):/.test(address)) arrived.add(address);
    }
    if (image.currentSrc.startsWith("blob:")) {
      shown.convert(image).then(() => {
        touched.add(image);
        if (wake) wake();
      });
    }
  };
  const observe = (root) => {
    observer.observe(root, {
      subtree: true, childList: true, attributes: true, characterData: true,
    });
    root.addEventListener("load", onLoad, true);
  };
  observe(document);
  if (window.PerformanceObserver) {
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (/^(fetch|xmlhttprequest)$/.test(entry.initiatorType)) requests += 1;
        if (entry.initiatorType === "css") arrived.add(entry.name); // a background
      }
    }).observe({ type: "resource", buffered: true });
  }

  const within = (node, set, end = null) => {
    for (let at = above(node); at && at !== end; at = above(at)) if (set.has(at)) return true;
    return false;
  };
  const path = (node) => {
    const found = [];
    for (let at = node; at; at = at.getRootNode().host) found.unshift(at);
    return found;
  };
  const inOrder = (a, b) => {
    const [left, right] = [path(a), path(b)];
    let at = 0;
    while (left[at] === right[at] && at < left.length - 1 && at < right.length - 1) at += 1;
    return left[at].compareDocumentPosition(right[at]) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
  };
  const isScript = (node) => node.tagName === "SCRIPT" && !node.src;
  const fresh = () => {
    const found = new Set();
    for (const node of touched) {
      const tile = node.isConnected && tileAround(node);
      if (tile) found.add(tile);
      if (isScript(node)) found.add(node);
    }
    for (const node of added) {
      if (!node.isConnected || within(node, added, node.getRootNode())) continue;
      for (const tile of tilesOf(node)) found.add(tile);
      if (isScript(node)) found.add(node);
      for (const inner of node.querySelectorAll("script:not([src])")) found.add(inner);
    }
    // A tile whose picture came by a style or a class changed, too; it is asked where it is near.
    for (const tile of [...bare]) {
      if (!tile.isConnected) bare.delete(tile);
      else if (shown.isNear(tile)) found.add(tile);
    }
    return [...found].filter((node) => !within(node, found)).sort(inOrder);
  };
  const carry = (pieces) => {
    const pictures = [...arrived];
    [added, touched, arrived, kept] = [new Set(), new Set(), new Set(), new Map()];
    [gone, turnover, begun] = [[], 0, true];
    return [pieces.join("\n"), pictures, requests];
  };
  // What a selector finds, in shadow roots too.
  const everywhere = (css) =>
    [document, ...roots].flatMap((root) => [...root.querySelectorAll(css)]);

  // What a wheel turns: the panel in the middle of the window, as far as it goes, then the page.
  const page = () => document.scrollingElement || document.documentElement;
  const panel = () => {
    let node = document.elementFromPoint(window.innerWidth / 2, window.innerHeight / 2);
    for (; node && node.nodeType === 1 && node !== page(); node = above(node)) {
      const scrolls = node.scrollHeight > node.clientHeight + 2
        && 2 * node.clientHeight >= window.innerHeight;
      if (scrolls && /auto|scroll/.test(getComputedStyle(node).overflowY)) return node;
    }
    return null;
  };
  const turned = () => [panel(), page()].filter(Boolean);
  const goesOn = (node, down) =>
    down ? node.scrollTop + node.clientHeight < node.scrollHeight - 2 : node.scrollTop > 0;
  const height = () => turned().reduce((sum, node) => sum + node.scrollHeight, 0);

  window[key] = {
    scroll(share) {
      const nodes = turned();
      const node = nodes.find((one) => goesOn(one, share > 0)) || nodes[nodes.length - 1];
      if (node) node.scrollBy(0, share * window.innerHeight);
    },
    extent: () => [!turned().some((node) => goesOn(node, true)), height()],
    whole() {
      note(observer.takeRecords());
      const root = document.documentElement;
      if (!root) return carry([]);
      enterRoots(root);
      const holding = shown.holders();
      const pieces = [roots.size ? shown.composed(root, holding) : root.outerHTML, ...gone];
      // Tiles whose picture no `src` names stand a second time at the end, with the picture.
      for (const tile of tiles ? everywhere(tiles) : []) {
        const { html, written } = read(tile, holding);
        if (written) pieces.push(html);
      }
      return carry(pieces);
    },
    changes(selector) {
      tiles = selector;
      note(observer.takeRecords());
      enterRoots(document);
      const holding = shown.holders();
      const pieces = [...gone];
      for (const [tile, { html }] of kept) if (!tile.isConnected) pieces.push(html);
      for (const node of fresh()) {
        if (isScript(node)) {
          pieces.push(node.outerHTML);
          continue;
        }
        const waits = bare.has(node) && !touched.has(node) && !kept.has(node);
        const { html, written } = read(node, holding);
        if (!waits || written) pieces.push(html);
      }
      return carry(pieces);
    },
    everywhere,
    // Resolves with the pictures that arrived, once those in sight are there or patience is out.
    settle(patience, done) {
      const near = (image) => {
        const box = image.getBoundingClientRect();
        return box.bottom > -window.innerHeight && box.top < 2 * window.innerHeight;
      };
      const until = performance.now() + patience;
      const look = () => {
        const late = shown.converting() > 0
          || everywhere("img").some((image) => !image.complete && near(image));
        setTimeout(late && performance.now() < until ? look : end, 30); // load events come late
      };
      const end = () => {
        const pictures = [...arrived];
        arrived = new Set();
        done(pictures);
      };
      look();
    },
    // Resolves true as soon as the page gets taller or a tile comes, false after the grace.
    grows(selector, before, grace, done) {
      tiles = selector || tiles;
      let next = 0; // the timer of the next look
      const end = (answer) => {
        wake = null;
        clearTimeout(timer);
        clearTimeout(next);
        done(answer);
      };
      const grown = () =>
        height() > before + 2 || turnover > 0 ||
        Boolean(tiles) && [...added].some((node) => node.isConnected &&
          (node.matches(tiles) || node.querySelector(tiles)));
      const timer = setTimeout(() => end(grown()), grace);
      const look = () => {
        next = 0;
        if (grown()) end(true);
      };
      // A look goes over all that came: one at each change would be work squared.
      wake = () => { next = next || setTimeout(look, 20); };
      look();
    },
  };
})
