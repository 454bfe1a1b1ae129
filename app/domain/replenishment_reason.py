"""The one sentence that says why a line was ordered, in the reader's language."""

from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from app.domain.quantity import ONE, Unit, as_text


def _(text: str) -> str:
    """Mark a text for the translators; the caller translates."""
    return text


SELLS: Final = _("Sells %(daily)s a day")
NOT_SOLD: Final = _("Not sold lately")
FORECAST: Final = _(
    "Forecast: %(daily)s a day, %(mean)s in %(span)s days and %(share)s %% of the time at most %(most)s"
)
NOT_EXPECTED: Final = _("Not expected to sell")
STOCK: Final = _("%(available)s available of safety stock %(safety)s, %(on_order)s on order")
PINNED: Final = _("%(available)s available of the pinned safety stock %(safety)s, %(on_order)s on order")
ONE_DAY: Final = _("delivery in 1 day")
DAYS: Final = _("delivery in %(days)s days")
ONE_PACK: Final = _("%(quantity)s ordered = 1 pack of %(pack)s")
PACKS: Final = _("%(quantity)s ordered = %(packs)s packs of %(pack)s")
LEAST: Final = _("the supplier delivers at least %(least)s")
SPOILS: Final = _("%(spoils)s sell before they spoil")
LASTS_ONE: Final = _("enough for about 1 day")
LASTS: Final = _("enough for about %(cover)s days")
METHOD: Final = _("forecast by %(method)s")
ERROR: Final = _("forecast by %(method)s, off by %(error)s %% of sales so far")
CHANGED: Final = _("changed by hand to %(edited)s")
JOIN: Final = _("; ")
STOP: Final = _(".")
METHODS: Final[Mapping[str, str]] = {
    "weekday_shape": _("weekday shape"),
    "moving_average": _("moving average"),
    "seasonal_naive": _("the same weekday last week"),
    "blend": _("a blend of weekday shape and learned trees"),
    "ets": _("exponential smoothing"),
    "theta": _("the Theta method"),
    "croston": _("Croston’s method"),
    "sba": _("Croston’s method, corrected"),
    "tsb": _("the method of Teunter, Syntetos and Babai"),
    "arima700": _("ARIMA(7,0,0)"),
    "seasonal_arima": _("seasonal ARIMA"),
    "recent_mean": _("the mean of a short history"),
    "nothing_sold": _("nothing sold so far"),
}
"""Names of methods for people; one that is missing here is called by its code."""


def reason_sentence(reason: Mapping[str, Any], translate: Callable[[str], str] = str) -> str:
    """One sentence that says why a line was ordered, in the language of `translate` (English without one).

    A line that somebody wrote by hand has no figures and gives an empty text.
    """
    if "target" not in reason:
        return ""
    forecast = reason.get("forecast")
    figures = _figures(reason) | (_forecast_figures(reason, forecast, translate) if forecast else {})
    parts = [
        *_rate(reason, forecast),
        PINNED if forecast and forecast["is_pinned"] else STOCK,
        ONE_DAY if reason["lead_time_days"] == 1 else DAYS,
        ONE_PACK if figures["packs"] == "1" else PACKS,
        *([LEAST] if reason.get("minimum_order") else []),
        *(_outcome(forecast) if forecast else []),
        *([CHANGED] if "edited" in reason else []),
    ]
    return translate(JOIN).join(translate(part) % figures for part in parts) + translate(STOP)


def method_name(method: str, translate: Callable[[str], str] = str) -> str:
    """What people call a method of forecasting."""
    return translate(METHODS[method]) if method in METHODS else method.replace("_", " ")


def _rate(reason: Mapping[str, Any], forecast: Mapping[str, Any] | None) -> list[str]:
    if forecast:
        return [FORECAST if forecast["most"] > 0 else NOT_EXPECTED]
    return [SELLS if reason["sold"] > 0 and reason["days"] else NOT_SOLD]


def _outcome(forecast: Mapping[str, Any]) -> list[str]:
    cover = forecast["cover_days"]
    lasts = [] if cover is None else [LASTS_ONE if cover == 1 else LASTS]
    spoils = [] if forecast["spoils_above"] is None else [SPOILS]
    return [*spoils, *lasts, METHOD if forecast["wape"] is None else ERROR]


def _shown(quantity: int, unit: str) -> str:
    text = as_text(quantity, unit)
    return f"{text} kg" if unit == Unit.KG else text


def _figures(reason: Mapping[str, Any]) -> dict[str, str]:
    unit = reason["unit"]
    return {
        "daily": _daily(reason["sold"], reason["days"], unit),
        "available": _shown(reason["available"], unit),
        "safety": _shown(reason["safety_stock"], unit),
        "on_order": _shown(reason["on_order"], unit),
        "days": str(reason["lead_time_days"]),
        "quantity": _shown(reason["quantity"], unit),
        "packs": str(reason["quantity"] // reason["pack_size"]),
        "pack": _shown(reason["pack_size"], unit),
        "least": _shown(reason.get("minimum_order", 0), unit),
        "edited": _shown(reason.get("edited", 0), unit),
    }


def _forecast_figures(
    reason: Mapping[str, Any], forecast: Mapping[str, Any], translate: Callable[[str], str]
) -> dict[str, str]:
    unit = reason["unit"]
    return {
        "daily": _daily(forecast["daily"], 1, unit),
        "mean": _rounded(forecast["mean"], unit),
        "most": _rounded(forecast["most"], unit),
        "span": str(reason["lead_time_days"] + reason["review_days"]),
        "share": f"{Decimal(forecast['service_level']) / 10:f}".removesuffix(".0"),
        "spoils": _rounded(forecast["spoils_above"] or 0, unit),
        "cover": str(forecast["cover_days"]),
        "error": str(round(100 * (forecast["wape"] or 0))),
        "method": method_name(forecast["method"], translate),
    }


def _rounded(quantity: int, unit: str) -> str:
    """A forecast of pieces is no whole number: one decimal below ten, none above."""
    if unit == Unit.KG:
        return _shown(quantity, unit)
    pieces = Decimal(quantity) / ONE
    step = Decimal("0.1") if pieces < 10 else Decimal(1)
    return f"{pieces.quantize(step, ROUND_HALF_UP)}".removesuffix(".0")


def _daily(sold: int, days: int, unit: str) -> str:
    """Pieces or kg a day with one decimal, two for slow sellers."""
    if days == 0:
        return "0"
    rate = Decimal(sold) / (days * ONE)
    step = Decimal("0.01") if rate < 1 else Decimal("0.1")
    text = f"{rate.quantize(step, ROUND_HALF_UP)}"
    return f"{text} kg" if unit == Unit.KG else text
