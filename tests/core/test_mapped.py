"""Arrays in files without a name: the same numbers, found by another process, let go of, and refused on a full disk."""

import errno
import io
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from resident import CAN_TELL, held

from beatnaive.core import mapped
from beatnaive.core.errors import CannotWrite

PARTS = [np.arange(6.0).reshape(3, 2), np.arange(4.0).reshape(2, 2), np.empty((0, 2))]


def test_tables_come_back_one_below_the_other_and_nobody_may_write():
    whole = mapped.stored(iter(PARTS), 2)
    np.testing.assert_array_equal(whole, np.concatenate(PARTS))
    with pytest.raises(ValueError, match="read-only"):
        whole[0, 0] = 1.0


def test_the_file_has_no_name_that_could_be_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept = mapped.stored(iter(PARTS), 2)
    assert len(kept) == 5
    assert not list(tmp_path.iterdir())


def test_blocks_are_put_where_they_belong():
    rows = np.random.default_rng(0).normal(size=(12, 3))
    place = np.random.default_rng(1).permutation(12)
    cut = [np.sort(place[:5]), np.sort(place[5:6]), np.sort(place[6:])]
    whole = mapped.placed(((one, rows[one]) for one in cut), 12, 3)
    np.testing.assert_array_equal(whole, rows)
    assert not whole.flags.writeable
    assert mapped.placed(iter([]), 0, 3).shape == (0, 3)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_another_process_maps_the_same_array_and_one_in_memory_has_no_place():
    whole = mapped.stored(iter(PARTS), 2)
    place = mapped.place_of(whole)
    assert place is not None
    code = f"import numpy; print(numpy.memmap({str(place.path)!r}, dtype='f8', mode='r', shape={place.shape}).sum())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(said.stdout) == np.concatenate(PARTS).sum()
    np.testing.assert_array_equal(place.open(), whole)
    assert mapped.place_of(whole[1:]) is None, "a part of it is not the whole"
    assert mapped.place_of(np.ones((2, 2))) is None


@pytest.mark.skipif(not CAN_TELL, reason="needs Linux")
def test_what_was_read_is_let_go_of_and_read_again():
    whole = mapped.stored((np.ones((1 << 16, 32)) for _ in range(4)), 32)  # 64 MB
    total = whole.sum()
    mapped.forget(np.ones(3))  # of an array in memory there is nothing to let go of
    assert held(whole[5:]) > 50e6
    assert whole.sum() == total == whole.size


def test_a_full_disk_is_one_line(monkeypatch):
    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", lambda **_: Full())
    with pytest.raises(CannotWrite, match=r"no room for the panel's columns: No space left on device; .* TMPDIR"):
        mapped.stored(iter(PARTS), 2)
    with pytest.raises(CannotWrite, match="No space left on device"):
        mapped.placed(iter([(np.array([0, 1, 2]), PARTS[0])]), 3, 2)


def test_a_blank_is_filled_in_place_and_a_full_disk_is_told_before_the_first_number(monkeypatch):
    monkeypatch.setattr(mapped, "LARGE", 0)
    blank = mapped.blank(3, 2)
    assert np.isnan(blank).all()
    blank[1] = (5.0, 6.0)
    mapped.forget(blank)
    np.testing.assert_array_equal(blank[1], (5.0, 6.0))
    assert mapped.blank(0, 9).shape == (0, 9)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    if hasattr(mapped.os, "posix_fallocate"):
        monkeypatch.setattr(mapped.os, "posix_fallocate", full)
        with pytest.raises(CannotWrite, match=r"no room for the panel's quantiles: No space left on device; .* TMPDIR"):
            mapped.blank(3, 2)
