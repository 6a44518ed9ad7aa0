"""What is freed is used again inside, and is the system's again after."""

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource
import numpy as np
from beatnaive.core import malloc

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        np.zeros(1 << 26, np.uint8).fill(1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def held():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()

np.zeros(1 << 26, np.uint8).fill(1)
outside = faults()
with malloc.reusing():
    np.zeros(1 << 26, np.uint8).fill(1)
    inside, before = faults(), held()
print(outside, inside, before - held())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc that keeps and gives back")
def test_arrays_lie_where_freed_ones_lay_and_the_end_gives_them_back():
    said = subprocess.run([sys.executable, "-c", FAULTS], capture_output=True, text=True, check=True).stdout
    outside, inside, given_back = map(int, said.split())
    assert inside < outside / 5
    assert given_back > 50e6
