"""No malformed input ends in a traceback, a hang, exit code 70, or a file outside the folder named."""

import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest
from attacks import all_of, has_devices

pytestmark = [pytest.mark.skipif(not has_devices(), reason="needs pipes, /dev/zero and alarms")]

SECONDS = 10
PARTS = 10
"""The attacks are dealt out to so many tests."""


class Hangs(BaseException):
    """Raised in a command that takes too long."""


def _alarm(number, frame):
    raise Hangs


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize("part", range(PARTS))
def test_every_attack_ends_with_one_line(command, tmp_path, tmp_path_factory, finished, part):
    found = []
    outside = tmp_path_factory.getbasetemp()
    attacks = list(all_of(finished))
    assert len(attacks) >= 500
    random.Random(0).shuffle(attacks)
    before = signal.signal(signal.SIGALRM, _alarm)
    here = tree(outside)
    try:
        for number, attack in enumerate(attacks[part::PARTS]):
            folder = tmp_path / str(number)
            folder.mkdir()
            os.chdir(folder)
            attack.prepare(folder)
            start = time.process_time()
            signal.alarm(12 * SECONDS)  # the machine may be busy with other tests
            try:
                said = command(*attack.words)
            except Hangs:
                found.append(f"{attack.name}: hangs")
                continue
            finally:
                signal.alarm(0)
            lines = [line for line in said.err.splitlines() if line.startswith("beatnaive: ")]
            if said.code not in (0, 2, 3, 4, 5):
                found.append(f"{attack.name}: exit {said.code}: {said.err[-300:]}")
            elif said.code and (len(lines) != 1 or len(lines[0]) >= 300):
                found.append(f"{attack.name}: {len(lines)} lines: {said.err[:400]}")
            if "Traceback" in said.err + said.out or "Warning" in said.err:
                found.append(f"{attack.name}: {said.err[-300:]}")
            if time.process_time() - start > SECONDS:
                found.append(f"{attack.name}: took {time.process_time() - start:.0f} s")
    finally:
        signal.signal(signal.SIGALRM, before)
    inside = str(tmp_path.relative_to(outside))
    stray = {one for one in tree(outside) - here if not one.startswith((inside, "state"))}
    assert not stray, "files outside the folder"
    if found:
        print("\n".join(found), file=sys.__stderr__)
    assert not found, f"{len(found)} of {len(attacks[part::PARTS])}"
