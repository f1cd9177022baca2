// Builds and patches nodes. Every value becomes text or an attribute, never markup.

/** An element. `onClick` and the like are listeners, true is an empty attribute, null is none. */
export function h(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") node.addEventListener(name.slice(2).toLowerCase(), value);
    else setAttribute(node, name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else {
    const text = value === true ? "" : String(value);
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}

/** Writes a text only where it is another one, so that a selection in it survives. */
export function setText(node, value) {
  const text = value === null || value === undefined ? "" : String(value);
  if (node.textContent !== text) node.textContent = text;
}

export function setHidden(node, isHidden) {
  if (node.hidden !== isHidden) node.hidden = isHidden;
}

/**
 * Keeps a parent's children in step with a list: one row for each key, moved only where the order
 * is another one. `make(item)` returns `{ node, update(item), removed() }`; the last two may be missing.
 */
export function keyed(parent, keyOf, make) {
  const rows = new Map();
  return (items) => {
    const wanted = new Map();
    for (const item of items) wanted.set(keyOf(item), item);
    for (const [key, row] of rows) {
      if (wanted.has(key)) continue;
      row.node.remove();
      row.removed?.();
      rows.delete(key);
    }
    let next = parent.firstElementChild;
    for (const [key, item] of wanted) {
      let row = rows.get(key);
      if (!row) rows.set(key, (row = make(item)));
      row.update?.(item);
      if (row.node === next) next = next.nextElementSibling;
      // A move keeps focus and scroll position where the browser can do that.
      else if (row.node.isConnected && parent.moveBefore) parent.moveBefore(row.node, next);
      else parent.insertBefore(row.node, next);
    }
  };
}

/** A URL that may be followed: http and https only, and null for anything else. */
export function webURL(text) {
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A link to another page; plain text where the address is none that may be followed. */
export function link(text, url, attributes) {
  const href = webURL(url);
  return href
    ? h("a", { href, target: "_blank", rel: "noopener noreferrer", ...attributes }, text)
    : h("span", attributes, text);
}
