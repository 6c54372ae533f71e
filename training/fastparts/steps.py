"""What makes a step of a batch: mixup, precision, accumulation, clipping, several processes."""

import argparse
import warnings
from contextlib import ExitStack
from typing import Any

import torch
from fastai.callback.core import Callback, CancelBatchException, CancelStepException
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from fastparts.world import World

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class Steps(Callback):  # type: ignore[misc]  # fastai has no types.
    """Everything between fastai's loop and the optimiser.

    `dtype` is what the outputs of the network really were, not what was asked for.
    """

    order = 85  # After Resume (80) has seeded the random numbers of the batch.

    def __init__(self, flags: argparse.Namespace, classes: int) -> None:
        super().__init__()
        self.wanted = DTYPES[flags.precision]
        self.accumulate, self.clip, self.mixup = flags.accumulate, flags.clip, flags.mixup
        self.classes = classes
        self.dtype = ""
        self.scaler = torch.amp.GradScaler(enabled=flags.precision == "fp16")

    def before_batch(self) -> None:
        if self.training and self.mixup:
            self.learn.xb, self.learn.yb = self._mixed(*self.xb, *self.yb)
        mixed = self.wanted != torch.float32
        wanted = self.wanted if mixed else None
        self.autocast = ExitStack()
        self.autocast.enter_context(torch.autocast(self.dls.device.type, wanted, enabled=mixed))

    def after_pred(self) -> None:
        self.autocast.close()
        self.dtype = str(self.pred.dtype).removeprefix("torch.")
        self.learn.pred = self.pred.float()

    def before_backward(self) -> None:
        train = self.dls.train
        first = train.batch // self.accumulate * self.accumulate
        self.learn.loss_grad = self.loss_grad / min(self.accumulate, len(train) - first)
        self.learn.loss_grad = self.scaler.scale(self.loss_grad)

    def before_step(self) -> None:
        done = self.dls.train.batch + 1
        if done % self.accumulate and done < len(self.dls.train):
            raise CancelBatchException  # Without a step, and with the gradients kept.
        optimizer = self.opt.opt
        self.scaler.unscale_(optimizer)
        if self.clip:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        if self.scaler.is_enabled():
            self.scaler.step(optimizer)  # It skips a step whose gradients overflow.
            self.scaler.update()
            raise CancelStepException

    def state(self) -> dict[str, Any]:
        return {"dtype": self.dtype, "scaler": self.scaler.state_dict()}

    def load_state(self, state: dict[str, Any]) -> None:
        self.dtype = state["dtype"]
        if self.scaler.is_enabled():
            self.scaler.load_state_dict(state["scaler"])

    def _mixed(self, images: Tensor, labels: Tensor) -> tuple[tuple[Tensor], tuple[Tensor]]:
        """Each image blended with another one, and its label with the other's."""
        share = torch.distributions.Beta(self.mixup, self.mixup).sample((len(labels),))
        share = torch.maximum(share, 1 - share).to(
            images.device
        )  # Its own share is the larger one.
        other = torch.randperm(len(labels)).to(images.device)
        wanted = nn.functional.one_hot(labels, self.classes).float()
        weight = share.view(-1, *[1] * (images.dim() - 1))
        return (
            (torch.lerp(images[other], images, weight),),
            (torch.lerp(wanted[other], wanted, share[:, None]),),
        )


class Together(Callback):  # type: ignore[misc]  # fastai has no types.
    """Averages the gradients of all processes during a fit."""

    order = 0  # After the model is on its device (-10), before anything looks at it.

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    def before_fit(self) -> None:
        if self.world.size > 1:
            devices = [self.world.local_rank] if self.dls.device.type == "cuda" else None
            # It is about convolutions with one channel, whose gradients fit two layouts.
            warnings.filterwarnings("ignore", message="Grad strides do not match bucket")
            self.learn.model = DistributedDataParallel(
                self.model, device_ids=devices, forward_sync_buffers=False
            )

    def before_validate(self) -> None:
        self.world.share_buffers(bare(self.model))

    def after_fit(self) -> None:
        self.learn.model = bare(self.model)


def bare(model: nn.Module) -> nn.Module:
    """The network itself, without the wrapper that averages its gradients."""
    return model.module if isinstance(model, DistributedDataParallel) else model
