// Numbers and times as people read them.

export function bytes(count) {
  if (count === null || count === undefined) return "";
  if (count < 1000) return `${count} B`;
  let value = count;
  for (const unit of ["kB", "MB", "GB", "TB"]) {
    value /= 1000;
    if (value < 999.5) return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
  }
  return `${Math.round(value)} PB`;
}

export function percent(value) {
  if (value === null || value === undefined) return "";
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} %`;
}

/** A span such as `12 s`, `3 min`, `2 h 5 min`, `4 d`. */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How long ago a time was. */
export function ago(text) {
  const passed = Date.now() - new Date(text).getTime();
  return Number.isNaN(passed) ? "" : passed < 5_000 ? "just now" : `${span(passed)} ago`;
}

export function milliseconds(value) {
  if (value === null || value === undefined) return "";
  if (value < 1) return "< 1 ms";
  if (value < 9.95) return `${value.toFixed(1)} ms`;
  if (value < 9_995) return `${Math.round(value)} ms`;
  return `${(value / 1000).toFixed(1)} s`;
}

const two = (number) => String(number).padStart(2, "0");

/** The time of day with milliseconds. */
export function clock(date) {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

export function count(number, noun, plural = `${noun}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? noun : plural}`;
}

export function date(text) {
  const time = new Date(text);
  return Number.isNaN(time.getTime())
    ? ""
    : time.toLocaleDateString("en", { year: "numeric", month: "short", day: "numeric" });
}

/** The number of days until a date, or null where it is none. */
export function daysUntil(text) {
  const time = new Date(text).getTime();
  return Number.isNaN(time) ? null : Math.floor((time - Date.now()) / 86_400_000);
}
