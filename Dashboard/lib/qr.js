// QR codes (ISO/IEC 18004) for URLs: bytes, error correction M, versions 1 to 9, mask 0.

const errorBytes = [10, 16, 26, 18, 24, 16, 18, 22, 22];
const blockCounts = [1, 1, 1, 2, 2, 4, 4, 4, 5];
const allBytes = [26, 44, 70, 100, 134, 172, 196, 242, 292];
const alignments = [[], [18], [22], [26], [30], [34], [22, 38], [24, 42], [26, 46]];

const exponents = [];
const logarithms = [];
for (let index = 0, value = 1; index < 255; index++) {
  exponents[index] = value;
  logarithms[value] = index;
  value = value & 128 ? (value << 1) ^ 0x11d : value << 1;
}

const product = (a, b) => (a && b ? exponents[(logarithms[a] + logarithms[b]) % 255] : 0);

/** The remainder of Reed and Solomon for some bytes. */
function correction(data, degree) {
  let generator = [1];
  for (let index = 0; index < degree; index++) {
    const next = Array(generator.length + 1).fill(0);
    generator.forEach((factor, at) => {
      next[at] ^= factor;
      next[at + 1] ^= product(factor, exponents[index]);
    });
    generator = next;
  }
  const rest = Array(degree).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    generator.slice(1).forEach((value, at) => { rest[at] ^= product(value, factor); });
  }
  return rest;
}

/** All bytes of a code, in the order in which they are drawn. */
function codewords(text, version) {
  const bytes = new TextEncoder().encode(text);
  const blocks = blockCounts[version - 1];
  const degree = errorBytes[version - 1];
  const room = allBytes[version - 1] - blocks * degree;
  const bits = [];
  const put = (value, count) => { for (let at = count - 1; at >= 0; at--) bits.push((value >> at) & 1); };
  put(4, 4);
  put(bytes.length, 8);
  for (const byte of bytes) put(byte, 8);
  put(0, Math.min(4, room * 8 - bits.length));
  while (bits.length % 8) bits.push(0);
  const data = [];
  for (let at = 0; at < bits.length; at += 8) data.push(parseInt(bits.slice(at, at + 8).join(""), 2));
  for (let pad = 0xec; data.length < room; pad ^= 0xec ^ 0x11) data.push(pad);
  const parts = [];
  for (let index = 0, start = 0; index < blocks; index++) {
    const length = Math.floor(room / blocks) + (index >= blocks - (room % blocks) ? 1 : 0);
    parts.push(data.slice(start, start + length));
    start += length;
  }
  const corrections = parts.map((part) => correction(part, degree));
  const interleaved = (lists) => {
    const result = [];
    for (let at = 0; at < Math.max(...lists.map((list) => list.length)); at++) {
      for (const list of lists) if (at < list.length) result.push(list[at]);
    }
    return result;
  };
  return [...interleaved(parts), ...interleaved(corrections)];
}

/** The code as rows of true (dark) and false; null for a text that is too long. */
export function matrix(text) {
  const length = new TextEncoder().encode(text).length;
  const version = allBytes.findIndex((all, at) => all - blockCounts[at] * errorBytes[at] - 2 >= length) + 1;
  if (!version) return null;
  const size = version * 4 + 17;
  const rows = Array.from({ length: size }, () => Array(size).fill(null));
  const set = (row, column, isDark) => {
    if (row >= 0 && column >= 0 && row < size && column < size) rows[row][column] = isDark;
  };
  for (const [top, left] of [[0, 0], [0, size - 7], [size - 7, 0]]) {
    for (let row = -1; row < 8; row++) {
      for (let column = -1; column < 8; column++) {
        const ring = Math.max(Math.abs(row - 3), Math.abs(column - 3));
        set(top + row, left + column, ring !== 2 && ring !== 4);
      }
    }
  }
  const centers = version > 1 ? [6, ...alignments[version - 1]] : [];
  for (const row of centers) {
    for (const column of centers) {
      if (rows[row][column] !== null) continue;
      for (let y = -2; y <= 2; y++) {
        for (let x = -2; x <= 2; x++) set(row + y, column + x, Math.max(Math.abs(x), Math.abs(y)) !== 1);
      }
    }
  }
  for (let at = 8; at < size - 8; at++) {
    rows[6][at] ??= at % 2 === 0;
    rows[at][6] ??= at % 2 === 0;
  }
  // Format: level M is 0, mask 0; the fifteen bits are the same for every code of ours.
  const format = 0b101010000010010;
  for (let at = 0; at < 15; at++) {
    const bit = ((format >> at) & 1) === 1;
    if (at < 6) set(at, 8, bit);
    else if (at < 8) set(at + 1, 8, bit);
    else set(size - 15 + at, 8, bit);
    if (at < 8) set(8, size - 1 - at, bit);
    else if (at < 9) set(8, 7, bit);
    else set(8, 14 - at, bit);
  }
  set(size - 8, 8, true);
  if (version >= 7) {
    let rest = version;
    for (let at = 0; at < 12; at++) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
    const value = (version << 12) | rest;
    for (let at = 0; at < 18; at++) {
      const bit = ((value >> at) & 1) === 1;
      set(Math.floor(at / 3), size - 11 + (at % 3), bit);
      set(size - 11 + (at % 3), Math.floor(at / 3), bit);
    }
  }
  const bits = codewords(text, version).flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((at) => (byte >> at) & 1));
  let next = 0;
  let isUp = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++) {
      const row = isUp ? size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (rows[row][column] !== null) continue;
        rows[row][column] = ((bits[next++] ?? 0) ^ ((row + column) % 2 === 0 ? 1 : 0)) === 1;
      }
    }
    isUp = !isUp;
  }
  return rows;
}

const space = "http://www.w3.org/2000/svg";

/** The code as an image with its quiet zone; null for a text that is too long. */
export function qrCode(text) {
  const rows = matrix(text);
  if (!rows) return null;
  const size = rows.length + 8;
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `QR code of ${text}`);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", rows.flatMap((row, y) =>
    row.map((isDark, x) => (isDark ? `M${x + 4} ${y + 4}h1v1h-1z` : ""))).join(""));
  svg.append(path);
  return svg;
}
