"""The processes that train one model together, as the environment describes them."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from fastparts.console import TrainingError

MPI_PORT = "6105"  # Open between the nodes of an Azure ML cluster; MPI itself does not use it.
PATIENCE = timedelta(minutes=30)  # with the slowest process: one decodes while the others wait


@dataclass(frozen=True)
class World:
    """This process among `size` that train one model. Only rank 0 writes files."""

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    address: str = ""
    port: str = ""

    @property
    def leads(self) -> bool:
        return self.rank == 0

    @property
    def device(self) -> torch.device:
        return torch.device("cuda", self.local_rank) if torch.cuda.is_available() else CPU

    def join(self) -> None:
        """Meet the other processes, over NCCL with GPUs, else over gloo.

        Raises TrainingError when they cannot be reached.
        """
        if torch.cuda.is_available():
            torch.cuda.set_device(self.device)
        if self.size == 1:
            return
        os.environ |= {"MASTER_ADDR": self.address, "MASTER_PORT": self.port}
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
        try:
            dist.init_process_group(backend, rank=self.rank, world_size=self.size, timeout=PATIENCE)
        except (dist.DistError, OSError, ValueError, RuntimeError) as error:
            where = f"{self.address}:{self.port}"
            raise TrainingError(f"cannot meet the other processes at {where}: {error}") from error

    def leave(self) -> None:
        if self.size > 1 and dist.is_initialized():
            dist.destroy_process_group()

    def any(self, flag: bool) -> bool:
        """Whether `flag` is set in any process. All must call it."""
        return bool(self.largest(int(flag)))

    def largest(self, number: int) -> int:
        if self.size == 1:
            return number
        numbers = torch.tensor(number)
        dist.all_reduce(numbers, dist.ReduceOp.MAX)
        return int(numbers)

    def total(self, values: Tensor) -> Tensor:
        if self.size > 1:
            dist.all_reduce(values)
        return values

    def from_rank_0(self, value: Any) -> Any:
        """Rank 0's value, in every process."""
        if self.size == 1:
            return value
        values = [value]
        dist.broadcast_object_list(values, device=CPU)
        return values[0]

    def gather(self, value: Any) -> list[Any]:
        """The values of all processes, by rank."""
        values = [value] * self.size
        if self.size > 1:
            dist.all_gather_object(values, value)
        return values

    def share_buffers(self, model: nn.Module) -> None:
        """Give every process rank 0's batch norm statistics, since each saw different images."""
        if self.size > 1:
            for buffer in model.buffers():
                dist.broadcast(buffer, src=0)

    @contextmanager
    def one_first(self) -> Iterator[None]:
        """Let one process of each machine go first, to fill the caches for the others."""
        if self.size > 1 and self.local_rank:
            dist.barrier()
        try:
            yield
        finally:
            if self.size > 1 and not self.local_rank:
                dist.barrier()


CPU = torch.device("cpu")


def read_world(env: Mapping[str, str], asked: int | None) -> World:
    """The world of PyTorch's variables (RANK, WORLD_SIZE, MASTER_*) or of Open MPI's.

    Raises TrainingError, rather than train alone, when more processes were asked for: with
    `asked`, or by variables that say how many but not which one or where.
    """
    mpi = "WORLD_SIZE" not in env and "OMPI_COMM_WORLD_SIZE" in env
    names = MPI_NAMES if mpi else TORCH_NAMES
    size, rank = (env.get(name, "") for name in names[:2])
    said = f"{names[0]} is {size or 'not set'}, {names[1]} {rank or 'not set'}"
    if asked is not None and int(size or 1) != asked:
        raise TrainingError(
            f"--processes {asked}, but {said}: start train.py once for each process"
        )
    if int(size or 1) == 1:
        return World()
    address, port = _meeting_point(env, mpi)
    if not rank or not address or not port:
        missing = names[1] if not rank else "MASTER_PORT" if address else "MASTER_ADDR"
        raise TrainingError(f"{said}: {missing} is not set, so this process cannot meet the others")
    return World(int(rank), int(size), int(env.get(names[2]) or 0), address, port)


TORCH_NAMES = ("WORLD_SIZE", "RANK", "LOCAL_RANK")
MPI_NAMES = ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_LOCAL_RANK")


def _meeting_point(env: Mapping[str, str], mpi: bool) -> tuple[str, str]:
    if env.get("MASTER_ADDR") or not mpi:
        return env.get("MASTER_ADDR", ""), env.get("MASTER_PORT", MPI_PORT if mpi else "")
    # Azure ML sets the first for several nodes, as address:port, and the second for one.
    node = env.get("AZ_BATCH_MASTER_NODE") or env.get("AZ_BATCHAI_MPI_MASTER_NODE", "")
    return node.partition(":")[0], MPI_PORT
