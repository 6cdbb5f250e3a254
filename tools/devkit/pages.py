"""./dev docs: the pages of docs/ that are written from the tables in the source."""
import subprocess

from . import builds
from .common import BUILD, ROOT, DevError, say

RENDERER = "banyan-render-docs"
PAGES = {"commands": ROOT / "docs/commands.md", "settings": ROOT / "docs/settings.md"}


def render() -> dict[str, str]:
    builds.build("release", [RENDERER])
    texts = {}
    for name in PAGES:
        done = subprocess.run([BUILD / "release/bin" / RENDERER, name], capture_output=True,
                              text=True)
        if done.returncode != 0:
            raise DevError(f"{RENDERER} {name} failed: {done.stderr.strip()}")
        texts[name] = done.stdout
    return texts


def stale() -> list[str]:
    """The pages that are not what the tables say now."""
    return [str(PAGES[name].relative_to(ROOT)) for name, text in render().items()
            if not PAGES[name].exists() or PAGES[name].read_text() != text]


def are_fresh() -> bool:
    if pages := stale():
        say("out of date (./dev docs writes them): " + " ".join(pages))
        return False
    return True


def docs_command(_: list[str]) -> int:
    for name, text in render().items():
        PAGES[name].write_text(text)
        say(f"wrote {PAGES[name].relative_to(ROOT)}")
    return 0
