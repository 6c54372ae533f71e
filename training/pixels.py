"""An image file as the square of pixels that a model is fed from. Training and predict.py agree."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from errors import TrainingError

Pixels = NDArray[np.uint8]


def read_square(path: Path, side: int, channels: int) -> Pixels:
    """uint8 [side, side, channels]: the image upright, its shorter side made `side`, the middle.

    Raises TrainingError with the path when it cannot be decoded.
    """
    try:
        with Image.open(path) as image:
            # JPEG's decoder halves for nothing; twice the side keeps the quality of the rest.
            image.draft(None, (2 * side, 2 * side))
            whole = ImageOps.exif_transpose(image).convert("L" if channels == 1 else "RGB")
            square = ImageOps.fit(whole, (side, side), Image.Resampling.BILINEAR)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise TrainingError(f"{path} cannot be read as an image: {error}") from error
    return np.asarray(square).reshape(side, side, channels)
