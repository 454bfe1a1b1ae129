"""The phone page: its shell, and what lets a telephone install it and open it without a network."""

import hashlib
from typing import Any, Final

from flask import Blueprint, Response, current_app, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.views import locale, vite
from app.views.access import anyone

ENTRY: Final = "src/phone/main.ts"
SHELL: Final = "phone.html"
GROUND: Final = "#eef0f3"
ACCENT: Final = "#0b6e4f"
bp = Blueprint("phone", __name__, url_prefix="/phone")


@bp.get("")
@anyone
def show() -> ResponseReturnValue:
    """The page for whoever counts, receives and approves. It asks for a login itself."""
    assets = vite.assets(ENTRY)
    if assets is None:
        return render_template("not_built.html"), 503
    return render_template(SHELL, assets=assets)


@bp.get("/manifest.webmanifest")
@anyone
def manifest() -> Response:
    """What the telephone shows beside the icon."""
    response = jsonify(
        name=gettext("Aisle warehouse"),
        short_name="Aisle",
        description=gettext("Count, receive, look up, approve"),
        lang="zh-Hans" if locale.language() == "zh" else "en",
        id="/phone",
        start_url=url_for("phone.show"),
        scope=url_for("phone.show"),
        display="standalone",
        orientation="portrait",
        background_color=GROUND,
        theme_color=ACCENT,
        icons=[_icon(192, "any"), _icon(512, "any"), _icon(512, "maskable")],
    )
    response.mimetype = "application/manifest+json"
    return response


@bp.get("/sw.js")
@anyone
def worker() -> ResponseReturnValue:
    """The service worker; it lies below the page, so its wider scope is allowed by name."""
    if vite.assets(ENTRY) is None:
        return Response(status=404)
    files = [*vite.offline_files(ENTRY), url_for("static", filename="pages/aisle.svg")]
    code = render_template("phone_worker.js", page=url_for("phone.show"), files=files, version=_version(files))
    return Response(code, mimetype="text/javascript", headers={"Service-Worker-Allowed": url_for("phone.show")})


def _version(files: list[str]) -> str:
    """Another one whenever the shell changes; built files have their contents in their names."""
    loader, environment = current_app.jinja_env.loader, current_app.jinja_env
    source = loader.get_source(environment, SHELL)[0] if loader else ""
    return hashlib.sha256("\n".join([source, *files]).encode()).hexdigest()[:16]


def _icon(size: int, purpose: str) -> dict[str, Any]:
    name = f"phone-{'maskable-' if purpose == 'maskable' else ''}{size}.png"
    address = url_for("static", filename=f"pages/{name}")
    return {"src": address, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
