"""What makes the phone page an app: its address, its manifest and its worker."""

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

CHUNKS = {
    "src/checkout/main.ts": {
        "file": "assets/checkout.js", "isEntry": True, "imports": ["_vue.js"], "css": ["assets/checkout.css"],
    },
    "src/phone/main.ts": {
        "file": "assets/phone.js", "isEntry": True, "imports": ["_vue.js"], "css": ["assets/phone.css"],
        "dynamicImports": ["_camera.js"],
    },
    "_vue.js": {"file": "assets/vue.js"},
    "_camera.js": {"file": "assets/camera.js"},
}  # fmt: skip
BUILT = ("camera.js", "checkout.css", "checkout.js", "phone.css", "phone.js", "reader.wasm", "vue.js")


@pytest.fixture
def built(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A front end as Vite builds it; the browser tests use the real one."""
    monkeypatch.setattr(app, "static_folder", str(tmp_path))
    manifest = tmp_path / "dist" / ".vite" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps(CHUNKS))
    assets = tmp_path / "dist" / "assets"
    assets.mkdir()
    for name in BUILT:
        (assets / name).touch()
    return assets


def test_the_worker_keeps_the_page_and_its_files_but_not_those_of_the_till(client: FlaskClient, built: Path) -> None:
    answer = client.get("/phone/sw.js")

    kept = json.loads(answer.text.partition("const FILES = ")[2].partition("\n")[0])
    names = ["camera.js", "phone.css", "phone.js", "reader.wasm", "vue.js"]
    assert kept == [*(f"/static/dist/assets/{name}" for name in names), "/static/pages/aisle.svg"]
    assert 'const PAGE = "/phone"\n' in answer.text


def test_the_worker_may_serve_the_page_above_it_and_is_never_kept(client: FlaskClient, built: Path) -> None:
    answer = client.get("/phone/sw.js")

    assert answer.headers["Service-Worker-Allowed"] == "/phone"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "text/javascript"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_another_build_is_another_shell(client: FlaskClient, built: Path) -> None:
    before = client.get("/phone/sw.js").text
    again = client.get("/phone/sw.js").text
    (built / "reader.wasm").rename(built / "reader2.wasm")

    after = client.get("/phone/sw.js").text

    assert before == again
    versions = [text.partition("CACHE = PREFIX + ")[2].partition("\n")[0] for text in (before, after)]
    assert versions[0] != versions[1]


def test_the_page_says_nothing_of_who_is_logged_in(client: FlaskClient, built: Path) -> None:
    text = client.get("/phone").text

    assert '<script type="module" src="/static/dist/assets/phone.js">' in text
    assert "csrf" not in text


def test_without_a_built_front_end_the_page_says_so_and_there_is_no_worker(
    app: Flask, client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "static_folder", str(tmp_path))

    assert (client.get("/phone").status_code, client.get("/phone/sw.js").status_code) == (503, 404)


def test_the_manifest_makes_it_an_app_in_the_users_language(client: FlaskClient) -> None:
    answer = client.get("/phone/manifest.webmanifest", headers={"Accept-Language": "zh-CN"})

    manifest = answer.get_json(force=True)
    assert answer.mimetype == "application/manifest+json"
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/phone", "/phone", "standalone")
    assert manifest["name"] == "Aisle 仓库"
    assert [(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]] == [
        ("192x192", "any"), ("512x512", "any"), ("512x512", "maskable"),
    ]  # fmt: skip
    assert {client.get(icon["src"]).status_code for icon in manifest["icons"]} == {200}
