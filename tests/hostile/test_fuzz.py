"""No malformed input ends in a traceback, a hang, exit code 70, or a file outside the folder named."""

import json
import os
import random
import signal
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


def defects(command, folder: Path, attacks) -> list[str]:
    """What the commands did wrong, a line each; every attack has a folder of its own in `folder`."""
    found = []
    before = signal.signal(signal.SIGALRM, _alarm)
    try:
        for number, attack in enumerate(attacks):
            own = folder / str(number)
            own.mkdir()
            os.chdir(own)
            attack.prepare(own)
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
    return found


def shuffled(finished: Path):
    attacks = list(all_of(finished))
    assert len(attacks) >= 500
    random.Random(0).shuffle(attacks)
    return attacks


def outside_of(folder: Path, base: Path) -> set[str]:
    inside = str(folder.relative_to(base))
    return {one for one in tree(base) if not one.startswith((inside, "state"))}


@pytest.mark.parametrize("part", range(PARTS))
def test_every_attack_ends_with_one_line(command, tmp_path, tmp_path_factory, finished, part):
    base = tmp_path_factory.getbasetemp()
    attacks = shuffled(finished)[part::PARTS]
    here = outside_of(tmp_path, base)
    found = defects(command, tmp_path, attacks)
    assert outside_of(tmp_path, base) == here, "files outside the folder"
    assert not found, f"{len(found)} of {len(attacks)}: " + "\n".join(found)


@pytest.mark.filterwarnings("ignore:.*fork:RuntimeWarning")  # JAX, which other tests imported, dislikes it
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to be nobody")
@pytest.mark.parametrize("part", range(PARTS))
def test_a_user_without_rights_gets_one_line_too(command, tmp_path, tmp_path_factory, finished, part):
    """As `su nobody` would, in a child of this process: five hundred of the attacks, a home that cannot be written."""
    base = tmp_path_factory.getbasetemp()
    attacks = shuffled(finished)[:500][part::PARTS]
    for folder in (tmp_path, finished, *tmp_path.parents[:-2], *finished.parents[:-2], *finished.rglob("*")):
        folder.chmod(folder.stat().st_mode | 0o055)
    # first with rights: nobody may not be able to read the checkout, and so import what the commands need
    defects(command, tmp_path_factory.mktemp("warm-up"), attacks)
    os.chown(tmp_path, 65534, 65534)
    here = outside_of(tmp_path, base)
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        ended = 1
        try:
            (tmp_path / "found.json").write_text(json.dumps(defects(command, tmp_path, attacks)))
            ended = 0
        finally:
            os._exit(ended)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert outside_of(tmp_path, base) == here, "files outside the folder"
    assert (tmp_path / "found.json").stat().st_uid == 65534
    found = json.loads((tmp_path / "found.json").read_text())
    assert not found, f"{len(found)} of {len(attacks)}: " + "\n".join(found)
