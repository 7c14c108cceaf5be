"""The one program that opens a picture of a stranger: a process of its own, with little to spend.

A picture decoder is where hostile files strike. So that it costs no more than this process, the file
is started as a script (it imports nothing of the house), reads the picture from standard input, and
writes a fresh JPEG to standard output: the pixels alone, turned upright, none of the places, times and
names that cameras write into a file.
"""

import resource
import sys
from typing import BinaryIO

from PIL import Image, ImageOps

MEMORY = 1024 * 2**20
SECONDS = 15
PIXELS = 50_000_000  # what a good phone's camera takes
EDGE = 1600  # of what is shown
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP")
REFUSED = 3  # exit status


def main(source: BinaryIO, target: BinaryIO) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (20 * 2**20, 20 * 2**20))
    Image.MAX_IMAGE_PIXELS = PIXELS
    with Image.open(source, formats=FORMATS) as picture:
        width, height = picture.size
        if width * height > PIXELS:
            return REFUSED
        picture.draft("RGB", (EDGE, EDGE))
        shown = ImageOps.exif_transpose(picture)
        shown.thumbnail((EDGE, EDGE))
        if shown.mode in {"RGBA", "LA", "PA", "P"}:
            seen = shown.convert("RGBA")
            ground = Image.new("RGB", seen.size, "white")
            ground.paste(seen, mask=seen.getchannel("A"))
            shown = ground
        clean = Image.new("RGB", shown.size)
        clean.paste(shown.convert("RGB"))
        clean.save(target, "JPEG", quality=85, exif=b"")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
