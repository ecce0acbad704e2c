"""Lines of several processes that each count from 0, in one file."""

from collections import Counter

import pytest

from examples.platform.verify.log_lines import gaps, lines_by_process


@pytest.mark.parametrize("lengths", [[], [3], [5, 5, 2], [4, 1, 1, 1]])
def test_whole_logs_have_no_gap(lengths: list[int]) -> None:
    """However many processes there were, and however far each came."""
    numbers = _numbers(lengths)
    assert gaps(numbers) == []
    assert lines_by_process(numbers) == lengths


@pytest.mark.parametrize("lost", [0, 1, 3])
def test_a_lost_line_is_a_gap(lost: int) -> None:
    """Though another process has a line of that number."""
    numbers = _numbers([6, 6, 5])
    numbers[lost] -= 1
    assert len(gaps(numbers)) == 1


def _numbers(lengths: list[int]) -> Counter[int]:
    return Counter(number for length in lengths for number in range(length))
