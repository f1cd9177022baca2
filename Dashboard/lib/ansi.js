// Text with a terminal's colours (SGR) as pieces with classes; other sequences are dropped.

// CSI, OSC, and other escape sequences; and control characters but for tabs.
const sequence = /\u001b\[([0-9;:]*)([@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[@-_]?|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g;

const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** The text without any sequence, for search and copy. */
export function plain(text) {
  return text.includes("\u001b") || /[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)
    ? text.replace(sequence, "")
    : text;
}

/** Pieces `{ text, classes }` of a line. */
export function pieces(line) {
  if (!line.includes("\u001b")) return [{ text: plain(line), classes: "" }];
  const result = [];
  const style = { color: "", isBold: false, isDim: false, isItalic: false, isUnderlined: false };
  let start = 0;
  const push = (text) => {
    if (!text) return;
    const classes = [
      style.color && `ansi-${style.color}`, style.isBold && "ansi-bold", style.isDim && "ansi-dim",
      style.isItalic && "ansi-italic", style.isUnderlined && "ansi-underline",
    ].filter(Boolean).join(" ");
    result.push({ text, classes });
  };
  for (const match of line.matchAll(sequence)) {
    push(line.slice(start, match.index));
    start = match.index + match[0].length;
    if (match[2] === "m") apply(match[1], style);
  }
  push(line.slice(start));
  return result;
}

function apply(codes, style) {
  const numbers = codes.split(/[;:]/).map(Number);
  for (let index = 0; index < numbers.length; index++) {
    const code = numbers[index];
    if (code === 0) Object.assign(style, { color: "", isBold: false, isDim: false, isItalic: false, isUnderlined: false });
    else if (code === 1) style.isBold = true;
    else if (code === 2) style.isDim = true;
    else if (code === 3) style.isItalic = true;
    else if (code === 4) style.isUnderlined = true;
    else if (code === 22) style.isBold = style.isDim = false;
    else if (code === 23) style.isItalic = false;
    else if (code === 24) style.isUnderlined = false;
    else if (code >= 30 && code <= 37) style.color = names[code - 30];
    else if (code >= 90 && code <= 97) style.color = names[code - 90];
    else if (code === 39) style.color = "";
    else if (code === 38 || code === 48) {
      // A colour of 256 or of three bytes: the nearest of the eight.
      const isShort = numbers[index + 1] === 5;
      const rgb = isShort ? palette(numbers[index + 2]) : numbers.slice(index + 2, index + 5);
      if (code === 38) style.color = nearest(rgb);
      index += isShort ? 2 : 4;
    }
  }
}

function palette(number) {
  if (number < 16) return [number & 1, number & 2, number & 4].map((bit) => (bit ? 220 : 40));
  if (number >= 232) return Array(3).fill((number - 232) * 10 + 8);
  const rest = number - 16;
  return [Math.floor(rest / 36), Math.floor(rest / 6) % 6, rest % 6].map((level) => level * 51);
}

function nearest([red = 0, green = 0, blue = 0]) {
  const middle = (Math.max(red, green, blue) + Math.min(red, green, blue)) / 2;
  if (Math.max(red, green, blue) - Math.min(red, green, blue) < 40) return "";
  return names[(red > middle ? 1 : 0) | (green > middle ? 2 : 0) | (blue > middle ? 4 : 0)];
}
