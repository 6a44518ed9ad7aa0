"""No malformed input ends in a traceback, a hang, exit code 70, or a file outside the folder named."""

import os
import random
import shutil
import signal
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from attacks import all_of, commands, has_devices
from rights import nobody

pytestmark = [pytest.mark.skipif(not has_devices(), reason="needs pipes, /dev/zero and alarms")]

SECONDS = 10
PARTS = 5
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


SEED, DRAWN = int(os.environ.get("FUZZ_SEED", "0")), int(os.environ.get("FUZZ_DRAWN", "100"))
"""Of the attacks that are made up: other ones than CI's with FUZZ_SEED=1 FUZZ_DRAWN=1000 in the environment."""
TRIED = int(os.environ.get("FUZZ_TRIED", "500"))
"""How many of all attacks, drawn by FUZZ_SEED, are tried: more than there are tries all (about 1,700)."""


def shuffled(finished: Path):
    attacks = list(all_of(finished, seed=SEED, drawn=DRAWN))
    assert len(attacks) >= 500
    random.Random(SEED).shuffle(attacks)
    return attacks[:TRIED]


def test_every_command_is_attacked():
    attacked = {" ".join(attack.words) for attack in all_of(Path("x"))}
    for command, options, _ in commands():
        assert any(words.startswith(command) for words in attacked), command
        for option in options:
            assert any(words.startswith(command) and f" {option} " in f"{words} " for words in attacked), option


def outside_of(folder: Path, base: Path) -> set[str]:
    inside = str(folder.relative_to(base))
    # yfinance, once told by another test to keep its cookies in that test's folder, goes on keeping them there
    return {one for one in tree(base) if not one.startswith((inside, "state")) and "/yfinance" not in one}


@pytest.fixture
def public(finished):
    """A folder that anybody may read, which pytest's are not, with a copy of the finished run."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copytree(finished, folder / "finished")
        yield folder


# compiled code that root kept is not read by nobody: JAX says so, to programmers, and compiles anew
@pytest.mark.filterwarnings("ignore:Error (reading|writing) persistent compilation cache:UserWarning")
@pytest.mark.parametrize("part", range(PARTS))
def test_every_attack_ends_with_one_line(command, tmp_path, tmp_path_factory, public, part):
    """Then a fifth of them again with the rights of `su nobody`, whose home and state cannot be written."""
    base = tmp_path_factory.getbasetemp()
    attacks = shuffled(public / "finished")[part::PARTS]
    here = outside_of(tmp_path, base)
    found = defects(command, tmp_path, attacks)
    assert outside_of(tmp_path, base) == here, "files outside the folder"
    assert not found, f"{len(found)} of {len(attacks)}: " + "\n".join(found)
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return  # only root can be somebody else; what the commands import has been imported by now
    own = public / "own"
    own.mkdir()
    os.chown(own, 65534, 65534)
    before = outside_of(base / "nothing", base), tree(public)
    with nobody():
        with pytest.raises(PermissionError):
            (public / "mine").write_text("")
        found = defects(command, own, attacks[::5])
    os.chdir(base)
    stray = {one for one in tree(public) if not one.startswith("own/")}
    assert (outside_of(base / "nothing", base), stray) == before, "files outside the folder"
    assert {path.lstat().st_uid for path in own.rglob("*")} == {65534}
    assert not found, f"{len(found)} as nobody: " + "\n".join(found)
