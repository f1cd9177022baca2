"""Prints a PNG's width, height and number of colours: `png-colors.py FILE` (8 bits, not interlaced)."""

import struct
import sys
import zlib

data = open(sys.argv[1], "rb").read()
assert data[:8] == b"\x89PNG\r\n\x1a\n", "no PNG"
position, pixels = 8, b""
while position < len(data):
    length, kind = struct.unpack(">I4s", data[position : position + 8])
    body = data[position + 8 : position + 8 + length]
    if kind == b"IHDR":
        width, height, depth, color, _, _, interlace = struct.unpack(">IIBBBBB", body)
        assert (depth, interlace) == (8, 0)
    if kind == b"IDAT":
        pixels += body
    position += 12 + length
size = {0: 1, 2: 3, 4: 2, 6: 4}[color]
raw, row, colors = zlib.decompress(pixels), bytearray(width * size), set()
for y in range(height):
    start = y * (width * size + 1)
    kind, line = raw[start], bytearray(raw[start + 1 : start + 1 + width * size])
    for i in range(len(line)):
        a = line[i - size] if i >= size else 0
        b = row[i]
        c = row[i - size] if i >= size else 0
        p = a + b - c
        nearest = min((a, b, c), key=lambda v: abs(p - v))
        line[i] = (line[i] + (0, a, b, (a + b) // 2, nearest)[kind]) & 255
    row = line
    colors.update(bytes(line[i : i + size]) for i in range(0, len(line), size))
print(width, height, len(colors))
