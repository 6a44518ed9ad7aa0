"""Arrow columns as arrays: chunks, slices, nulls and dates."""

import numpy as np
import pyarrow as pa
import pytest

from beatnaive.core.arrow_columns import equal, values


@pytest.mark.parametrize("start", [0, 1, 7, 9])
def test_a_slice_keeps_its_own_nulls(start):
    """The bits that say what is null begin with the whole column, not with the slice."""
    numbers = [None if k % 3 == 0 else float(k) for k in range(20)]
    expected = np.array([np.nan if one is None else one for one in numbers[start:]])
    np.testing.assert_array_equal(values(pa.array(numbers)[start:]), expected)


def test_chunks_are_joined_in_order():
    column = pa.chunked_array([[1, 2], [], [3]], pa.int64())
    np.testing.assert_array_equal(values(column), [1, 2, 3])


def test_dates_are_days():
    days = np.array(["1969-12-31", "1970-01-01", "2024-02-29"], "datetime64[D]")
    found = values(pa.array(days))
    assert found.dtype == np.dtype("datetime64[D]")
    np.testing.assert_array_equal(found, days)


def test_equal_in_text_of_several_dictionaries():
    """Each chunk numbers its words anew: code 0 is "b" in the first and "a" in the second."""
    chunks = [pa.array(["b", "a"]).dictionary_encode(), pa.array(["a", "c"]).dictionary_encode()]
    column = pa.chunked_array(chunks)
    assert equal(column, "a").tolist() == [False, True, True, False]
    assert equal(column, "d").tolist() == [False] * 4


def test_equal_in_numbers():
    assert equal(pa.array([3, 1, 3]), 3).tolist() == [True, False, True]
