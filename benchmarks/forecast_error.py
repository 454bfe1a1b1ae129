"""Forecast errors of Aisle beside ARIMA(7,0,0) and the methods of the textbooks, in one run, and what they are worth.

    python -m benchmarks.forecast_error PATH [--json] [--origins 8] [--skip 0] [--series N] [--all]
        [--keep FOLDER]

PATH is a file of daily sales (columns series_id or product_id, date, units; optionally dept, sales_value and
regular_value) or a folder: then every *_daily_item_sales.csv.gz in it. Errors are those of the 7 days after each of
the last weekly origins, of products with at least 28 days before it: WAPE and bias over all units; RMSSE as the mean
over products and origins of the root of the squared error over that of "the same as yesterday" in the history;
pinball loss of the quantile 0.9 over all units; seconds of processor time, which other work does not change.

--json prints {"methods": {name: {"wape", "rmsse", "bias", "pinball_0.9", "seconds_per_series"}}, "inventory": {name:
{"fill", "stock_days", "stock_days_at_0.975"}}, "worse": {name: {"rmsse", "rmsse_of", "absolute", "squared", "of"}}}
for a file, and that by the name of the file for a folder. "worse" counts the products whose error is more than a tenth
above that of the seasonal naive, each over all those weeks together. By "rmsse", what a forecast of the mean aims at:
every product measured; where the seasonal naive never errs, an RMSSE above 0.1 is worse. By "absolute" and "squared"
error (the stricter count: 1.1 of the squares is 1.05 of the RMSSE): those "of" them with a sale. "own_mean" is no
forecast: it knows the mean of those very weeks.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

for _library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_library, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from scipy.special import ndtri

from app.forecasting import forecast_many, lead_time_quantile
from app.forecasting.arima import arima700_with_deviation, seasonal_arima
from app.forecasting.methods import ALONE
from app.forecasting.panel import Panel, panel_of
from benchmarks.forecast_data import DailySales, files, read
from benchmarks.inventory import AIM, Numbers, Target, curve, lead_times, simulate, stock_at

WEEK, HORIZON, LEAST_HISTORY, HIGH = 7, 14, 28, 0.9
Z_HIGH = 1.2815515655446004
SLACK = 1.1
SERVICE = (0.8, 0.9, 0.93, 0.95, 0.96, 0.97, 0.975, 0.98, 0.985, 0.99, 0.993, 0.996, 0.998, 0.999, 0.9997)
SAFETY_DAYS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 9.0, 11.0, 14.0, 18.0, 24.0)
NAMES = {"moving_average": "mean28"}
QUICK = tuple(name for name in ALONE if name not in {"arima700", "seasonal_arima"})


@dataclass(slots=True)
class Said:
    """What a method said on each origin: means, quantiles 0.9 and how far it may stray; products × days."""

    mean: dict[int, Numbers]
    high: dict[int, Numbers]
    deviation: dict[int, Numbers]
    seconds: float = 0.0
    cover: Callable[[int, float], Numbers] | None = None


def panel_at(sales: DailySales, origin: int) -> Panel:
    """What was known on that morning."""
    day = np.datetime64(sales.first_day, "D") + origin
    return panel_of(sales.until(origin), horizon=HORIZON, holidays=sales.holidays, today=day.item())


def aisle(sales: DailySales, origins: Sequence[int]) -> Said:
    """The forecasts as the shop makes them, the choice of methods and the backtest included."""
    lead, kept = lead_times(len(sales.series)), {}
    found = Said({}, {}, {})
    for origin in origins:
        begun = time.process_time()
        day = (np.datetime64(sales.first_day, "D") + origin).item()
        made = forecast_many(sales.until(origin), horizon=HORIZON, holidays=sales.holidays, today=day)
        found.seconds += time.process_time() - begun
        kept[origin] = [made[one.key] for one in sales.series]
        found.mean[origin] = np.array([one.mean for one in kept[origin]])
        found.high[origin] = np.array([one.quantiles[HIGH] for one in kept[origin]])
        say(f"{sales.name}: aisle, day {origin}")
    found.cover = lambda origin, level: np.array(
        [lead_time_quantile(one, int(days) + WEEK, level) for one, days in zip(kept[origin], lead, strict=True)]
    )
    return found


def arima(sales: DailySales, origins: Sequence[int], processes: int, keep: Path | None) -> Said:
    """ARIMA(7,0,0) with its own normal band; one process a core, seconds counted within."""
    found = Said({}, {}, {})
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for origin in origins:
            file = keep / f"{sales.name}-{len(sales.series)}-{origin}.npz" if keep else None
            if file and file.exists():
                data = np.load(file)
                mean, deviation, seconds = data["mean"], data["deviation"], float(data["seconds"])
            else:
                mean, deviation, seconds = _arima_at(pool, panel_at(sales, origin), processes)
                if file:
                    np.savez(file, mean=mean, deviation=deviation, seconds=seconds)
            found.mean[origin], found.deviation[origin] = mean, deviation
            found.high[origin] = np.maximum(mean + Z_HIGH * deviation, 0.0)
            found.seconds += seconds
            say(f"{sales.name}: ARIMA(7,0,0), day {origin}")
    lead = lead_times(len(sales.series)) + WEEK
    within = np.arange(HORIZON) < lead[:, None]
    found.cover = lambda origin, level: np.maximum(
        (found.mean[origin] * within).sum(axis=1)
        + ndtri(level) * np.sqrt(((found.deviation[origin] * within) ** 2).sum(axis=1)),
        0.0,
    )
    return found


def _arima_at(pool: ProcessPoolExecutor, panel: Panel, parts: int) -> tuple[Numbers, Numbers, float]:
    rows = np.array_split(np.arange(len(panel.demand)), parts * 4)
    done = list(pool.map(_timed_arima, [panel.rows(part) for part in rows if len(part)]))
    mean, deviation = (np.concatenate([one[place] for one in done]) for place in (0, 1))
    return mean, deviation, sum(one[2] for one in done)


def _timed_arima(panel: Panel) -> tuple[Numbers, Numbers, float]:
    begun = time.process_time()
    mean, deviation = arima700_with_deviation(panel)
    return mean, deviation, time.process_time() - begun


def alone(sales: DailySales, origins: Sequence[int], method: Callable[[Panel], Numbers]) -> Said:
    """A method of the list by itself; it has no band."""
    found = Said({}, {}, {})
    for origin in origins:
        panel = panel_at(sales, origin)
        begun = time.process_time()
        found.mean[origin] = np.maximum(np.nan_to_num(method(panel)), 0.0)
        found.seconds += time.process_time() - begun
    return found


def errors(sales: DailySales, origins: Sequence[int], said: Said) -> dict[str, float | None]:
    """WAPE, RMSSE, bias, pinball loss and seconds of one method."""
    off = signed = units = pinball = 0.0
    scaled: list[Numbers] = []
    for origin in origins:
        came = sales.units[:, origin : origin + WEEK]
        ready = ~np.isnan(_ready(sales, origin)).all(axis=1)
        error = (said.mean[origin][:, :WEEK] - came)[ready]
        off, signed, units = off + np.abs(error).sum(), signed + error.sum(), units + came[ready].sum()
        step = _step(sales, origin)[ready]
        scaled.append(np.sqrt((error**2).mean(axis=1)[step > 0] / step[step > 0]))
        if said.high:
            miss = came[ready] - said.high[origin][ready, :WEEK]
            pinball += np.maximum(HIGH * miss, (HIGH - 1.0) * miss).sum()
    return {
        "wape": off / units, "rmsse": float(np.concatenate(scaled).mean()), "bias": signed / units,
        "pinball_0.9": pinball / units if said.high else None,
        "seconds_per_series": said.seconds / len(origins) / len(sales.series),
    }  # fmt: skip


def worse(sales: DailySales, origins: Sequence[int], said: dict[str, Said]) -> dict[str, dict[str, int]]:
    """Products with an error more than `SLACK` above that of the seasonal naive, by method."""
    came = np.stack([_ready(sales, origin) for origin in origins])
    mean = np.nansum(came, axis=(0, 2)) / np.maximum((~np.isnan(came)).sum(axis=(0, 2)), 1)
    week = {name: np.stack([one.mean[origin][:, :WEEK] for origin in origins]) for name, one in said.items()}
    week["own_mean"] = np.broadcast_to(mean[:, None], came.shape)
    off = {name: came - one for name, one in week.items()}
    sold = np.nansum(came, axis=(0, 2)) > 0
    step = np.stack([_step(sales, origin) for origin in origins])
    naive = off["seasonal_naive"]
    usual = _rmsse(naive, step)
    found = {}
    for name in ("aisle", "arima700", "own_mean"):
        absolute = np.nansum(np.abs(off[name]), axis=(0, 2)) > SLACK * np.nansum(np.abs(naive), axis=(0, 2))
        squared = np.nansum(off[name] ** 2, axis=(0, 2)) > SLACK * np.nansum(naive**2, axis=(0, 2))
        rmsse = _rmsse(off[name], step) > np.where(usual > 0, SLACK * usual, SLACK - 1.0)
        found[name] = {
            "rmsse": int(rmsse.sum()), "rmsse_of": int((~np.isnan(usual)).sum()),
            "absolute": int((absolute & sold).sum()), "squared": int((squared & sold).sum()), "of": int(sold.sum()),
        }  # fmt: skip
    return found


def _rmsse(off: Numbers, step: Numbers) -> Numbers:
    """RMSSE of each product over all weeks (origins × products × days), NaN where it is not measured."""
    squared = np.where((step > 0)[:, :, None], off**2 / np.where(step > 0, step, 1.0)[:, :, None], np.nan)
    known = (~np.isnan(squared)).sum(axis=(0, 2))
    mean = np.divide(np.nansum(squared, axis=(0, 2)), known, out=np.full(len(known), np.nan), where=known > 0)
    return np.asarray(np.sqrt(mean))


def _step(sales: DailySales, origin: int) -> Numbers:
    """Mean squared change from one day to the next in each product's history, zero where there is none."""
    change = np.diff(sales.units[:, :origin], axis=1) ** 2
    return np.asarray(np.nansum(change, axis=1) / np.maximum((~np.isnan(change)).sum(axis=1), 1))


