// What a node holds, shadow roots and all, and which picture a tile shows, wherever the page
// keeps it: the HTML that comes out names the picture in an `img`'s `src`. The page's own nodes
// stay as they are; copies live in a document that loads nothing and runs nothing.
(function () {
  "use strict";
  const ICON = 48; // pixels: no picture of a result is this small, every favicon is
  const NEAR = 5; // viewports: how far from what is in sight a tile's styles are looked at
  const LARGEST_BLOB = 4e6; // bytes
  const inert = document.implementation.createHTMLDocument("");
  const fetchBlob = window.fetch && window.fetch.bind(window);
  const roots = new Set(); // open shadow roots
  const bare = new Set(); // tiles read without a picture: it may come by a style or a class
  const blobs = new Map(); // blob: address -> data: URI
  let converting = 0; // blobs on their way to a data: URI

  const placeholder = (url) => !url || (url.startsWith("data:") && url.length < 600);
  const inBlob = (url) => url.startsWith("blob:");

  // Every node above a shadow root: for nodes beside those `outerHTML` is whole.
  const holders = () => {
    const found = new Set();
    for (const root of roots) {
      for (let node = root.host; node; node = node.parentNode || node.host) found.add(node);
    }
    return found;
  };
  const composed = (node, holding) => {
    if (node.nodeType === 3) return escaped(node.data);
    if (node.nodeType !== 1) return "";
    if (!holding.has(node)) return node.outerHTML;
    const shell = inert.importNode(node, false).outerHTML;
    const end = shell.lastIndexOf("</");
    const inside = [...(node.shadowRoot ? node.shadowRoot.childNodes : []), ...node.childNodes];
    return shell.slice(0, end) + inside.map((n) => composed(n, holding)).join("") + shell.slice(end);
  };
  const escaped = (text) => {
    const box = inert.createElement("p");
    box.textContent = text;
    return box.innerHTML;
  };
  const everything = (node) => {
    const found = [node, ...node.querySelectorAll("*")];
    return roots.size
      ? found.concat(...found.map((n) => (n.shadowRoot ? everything(n.shadowRoot).slice(1) : [])))
      : found;
  };

  const isIcon = (node) => {
    const [across, down] = ["width", "height"].map((name) => parseInt(node.getAttribute(name), 10));
    if (across && down) return across <= ICON && down <= ICON;
    const box = node.getBoundingClientRect();
    return box.width > 0 && box.width <= ICON && box.height > 0 && box.height <= ICON;
  };
  const named = (image) =>
    ["src", "data-src", "data-iurl"].map((name) => image.getAttribute(name))
      .some((url) => !placeholder(url) && !inBlob(url));
  const firstOfSet = (text) => {
    const found = /^[\s,]*(\S+?)[\s,]*(?:\s|$)/.exec(text || "");
    return found && !placeholder(found[1]) ? new URL(found[1], document.baseURI).href : "";
  };
  const loaded = (image) => {
    for (const url of [image.currentSrc, image.src]) {
      if (blobs.has(url)) return blobs.get(url);
      if (!placeholder(url) && !inBlob(url)) return url;
    }
    const around = image.closest("picture");
    for (const source of [image, ...(around ? around.querySelectorAll("source") : [])]) {
      const url = firstOfSet(source.getAttribute("srcset"))
        || firstOfSet(source.getAttribute("data-srcset"));
      if (url) return url;
    }
    return "";
  };
  const isNear = (tile) => {
    const box = tile.getBoundingClientRect();
    return Math.max(box.top - window.innerHeight, -box.bottom) <= NEAR * window.innerHeight;
  };
  const background = (tile, nodes) => {
    if (!isNear(tile)) return "";
    for (const node of nodes.slice(0, 60)) {
      const found = /url\("((?:[^"\\]|\\.)+)"\)/.exec(getComputedStyle(node).backgroundImage);
      const url = found ? found[1].replace(/\\(.)/g, "$1") : "";
      if (!placeholder(url) && !inBlob(url) && !isIcon(node)) return url;
    }
    return "";
  };

  // A tile's HTML, and whether a picture that no `src` names was written into it.
  const outer = (tile, holding) => {
    const nodes = everything(tile);
    const images = nodes.filter((node) => node.tagName === "IMG");
    bare.delete(tile);
    const html = roots.size ? composed(tile, holding) : tile.outerHTML;
    if (images.some((image) => named(image) && !isIcon(image))) return [html, false];
    const image = images.find((one) => !isIcon(one) && loaded(one));
    const url = image ? loaded(image) : background(tile, nodes);
    if (!url) {
      bare.add(tile);
      return [html, false];
    }
    const box = inert.createElement("div");
    box.innerHTML = html;
    const copies = box.querySelectorAll("img");
    const at = images.indexOf(image || images.find((one) => !isIcon(one)));
    const copy = copies[at] || inert.createElement("img");
    copy.setAttribute("src", url);
    if (!copies[at] && box.firstElementChild) {
      copy.setAttribute("width", tile.offsetWidth || 100);
      copy.setAttribute("height", tile.offsetHeight || 100);
      box.firstElementChild.prepend(copy);
    }
    return [box.innerHTML, true];
  };

  // A blob is gone when its page says so: its bytes are taken while they are there.
  const convert = async (image) => {
    const address = image.currentSrc;
    if (blobs.has(address) || !fetchBlob) return;
    converting += 1;
    try {
      const blob = await (await fetchBlob(address)).blob();
      if (blob.size <= LARGEST_BLOB) blobs.set(address, await asDataUri(blob));
    } catch {
      blobs.set(address, drawnAgain(image)); // the page's policy forbids reading its blobs
    } finally {
      converting -= 1;
    }
  };
  const asDataUri = (blob) =>
    new Promise((done) => {
      const reader = new FileReader();
      reader.onloadend = () => {
        done(String(reader.result).replace(/^data:(?!image\/)[^;,]*/, "data:image/jpeg"));
      };
      reader.readAsDataURL(blob);
    });
  const drawnAgain = (image) => {
    try {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      canvas.getContext("2d").drawImage(image, 0, 0);
      return canvas.toDataURL("image/jpeg", 0.92);
    } catch {
      return "";
    }
  };

  return { roots, bare, isNear, holders, composed, outer, convert, converting: () => converting };
})()
