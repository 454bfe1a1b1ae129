"""Why a photo shows no code: what its taker may do better."""

from typing import Final

import cv2
import numpy as np

from app.devices.barcode_read import Image

DARK: Final = 50
BRIGHT: Final = 225
SHARP: Final = 60.0
"""Variance of the Laplacian of a picture 640 wide; below it edges are smeared."""
WIDTH: Final = 640


def hints(grey: Image) -> list[str]:
    """What is wrong with the picture, the surest first: too_dark, too_bright, blurred; else closer and turn."""
    small = cv2.resize(grey, (WIDTH, max(1, grey.shape[0] * WIDTH // grey.shape[1])), interpolation=cv2.INTER_AREA)
    found = []
    if np.mean(small) < DARK:
        found.append("too_dark")
    if np.mean(small) > BRIGHT:
        found.append("too_bright")
    if cv2.Laplacian(small, cv2.CV_64F).var() < SHARP:
        found.append("blurred")
    return found or ["closer", "turn"]
