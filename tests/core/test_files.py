"""Files are whole or not there at all."""

import os
import stat

import pytest

from beatnaive.core.errors import CannotWrite
from beatnaive.core.files import write_atomically


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_what_is_no_file_is_not_replaced_by_one(tmp_path):
    """As root, `--out /dev/zero` would take the device away from every program on the machine."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in ("pipe", "link"):
        with pytest.raises(CannotWrite, match="it is a device, a pipe or a socket"):
            write_atomically(tmp_path / name, b"x")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert (tmp_path / "link").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "pipe"]
