"""Makes the generated pictures that a numeric kind is computed on.

    python3 make.py        # needs numpy and Pillow

They show no photograph: smooth colours, ellipses where a face would have its
parts, and hash noise, so that every coefficient of a decoder and every channel
of a network has something to do. They are committed; a changed picture changes
every numeric kind.
"""
import pathlib

import numpy as np
from PIL import Image, ImageDraw


def picture(width, height):
    y, x = np.mgrid[0:height, 0:width].astype(np.uint32)
    noise = ((x * 2654435761 + y * 40503) >> 8) % 32
    rgb = np.stack([x * 160 // width + noise, y * 160 // height + noise, (x + y) * 80 // (width + height) + 2 * noise], -1)
    im = Image.fromarray(rgb.astype(np.uint8))
    draw = ImageDraw.Draw(im)

    def ellipse(cx, cy, rx, ry, colour):
        draw.ellipse([(cx - rx) * width, (cy - ry) * height, (cx + rx) * width, (cy + ry) * height], fill=colour)

    ellipse(.5, .5, .27, .4, (205, 165, 140))
    for eye in (.4, .6):
        ellipse(eye, .42, .05, .03, (245, 245, 245))
        ellipse(eye, .42, .02, .025, (40, 30, 30))
    ellipse(.5, .55, .03, .06, (185, 140, 115))
    ellipse(.5, .7, .1, .03, (150, 60, 60))
    return im


here = pathlib.Path(__file__).parent
picture(150, 131).save(here / "probe.jpg", quality=85, subsampling="4:2:0")
picture(67, 90).save(here / "probe.png", optimize=True)
