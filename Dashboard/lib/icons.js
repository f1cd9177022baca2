// Icons of 16 by 16 as SVG nodes; each stands beside a text, or its control has a label.

const paths = {
  apps: "M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z",
  logs: "M2.5 3.5h11M2.5 6.5h7M2.5 9.5h11M2.5 12.5h5",
  ports: "M5 2v3.5M11 2v3.5M3.5 5.5h9V8a4.5 4.5 0 0 1-9 0zM8 12.5V14",
  traffic: "M2 5.5h11M10 2.5l3 3-3 3M14 10.5H3M6 7.5l-3 3 3 3",
  health: "M1.5 8.5h3l2-5 3 9 2-4h3",
  crashes: "M8.800 1.500L3.500 9H8l-.8 5.500L12.500 7H8z",
  jobs: "M2.5 3h11v10h-11zM5 6.500l1.500 1.500L5 9.500M8 10h3",
  browser: "M2 3h12v10H2zM2 6h12M4.200 4.500h.1M6.200 4.500h.1",
  play: "M4.5 3v10l8-5z",
  stop: "M4 4h8v8H4z",
  restart: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  open: "M9 2.5h4.5V7M13.5 2.5L7.5 8.5M11.5 9.5v4h-9v-9h4",
  qr: "M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h1.5v1.5M13.5 9.5v1M9.5 13.5h1M12.5 12.5h1v1",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9zM10.3 10.3l3.2 3.2",
  lock: "M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  wifi: "M1.8 6.2a9 9 0 0 1 12.4 0M4 8.8a5.7 5.7 0 0 1 8 0M6.2 11.3a2.6 2.6 0 0 1 3.6 0M8 13.4v.1",
  globe: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM2 8h12M8 2c2 1.7 2.7 3.7 2.7 6S10 12.3 8 14C6 12.3 5.3 10.3 5.3 8S6 3.7 8 2z",
  warning: "M8 2.300l6 11H2zM8 6.500v3M8 11.400v.1",
  check: "M3 8.500l3.5 3.500L13 4.5",
  close: "M4 4l8 8M12 4l-8 8",
  download: "M8 2v8M4.8 7L8 10.2 11.2 7M2.5 13.500h11",
  wrap: "M2 3.500h12M2 8h9.500a2.25 2.25 0 0 1 0 4.500H8M9.8 10.500l-2 2 2 2M2 12.500h3",
  follow: "M8 2v9M4.5 7.500L8 11l3.5-3.500M3 14h10",
  chevron: "M5.5 3.500L10 8l-4.5 4.5",
  branch: "M4.5 5.500v5M4.5 2.500a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM4.5 10.500a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM11.5 2.500a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM11.5 5.500c0 3-7 2-7 5",
  terminal: "M2 3h12v10H2zM4.5 6l2 2-2 2M8 10.500h3",
  key: "M10.5 2.500a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8.3 7.700L2.5 13.500v-2M5 11l1.5 1.5",
  keyboard: "M1.5 4h13v8.500h-13zM4 6.800h.1M6.7 6.800h.1M9.3 6.800h.1M12 6.800h.1M4.5 10h7",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6.200a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.600z",
  pause: "M5 3v10M11 3v10",
  trash: "M2.5 4.500h11M6 4.500V2.500h4v2M4 4.500l.7 9h6.600l.7-9",
  more: "M3.5 8h.1M8 8h.1M12.5 8h.1",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1.500v1M8 13.500v1M1.5 8h1M13.5 8h1M3.4 3.400l.7.7M11.9 11.900l.7.7M3.4 12.600l.7-.7M11.9 4.100l.7-.7",
  edit: "M3 13l.7-3L11 2.700l2.3 2.300L6 12.300zM9.5 4.200l2.3 2.3",
  link: "M6.8 9.200a2.8 2.8 0 0 0 4 0l2-2a2.8 2.8 0 0 0-4-4l-1 1M9.2 6.800a2.8 2.8 0 0 0-4 0l-2 2a2.8 2.8 0 0 0 4 4l1-1",
  info: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 7.300v3.500M8 5v.1",
};

const space = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", paths[name]);
  svg.append(path);
  return svg;
}

/** Shows another icon in the place of one. */
export function setIcon(svg, name) {
  const path = svg.firstElementChild;
  if (path.getAttribute("d") !== paths[name]) path.setAttribute("d", paths[name]);
}
