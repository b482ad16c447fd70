"""Pictures of text for the models that read it, as samples: pages.py FOLDER COUNT SEED

Lines of block letters of several sizes on light grounds, normalized as PP-OCR has it,
float32[1, 3, 320, 320] under the name x.
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


def page(rng, size=320):
    ground = rng.uniform(170, 255, 3)
    picture = np.empty((size, size, 3), np.float32)
    picture[:] = ground + rng.normal(0, 3, (size, size, 3))
    y = int(rng.integers(8, 24))
    while y < size - 40:
        scale = int(rng.integers(2, 5))
        count = int(rng.integers(3, (size - 20) // (6 * scale)))
        line = np.hstack([glyph(c) for c in rng.choice(list(GLYPHS), count)])
        line = np.kron(line, np.ones((scale, scale), np.uint8)).astype(bool)
        x = int(rng.integers(6, max(7, size - line.shape[1] - 6)))
        line = line[:, :size - x]
        picture[y:y + line.shape[0], x:x + line.shape[1]][line] = rng.uniform(0, 90, 3)
        y += line.shape[0] + int(rng.integers(8, 24))
    values = (np.clip(picture, 0, 255) / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None].astype(np.float32))


def main():
    folder, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.makedirs(folder, exist_ok=True)
    rng = np.random.default_rng(seed)
    for i in range(count):
        np.savez(os.path.join(folder, f"page{i}.npz"), x=page(rng))


if __name__ == "__main__":
    main()
