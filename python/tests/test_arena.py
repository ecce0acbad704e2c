"""Who shares metrics with whom, and what becomes of the memory that they share."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import kyros_obs
from kyros_obs import ConfigError
from tests.clusters import environment
from tests.counting_process import all_counting, counting
from tests.test_servers import DEADLINE

ARENA, SERVICE = "KYROS_OBS_ARENA", "KYROS_OBS_SERVICE"


def test_two_runs_of_one_program_share_nothing(tmp_path: Path) -> None:
    """Nor do those that a shell has started, though they have one parent and one command."""
    with all_counting(tmp_path, {}, {}) as (one, other):
        one.count(2)
        other.count(3)
        assert (one.total(), other.total()) == (2, 3)
        assert one.told()["kyros_workers"] == 1
    each = f"{sys.executable} -m tests.counting_process < told &"
    both = subprocess.run(  # noqa: S603 - our own processes
        ["/bin/sh", "-c", f"printf 'count\\ntell\\n' > told; {each} {each} wait"],
        cwd=tmp_path,
        env=environment(tmp_path, {}),
        capture_output=True,
        text=True,
        check=True,
        timeout=DEADLINE,
    )
    replies = [json.loads(line).get("reply") for line in both.stdout.splitlines()]
    assert [told["counted_total"] for told in replies if told] == [1, 1]


def test_a_file_is_shared_by_those_who_name_it(tmp_path: Path) -> None:
    """While one of them lives, who comes later goes on; when all are dead, all begins anew."""
    file = {ARENA: str(tmp_path / "arena")}
    with counting(tmp_path, file) as first:
        first.count(2)
        with counting(tmp_path, file) as second:
            second.count(3)
            assert (first.total(), second.total()) == (5, 5)
            assert second.told()["kyros_workers"] == 2
            first.popen.kill()
            first.popen.wait(DEADLINE)
            with counting(tmp_path, file) as third:
                assert (third.total(), third.told()["kyros_workers"]) == (5, 2)
    with counting(tmp_path, file) as later:
        assert later.total() == 0


def test_another_service_at_the_same_file(tmp_path: Path) -> None:
    """Has series of its own, and leaves the first one's as they are."""
    file = {ARENA: str(tmp_path / "arena")}
    with all_counting(tmp_path, file, {**file, SERVICE: "other"}) as (one, other):
        one.count(2)
        other.count(3)
        assert (one.total(), other.total()) == (2, 3)


def test_services_that_name_one_file_keep_theirs(tmp_path: Path) -> None:
    """Whoever comes later finds those of its service, although others have the file."""
    file = {ARENA: str(tmp_path / "arena")}
    staging = {**file, "KYROS_OBS_ENV": "staging"}
    settings = [file, {**file, SERVICE: "other"}, staging] * 2
    with all_counting(tmp_path, *settings) as processes:
        for process in processes:
            process.count(1)
        assert [process.total() for process in processes] == [2] * 6


def _file(path: Path, mode: int = 0o600) -> Path:
    path.touch()
    path.chmod(mode)
    return path


def _of_something_else(directory: Path) -> Path:
    path = _file(directory / "thesis")
    path.write_bytes(b"the only copy" * 100)
    return path


def _of_another_user(directory: Path) -> Path:
    """Whoever runs the tests: root gives one away, others name one of root's."""
    if os.geteuid() != 0:
        return Path("/etc/hostname")
    path = _file(directory / "given_away")
    os.chown(path, 65534, 65534)
    return path


def _symbolic(directory: Path) -> Path:
    path = directory / "symbolic"
    path.symlink_to(_file(directory / "target"))
    return path


def _hard(directory: Path) -> Path:
    path = directory / "hard"
    path.hardlink_to(_file(directory / "target"))
    return path


REFUSED: dict[str, Callable[[Path], Path]] = {
    "a directory": lambda directory: directory,
    "in no directory": lambda directory: directory / "absent" / "arena",
    "for all to read": lambda directory: _file(directory / "open", 0o644),
    "for a group to write": lambda directory: _file(directory / "group", 0o620),
    "of another user": _of_another_user,
    "of something else": _of_something_else,
    "a symbolic link": _symbolic,
    "of two names": _hard,
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_refused(tmp_path: Path, case: str) -> None:
    """The error names the setting and the file, and the file stays as it was."""
    path = REFUSED[case](tmp_path)
    before = path.stat().st_size if path.exists() else None
    with pytest.raises(ConfigError, match=rf"^setting `arena`: .*: {re.escape(str(path))}\n  hint"):
        kyros_obs.configure(service="app", env="test", spool_dir=tmp_path / "spool", arena=path)
    assert (path.stat().st_size if path.exists() else None) == before


@pytest.mark.parametrize("limited", ["RLIMIT_FSIZE", "RLIMIT_AS"])
def test_without_memory_to_share(tmp_path: Path, limited: str) -> None:
    """The service starts, counts for itself and says so, in one line and by a metric."""
    with counting(tmp_path, limited=[limited, str(32 << 20)]) as process:
        process.count(2)
        told = process.told()
        lines = [line["message"] for line in process.lines if line["event"] == "log"]
    assert (told["counted_total"], told["kyros_arena_shared"]) == (2, 0)
    (line,) = lines
    assert "metrics are this process' alone: " in line


SUPERVISED = """
import json, sys
from tests.supervised import totals
if __name__ == "__main__":
    print(json.dumps(totals(*sys.argv[1:])))
"""


@pytest.mark.parametrize("own", ["", "a"])
@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_children_of_one_parent(tmp_path: Path, method: str, own: str) -> None:
    """Those of one service share, whichever way they are started, and with a parent of it."""
    (tmp_path / "supervising.py").write_text(SUPERVISED)
    done = subprocess.run(  # noqa: S603 - our own process
        [sys.executable, str(tmp_path / "supervising.py"), method, own, "a", "a", "b"],
        env=environment(tmp_path, {"KYROS_OBS_LOGS": "false"}),
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
    )
    together = 3 if own else 2
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [together, together, 1]
