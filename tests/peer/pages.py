"""Pictures of text for the models that read it, as samples:
pages.py FOLDER COUNT SEED [page|line [float16]]

Block letters on light grounds, under the name x: pages with lines of several sizes for
PP-OCR's detector, float32[1, 3, 320, 320] normalized as it has it (the default), or single
lines for its recognizer, float32[1, 3, 48, 320] from -1 to 1.
"""
import os
import sys

import numpy as np

# Rows of five dots, seven for each letter.
GLYPHS = {"A": "0e11111f111111", "B": "1e11111e11111e", "E": "1f10101e10101f",
          "H": "1111111f111111", "K": "11121418141211", "L": "1010101010101f",
          "M": "111b1515111111", "N": "11191513111111", "O": "0e11111111110e",
          "R": "1e11111e141211", "S": "0f10100e01011e", "T": "1f040404040404",
          "U": "1111111111110e", "X": "11110a040a1111", "2": "0e11010204081f",
          "5": "1f101e0101110e", "8": "0e11110e11110e", " ": "00000000000000"}


def glyph(letter):
    rows = bytes.fromhex(GLYPHS[letter])
    return np.array([[row >> (4 - x) & 1 for x in range(5)] + [0] for row in rows], np.uint8)


def ground(rng, height, width):
    return (rng.uniform(170, 255, 3) + rng.normal(0, 3, (height, width, 3))).astype(np.float32)


def letters(rng, count, scale):
    line = np.hstack([glyph(c) for c in rng.choice(list(GLYPHS), count)])
    return np.kron(line, np.ones((scale, scale), np.uint8)).astype(bool)


def sample(picture, mean, deviation):
    values = (np.clip(picture, 0, 255) / 255 - mean) / deviation
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None].astype(np.float32))


def line(rng, height=48, width=320):
    picture = ground(rng, height, width)
    scale = int(rng.integers(3, 6))
    text = letters(rng, int(rng.integers(4, width // (6 * scale))), scale)
    y, x = (int(rng.integers(2, room + 1)) for room in
            (height - text.shape[0] - 2, max(2, width - text.shape[1] - 2)))
    text = text[:, :width - x]
    picture[y:y + text.shape[0], x:x + text.shape[1]][text] = rng.uniform(0, 90, 3)
    return sample(picture, 0.5, 0.5)


def page(rng, size=320):
    picture = ground(rng, size, size)
    y = int(rng.integers(8, 24))
    while y < size - 40:
        scale = int(rng.integers(2, 5))
        count = int(rng.integers(3, (size - 20) // (6 * scale)))
        text = letters(rng, count, scale)
        x = int(rng.integers(6, max(7, size - text.shape[1] - 6)))
        text = text[:, :size - x]
        picture[y:y + text.shape[0], x:x + text.shape[1]][text] = rng.uniform(0, 90, 3)
        y += text.shape[0] + int(rng.integers(8, 24))
    return sample(picture, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def main():
    folder, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    make = line if sys.argv[4:5] == ["line"] else page
    dtype = sys.argv[5] if sys.argv[5:] else "float32"
    os.makedirs(folder, exist_ok=True)
    rng = np.random.default_rng(seed)
    for i in range(count):
        np.savez(os.path.join(folder, f"page{i}.npz"), x=make(rng).astype(dtype))


if __name__ == "__main__":
    main()
