"""Waiting for conditions, never for fixed times."""
import time

from .resp import ReplyError


def wait_until(condition, what: str, within_s: float = 10.0, every_s: float = 0.01):
    """Polls until condition() is true and returns what it gave. A failed call (a server that is not
    up yet, or still loading) counts as not yet. Raises AssertionError when late."""
    deadline = time.monotonic() + within_s
    last = None
    while True:
        try:
            if last := condition():
                return last
        except (OSError, ValueError, KeyError, ReplyError) as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:g} s: {what} (last: {last!r})")
        time.sleep(every_s)
