// Installed once in every document: notes which nodes came or changed and which pictures
// arrived, so that a page that grows is read piece by piece, never from the start again.
// It lives under a symbol and touches nothing of the page.
(function () {
  "use strict";
  const key = Symbol.for("pixset.reading");
  if (window !== window.top || window[key]) return;

  // Attributes that change with hovering, focus or animation say nothing about a result.
  const restless = (name) =>
    name === "class" || name === "style" || name === "tabindex" || name.startsWith("aria-");
  let added = new Set(); // came into the page: every tile and script within is news
  let touched = new Set(); // changed: the tile around is news
  let arrived = new Set(); // addresses of pictures that finished loading
  let wake = null; // set while someone waits for the page to grow

  const note = (records) => {
    for (const record of records) {
      if (record.type === "attributes" && restless(record.attributeName)) continue;
      if (record.type === "childList") {
        for (const node of record.addedNodes) if (node.nodeType === 1) added.add(node);
      }
      const node = record.target.nodeType === 1 ? record.target : record.target.parentElement;
      if (node) touched.add(node);
    }
    if (wake) wake();
  };
  const observer = new MutationObserver(note);
  observer.observe(document, {
    subtree: true, childList: true, attributes: true, characterData: true,
  });
  document.addEventListener(
    "load",
    (event) => {
      const image = event.target;
      if (image.tagName !== "IMG") return;
      for (const address of [image.currentSrc, image.src]) {
        if (address && !address.startsWith("data:")) arrived.add(address);
      }
    },
    true,
  );

  const within = (node, set) => {
    for (let above = node.parentNode; above; above = above.parentNode) {
      if (set.has(above)) return true;
    }
    return false;
  };
  const inOrder = (a, b) =>
    a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;

  const fresh = (tiles) => {
    const found = new Set();
    for (const node of touched) {
      const tile = node.isConnected && node.closest(tiles);
      if (tile) found.add(tile);
      if (node.tagName === "SCRIPT" && !node.src) found.add(node);
    }
    for (const node of added) {
      if (!node.isConnected || within(node, added)) continue;
      const tile = node.closest(tiles);
      if (tile) found.add(tile);
      else for (const inner of node.querySelectorAll(tiles)) found.add(inner);
      if (node.tagName === "SCRIPT" && !node.src) found.add(node);
      for (const inner of node.querySelectorAll("script:not([src])")) found.add(inner);
    }
    return [...found].filter((node) => !within(node, found)).sort(inOrder);
  };

  const forget = () => {
    added = new Set();
    touched = new Set();
  };
  const carry = (html) => {
    const loaded = [...arrived];
    arrived = new Set();
    forget();
    return [html, loaded];
  };

  window[key] = {
    whole() {
      note(observer.takeRecords());
      const root = document.documentElement;
      return carry(root ? root.outerHTML : "");
    },
    changes(tiles) {
      note(observer.takeRecords());
      return carry(fresh(tiles).map((node) => node.outerHTML).join("\n"));
    },
    // Resolves with the pictures that arrived, once those in sight are there or patience is out.
    settle(patience, done) {
      const near = (image) => {
        const box = image.getBoundingClientRect();
        return box.bottom > -window.innerHeight && box.top < 2 * window.innerHeight;
      };
      const until = performance.now() + patience;
      const look = () => {
        const late = [...document.images].some((image) => !image.complete && near(image));
        setTimeout(late && performance.now() < until ? look : end, 30); // load events come late
      };
      const end = () => {
        const loaded = [...arrived];
        arrived = new Set();
        done(loaded);
      };
      look();
    },
    // Resolves true as soon as the page gets taller or a tile comes, false after the grace.
    grows(tiles, height, grace, done) {
      const end = (answer) => {
        wake = null;
        clearTimeout(timer);
        done(answer);
      };
      const grown = () =>
        document.scrollingElement.scrollHeight > height + 2 ||
        (tiles && [...added].some((node) => node.isConnected &&
          (node.matches(tiles) || node.querySelector(tiles))));
      const timer = setTimeout(() => end(grown()), grace);
      wake = () => grown() && end(true);
      wake();
    },
  };
})();
