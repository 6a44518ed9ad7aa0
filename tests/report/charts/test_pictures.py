"""Pictures are drawn by another process: the same bytes as here, whatever happens to it, and none by halves."""

import sys
from pathlib import Path

import pytest

from beatnaive.core.errors import CannotWrite
from beatnaive.report import charts
from beatnaive.report.charts import pictures
from beatnaive.report.charts.pictures import Pictures


def bar(height: int) -> dict[str, object]:
    return {
        "data": {"values": [{"a": height}]},
        "mark": "bar",
        "encoding": {"y": {"field": "a", "type": "quantitative"}},
        "description": "x" * (200_000 if height == 3 else 1),  # more than a pipe holds
    }


def drawn(folder: Path, heights: tuple[int, ...]) -> list[bytes]:
    paths = [folder / f"{height}.png" for height in heights]
    with Pictures() as elsewhere:
        elsewhere.draw((path, bar(height)) for path, height in zip(paths, heights, strict=True))
    return [path.read_bytes() for path in paths]


def test_they_are_the_bytes_that_this_process_would_draw(tmp_path: Path) -> None:
    assert drawn(tmp_path, (1, 2)) == [charts.to_png(bar(1)), charts.to_png(bar(2))]


def test_an_order_larger_than_a_pipe_is_drawn(tmp_path: Path) -> None:
    assert all(picture[:4] == b"\x89PNG" for picture in drawn(tmp_path, (3, 1)))


@pytest.mark.parametrize("painter", ["raise SystemExit(1)", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"])
def test_a_painter_that_dies_is_replaced_by_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, painter: str
) -> None:
    (tmp_path / "painter.py").write_text(painter)
    monkeypatch.setattr(pictures, "PAINTER", tmp_path / "painter.py")
    assert drawn(tmp_path, (1,)) == [charts.to_png(bar(1))]


def test_without_an_executable_this_process_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    assert drawn(tmp_path, (1,)) == [charts.to_png(bar(1))]


def test_an_error_meanwhile_leaves_no_picture_and_no_process(tmp_path: Path) -> None:
    elsewhere = Pictures()

    def interrupted() -> None:
        with elsewhere:
            elsewhere.draw([(tmp_path / "1.png", bar(1))])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []
    assert elsewhere._painter is not None
    assert elsewhere._painter.poll() is not None


def test_nothing_asked_is_nothing_drawn(tmp_path: Path) -> None:
    with Pictures():
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_closed_folder_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "plots").write_text("a file where the folder should be")
    with pytest.raises(CannotWrite, match=r"cannot write .* choose another folder"), Pictures() as elsewhere:
        elsewhere.draw([(tmp_path / "plots" / "1.png", bar(1))])
