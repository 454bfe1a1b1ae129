"""Commands of the shop: `flask camera`, `catalog`, `demo`, `forecast`, `printer`, `reports`, `stock`, `staff`, …"""

from flask import Flask

from app.cli import audit, camera, catalog, demo, devices, forecast, grants, ops, replay, reports, staff, stock, whatif


def init_app(app: Flask) -> None:
    """Give the application its commands."""
    for group in (
        audit.group,
        camera.group,
        catalog.group,
        demo.group,
        devices.printers,
        devices.scales,
        stock.group,
        staff.group,
        ops.group,
        reports.group,
        forecast.group,
    ):
        app.cli.add_command(group)
    app.cli.add_command(grants.command)
    app.cli.add_command(whatif.command)
    app.cli.add_command(replay.command)
