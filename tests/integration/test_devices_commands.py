"""Devices that stand nowhere."""

import pytest
from flask import Flask


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_simulated_scale_takes_weights_and_states_until_an_empty_line(app: Flask) -> None:
    result = app.test_cli_runner().invoke(
        args=["scale", "simulate", "--port", "0", "--weight", "1.2"], input="0.5\nmoving\nhalf\n\n"
    )

    assert result.exit_code == 0
    assert "A scale at socket://127.0.0.1:" in result.output
    for prompt in ("1.200 kg > ", "0.500 kg > ", "moving > ", "'half' is no weight"):
        assert prompt in result.output
