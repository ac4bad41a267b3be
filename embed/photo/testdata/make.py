"""Makes the files of this folder with Pillow, numpy and OpenCV.

Each picture is drawn by a formula; no photograph is in it. Beside X stands
X.png, what a reference decoder makes of it (Pillow), and resize-*.png and
warp-*.png are OpenCV's answers for the picture that `pattern` draws.
Run it in this folder: python make.py
"""

import io

import cv2
import numpy as np
from PIL import Image, ImageOps


def pattern(w, h):
    """The picture that the Go tests draw too: whole-number arithmetic only."""
    y, x = np.mgrid[0:h, 0:w]
    return np.stack([(7 * x + 3 * y) % 256, (x * x // 8 + 5 * y) % 256, (x * y // 4) % 256], -1).astype(np.uint8)


def smooth(w, h):
    """A picture without sharp edges, on which chroma subsampling costs little."""
    y, x = np.mgrid[0:h, 0:w].astype(float)
    rgb = [128 + 100 * np.sin(x / 9 + p) * np.cos(y / 11 - p) for p in (0, 1.1, 2.3)]
    return np.clip(np.stack(rgb, -1), 0, 255).astype(np.uint8)


def save(name, image, reference=None, **options):
    image.save(name, **options)
    if reference is None:
        reference = ImageOps.exif_transpose(Image.open(name)).convert("RGB")
    reference.save(name + ".png", optimize=True)


def on_white(image):
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA")).convert("RGB")


def jpegs():
    rgb = Image.fromarray(smooth(75, 53))
    save("progressive420.jpg", rgb, progressive=True, quality=85)
    save("progressive444.jpg", rgb, progressive=True, quality=85, subsampling=0)
    save("progressive-grey.jpg", rgb.convert("L"), progressive=True, quality=85)
    save("baseline420.jpg", rgb, quality=85)
    save("baseline422.jpg", rgb, quality=85, subsampling=1)
    save("baseline444.jpg", rgb, quality=85, subsampling=0)
    save("baseline-grey.jpg", rgb.convert("L"), quality=85)
    save("restart.jpg", rgb, quality=85, restart_marker_blocks=3)
    save("rgb.jpg", rgb, quality=90, keep_rgb=True)
    save("cmyk-adobe.jpg", rgb.convert("CMYK"), quality=95)
    # The same bytes read as YCCK, and the same without Adobe's segment.
    data = open("cmyk-adobe.jpg", "rb").read()
    at = data.index(b"\xff\xee")
    open("ycck.jpg", "wb").write(data[: at + 15] + b"\2" + data[at + 16 :])
    Image.open("ycck.jpg").convert("RGB").save("ycck.jpg.png", optimize=True)
    open("cmyk-plain.jpg", "wb").write(data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") :])
    Image.open("cmyk-plain.jpg").convert("RGB").save("cmyk-plain.jpg.png", optimize=True)


def webps():
    rgb = Image.fromarray(smooth(45, 31))
    alpha = rgb.convert("RGBA")
    alpha.putalpha(Image.fromarray((np.mgrid[0:31, 0:45][1] * 5).astype(np.uint8)))
    save("lossy.webp", rgb, quality=80)
    save("lossless.webp", rgb, lossless=True)
    save("alpha.webp", alpha, on_white(alpha), lossless=True, exact=True)
    save("alpha-lossy.webp", alpha, quality=80)
    on_white(Image.open("alpha-lossy.webp")).save("alpha-lossy.webp.png", optimize=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    save("exif.webp", rgb, lossless=True, exif=exif)
    save("exif.png", rgb, exif=exif)


def others():
    rgb = Image.fromarray(smooth(45, 31))
    alpha = rgb.convert("RGBA")
    alpha.putalpha(Image.fromarray((np.mgrid[0:31, 0:45][0] * 8).astype(np.uint8)))
    save("alpha.png", alpha, on_white(alpha))
    save("palette.png", rgb.quantize(32))
    save("grey.bmp", rgb.convert("L"))
    save("colour.bmp", rgb)
    # Two frames; the second is smaller than the canvas.
    frames = [rgb.quantize(32), Image.fromarray(255 - smooth(45, 31)).quantize(32)]
    save("animated.gif", frames[0], frames[0].convert("RGB"), save_all=True, append_images=frames[1:], duration=50)


def opencv():
    for w, h, size in ((50, 37, 64), (64, 64, 64), (150, 201, 64), (5, 3, 64)):
        image = pattern(w, h)[..., ::-1]
        scale = size / max(w, h)
        out = np.zeros((size, size, 3), np.uint8)
        small = cv2.resize(image, (int(np.floor(w * scale + 0.5)), int(np.floor(h * scale + 0.5))))
        out[: small.shape[0], : small.shape[1]] = small
        cv2.imwrite(f"resize-{w}x{h}.png", out)
    for name, m in {
        "turn": [[0.6, -0.3, 20.25], [0.3, 0.6, -7.5]],
        "shift": [[1, 0, 3], [0, 1, -4]],
        "grow": [[2.5, 0.4, -60.5], [-0.4, 2.5, -40]],
    }.items():
        out = cv2.warpAffine(pattern(100, 80)[..., ::-1], np.float64(m), (56, 48), flags=cv2.INTER_LINEAR)
        cv2.imwrite(f"warp-{name}.png", out)


if __name__ == "__main__":
    jpegs()
    webps()
    others()
    opencv()
