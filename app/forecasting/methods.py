"""The methods by name."""

from collections.abc import Mapping
from typing import Final

from app.forecasting.arima import arima700, seasonal_arima
from app.forecasting.backtest import Method
from app.forecasting.blend import Blend, learn
from app.forecasting.classical import croston, ets, sba, theta, tsb
from app.forecasting.panel import Numbers, Panel
from app.forecasting.shape import weekday_shape
from app.forecasting.simple import moving_average, seasonal_naive

BLEND: Final = "blend"
ALONE: Final[Mapping[str, Method]] = {
    "weekday_shape": weekday_shape,
    "moving_average": moving_average,
    "seasonal_naive": seasonal_naive,
    "ets": ets,
    "theta": theta,
    "croston": croston,
    "sba": sba,
    "tsb": tsb,
    "arima700": arima700,
    "seasonal_arima": seasonal_arima,
}
"""Methods that learn from the panel they are given, at once."""
SLOW: Final = frozenset({"arima700", "seasonal_arima"})
"""Methods that fit one product at a time: their backtest is short, and they are asked by name only."""
RIVALS: Final = ("weekday_shape", "moving_average", "seasonal_naive", "ets", "theta", "tsb")
"""Methods that may take a product from the blend."""
METHODS: Final = (BLEND, *ALONE)
"""What can be asked for by name."""


def learned(panel: Panel, name: str | None, *, band: bool) -> dict[str, Method]:
    """The methods to compare, fitted to `panel` where they need it: all quick ones, or the one that was asked for.

    With a `band` the blend can say its mean and its high quantile, too.
    """
    if name is not None and name != BLEND:
        return {name: ALONE[name]}
    blend: dict[str, Method] = {BLEND: learn(panel, band=band)}
    return blend if name == BLEND else blend | {rival: ALONE[rival] for rival in RIVALS}


def beside(methods: Mapping[str, Method], panel: Panel) -> tuple[Numbers, Numbers] | None:
    """Mean and quantile 0.9 by the model of the blend, None where there is none."""
    blend = methods.get(BLEND)
    return blend.beside(panel) if isinstance(blend, Blend) else None


def spoken_name(name: str, method: Method) -> str:
    """What a method calls itself to users: a blend that had too little to learn from is the weekday shape alone."""
    return "weekday_shape" if isinstance(method, Blend) and method.model is None else name
