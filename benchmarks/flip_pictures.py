"""Pictures of the demo for the README: an animation of one flip, and a thumbnail, from the real page.

python benchmarks/flip_pictures.py --model FOLDER [--base FOLDER]
python benchmarks/flip_pictures.py --url http://127.0.0.1:7860/    with a page that is running

Writes docs/flip.gif and spaces/instruction_flip/thumbnail.png. The page is the one that a first visitor sees.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "spaces" / "instruction_flip")]

from flip_visiting import BASE, CHROMIUM, CHROMIUM_ARGUMENTS, SPACE, Server, Visit, start_server  # noqa: E402

ANIMATION, THUMBNAIL = ROOT / "docs" / "flip.gif", SPACE / "thumbnail.png"
#: Milliseconds of the slide at which a picture is taken, and for which the pictures at its ends stay.
_MOMENTS, _STAY = (0, 50, 100, 150, 200, 250), 2500
_WIDTH, _HEIGHT, _COLOURS = 1200, 680, 64
_SEEK = """(at) => document.getAnimations()
    .filter((one) => one.effect?.target?.matches?.('.flip-card'))
    .forEach((one) => { one.pause(); one.currentTime = at; })"""
#: Slides wait for the pictures instead of running.
_HOLD = """() => {
    const animate = Element.prototype.animate;
    Element.prototype.animate = function (...given) {
        const slide = animate.apply(this, given);
        slide.pause();
        return slide;
    };
}"""


def take(page: Page) -> Image.Image:
    """Return a picture of the upper part of the page."""
    clip = {"x": 0, "y": 0, "width": _WIDTH, "height": _HEIGHT}
    return Image.open(BytesIO(page.screenshot(clip=clip))).convert("RGB")


def flip_slowly(visit: Visit) -> list[Image.Image]:
    """Flip once, and return a picture of each moment of the slide and of the end."""
    page = visit.page
    page.evaluate(_HOLD)
    page.click("#flip-button")
    page.wait_for_selector(".flip-move")
    page.wait_for_function("document.getAnimations().some((one) => one.effect.target.matches('.flip-card'))")
    frames = []
    for moment in _MOMENTS:
        page.evaluate(_SEEK, moment)
        frames.append(take(page))
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)
    return [*frames, take(page)]


def write_animation(frames: Sequence[Image.Image], path: Path) -> None:
    """Write pictures as an endless animation; the first and the last one stay."""
    small = [frame.quantize(_COLOURS, dither=Image.Dither.NONE) for frame in frames]
    stays = [_STAY, *[60] * (len(frames) - 2), 2 * _STAY]
    small[0].save(path, save_all=True, append_images=small[1:], duration=stays, loop=0, optimize=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Make both pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--model", help="trained model: a folder or package:NAME/SUBPATH")
    which.add_argument("--url", help="a running page, in place of one to start")
    parser.add_argument("--base", default=BASE, help="base model (the packaged MiniLM)")
    args = parser.parse_args(argv)
    if args.url:
        server = Server(args.url)
    else:
        model = str(Path(args.model).resolve()) if Path(args.model).is_dir() else args.model
        server = start_server("--base", args.base, "--model", model)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
            visit = Visit(browser.new_context(viewport={"width": _WIDTH, "height": 800}), server)
            visit.open()
            frames = [take(visit.page), *flip_slowly(visit)]
            browser.close()
    finally:
        server.stop()
    write_animation(frames, ANIMATION)
    frames[-1].save(THUMBNAIL, optimize=True)
    for path in (ANIMATION, THUMBNAIL):
        sys.stdout.write(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
