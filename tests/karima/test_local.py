from pathlib import Path

import pytest

from karima import local


def test_data_is_kept_in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert local.data_dir() == local.PROJECT / ".data"


def test_superusers_data_is_kept_where_nobody_can_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(local, "PROJECT", tmp_path)
    assert local.data_dir().parts[:3] == ("/", "var", "tmp")


def test_sockets_lie_beside_the_data() -> None:
    assert local.run_dir(Path("/srv/shop/.data")) == Path("/srv/shop/.data/run")
    assert local.redis_socket(Path("/d")) == Path("/d/run/redis.sock")


@pytest.mark.parametrize(
    "data", ["/" + "long/" * 25, "/with a space", "/with,comma", "/caf\u00e9"]
)
def test_sockets_move_to_tmp_when_clients_cannot_take_the_path(data: str) -> None:
    folder = local.run_dir(Path(data))
    assert folder.parts[:2] == ("/", "tmp")
    assert folder == local.run_dir(Path(data))


def test_two_projects_have_different_spare_folders() -> None:
    first, second = (local.spare_dir(Path(p), "/srv") for p in ("/a", "/b"))
    assert first != second


@pytest.mark.parametrize("length", [80, 81, 82, 83, 84, 85, 86, 87, 88, 89])
def test_a_socket_path_never_exceeds_what_the_kernel_takes(length: int) -> None:
    folder = local.run_dir(Path("/" + "d" * (length - 1)))
    assert len(str(folder / local.POSTGRES_SOCKET)) <= local.SOCKET_PATH_LIMIT