def _ready(sales: DailySales, origin: int) -> Numbers:
    """What came in that week, NaN for products that are not measured in it."""
    known = (~np.isnan(sales.units[:, :origin])).sum(axis=1) >= LEAST_HISTORY
    came = sales.units[:, origin : origin + WEEK]
    known &= ~np.isnan(came).any(axis=1)
    return np.where(known[:, None], came, np.nan)


def worth(sales: DailySales, origins: Sequence[int], said: dict[str, Said]) -> dict[str, dict[str, float | None]]:
    """Fill rate and stock: a fixed number of safety days beside levels from the forecasts' own uncertainty."""
    lead = lead_times(len(sales.series)) + WEEK
    rate = {origin: np.nan_to_num(_recent(sales.units[:, origin - LEAST_HISTORY : origin])) for origin in origins}
    rules: dict[str, tuple[Target, Sequence[float], float]] = {
        "fixed_days": (lambda origin, days: rate[origin] * (lead + days), SAFETY_DAYS, 7.0)
    }
    rules |= {name: (one.cover, SERVICE, AIM) for name, one in said.items() if one.cover}
    found: dict[str, dict[str, float | None]] = {}
    for name, (target, settings, usual) in rules.items():
        results = curve(sales.units, origins, target, settings)
        nominal = simulate(sales.units, origins, {one: target(one, usual) for one in origins})
        found[name] = {"fill": nominal.fill, "stock_days": nominal.stock_days, "stock_days_at_0.975": stock_at(results)}
    return found


