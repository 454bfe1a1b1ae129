"""What nginx says by itself, while nothing of the shop runs behind it."""

from collections.abc import Iterator

import pytest
import requests

from tests.compose import Here
from tests.nginx import needs_nginx
from tests.servers import wait_until

pytestmark = needs_nginx
LARGEST = 21 * 1024 * 1024


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Here:
    return Here.in_folder(tmp_path_factory.mktemp("door"))


@pytest.fixture(scope="module")
def door(here: Here) -> Iterator[str]:
    """The deployed nginx; its address."""
    nginx = here.open_door(here.door_settings())
    address = f"https://localhost:{here.ports['nginx:443']}"
    try:
        wait_until(lambda: nginx.has_ended or opens(address))
        assert not nginx.has_ended, nginx.log.read_text()
        yield address
    finally:
        nginx.kill()


def opens(address: str) -> bool:
    try:
        return bool(requests.get(address, verify=False, timeout=5).status_code)
    except requests.RequestException:
        return False


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize(
    ("path", "length", "status"),
    [("/", 0, 502), ("/api/session", 0, 502), ("/events", 0, 502), ("/metrics", 0, 404), ("/", LARGEST + 1, 413)],
)
def test_no_browser_may_do_anything_with_what_nginx_says_itself(
    here: Here, door: str, path: str, length: int, status: int
) -> None:
    sent = {"Content-Length": str(length)} if length else {}

    answer = requests.post(
        f"{door}{path}", headers=sent, verify=str(here.secrets / "tls_certificate"), stream=True, timeout=60
    )

    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