def _recent(units: Numbers) -> Numbers:
    known = ~np.isnan(units)
    return np.asarray(np.nansum(units, axis=1) / np.maximum(known.sum(axis=1), 1))


def measure(sales: DailySales, asked: argparse.Namespace) -> dict[str, Any]:
    """All methods and rules on one data set."""
    end = sales.units.shape[1] - WEEK * asked.skip
    origins = [end - WEEK * back for back in range(asked.origins, 0, -1) if end - WEEK * back >= 2 * LEAST_HISTORY]
    if not origins:
        raise SystemExit(f"{sales.name}: {end} days are too few")
    said = {"aisle": aisle(sales, origins), "arima700": arima(sales, origins, asked.processes, asked.keep)}
    band = dict(said)
    said |= {NAMES.get(name, name): alone(sales, origins, ALONE[name]) for name in QUICK}
    if asked.all:
        said["seasonal_arima"] = alone(sales, origins, seasonal_arima)
    return {
        "methods": {name: errors(sales, origins, one) for name, one in said.items()},
        "inventory": worth(sales, origins, band),
        "worse": worse(sales, origins, said),
    }


def show(name: str, found: dict[str, Any]) -> None:
    """The same for people, ratios to ARIMA(7,0,0) in brackets."""
    base, stock = found["methods"]["arima700"], found["inventory"]["arima700"]
    print(f"\n{name}\n| method | WAPE | RMSSE | bias | pinball 0.9 | s/series |\n| --- | --- | --- | --- | --- | --- |")
    for method, one in found["methods"].items():
        cells = [f"{one[key]:.4f} ({one[key] / base[key]:.3f})" if one[key] else "–" for key in ("wape", "rmsse")]
        loss = one["pinball_0.9"]
        cells += [f"{one['bias']:+.1%}", f"{loss:.4f} ({loss / base['pinball_0.9']:.3f})" if loss else "–"]
        print(f"| {method} | {' | '.join(cells)} | {one['seconds_per_series']:.4f} |")
    print("| rule | fill | stock days | stock days at 0.975 |\n| --- | --- | --- | --- |")
    for rule, one in found["inventory"].items():
        at, other = one["stock_days_at_0.975"], stock["stock_days_at_0.975"]
        told = f"{at:.2f} ({at / other:.3f})" if at and other else "–"
        print(f"| {rule} | {one['fill']:.3f} | {one['stock_days']:.2f} | {told} |")
    print("Products worse than the seasonal naive by more than a tenth, by RMSSE; by absolute / squared error:")
    for method, one in found["worse"].items():
        told = f"{one['rmsse']} of {one['rmsse_of']}; {one['absolute']} / {one['squared']} of {one['of']}"
        print(f"- {method}: {told}")


def say(text: str) -> None:
    """Progress, apart from the result."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, help="a file of daily sales, or a folder of *_daily_item_sales.csv.gz")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--origins", type=int, default=8, help="weeks to look back, at least 4 (8)")
    parser.add_argument("--skip", type=int, default=0, help="weeks at the end to leave out: measure earlier ones (0)")
    parser.add_argument("--series", type=int, help="only the first N products, for a quick look")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="processes of ARIMA (all cores)")
    parser.add_argument("--all", action="store_true", help="the seasonal ARIMA, too: seconds for every product")
    parser.add_argument("--keep", type=Path, help="keep ARIMA's answers in this folder and use them again")
    asked = parser.parse_args()
    if asked.keep:
        asked.keep.mkdir(parents=True, exist_ok=True)
    chosen = files(asked.path)
    if not chosen:
        parser.error(f"no daily sales in {asked.path}")
    found = {}
    for file in chosen:
        sales = read(file, asked.series)
        found[sales.name] = measure(sales, asked)
        if not asked.json:
            show(sales.name, found[sales.name])
    if asked.json:
        print(json.dumps(found if asked.path.is_dir() else next(iter(found.values()))))


if __name__ == "__main__":
    main()
