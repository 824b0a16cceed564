"""Train the model on packed rows: on the CPU, with one single-threaded process a core, or on one GPU.

Muon for the matrices, AdamW for embeddings and norms. The learning rate is warmed up, held, and then falls
linearly so that it is zero at `--deadline`, whatever the machine did meanwhile: the whole process group may
be stopped and continued at any time. Resumes from the newest checkpoint, optimiser state and position in the
data included. To train on, give the finished checkpoint another deadline; or, where there is none, start from the
weights of a GGUF (`--from`), the shipped one for instance.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing
from torch import Tensor

from training.fim import END, FILE, MID, MIDDLE, PRE, SUF
from training.model import Llama
from training.restore import restore
from training.shapes import SHAPES, Shape

RUN = Path(__file__).parent / ".run"
PATIENCE = 600
"""Seconds to wait for packing."""


@dataclass(frozen=True)
class Plan:
    """Everything that decides a run; saved with each checkpoint."""

    shape: Shape
    rows: Path
    out: Path
    device: str = "cpu"
    """What PyTorch calls it: `cpu` or `cuda`."""
    ranks: int = 2
    batch: int = 12
    """Rows a step, all ranks together."""
    micro: int = 6
    """Rows a forward pass."""
    matrix_rate: float = 0.02
    other_rate: float = 0.004
    warm_up: int = 100
    deadline: float = math.inf
    """Clock time (seconds since the epoch) at which the learning rate is zero and the run ends."""
    decay: float = 3600.0
    """Seconds that the fall takes."""
    steps: int = 1_000_000
    """An end for runs without a clock; the rate then falls over the last half."""
    checkpoint_every: float = 180.0
    seed: int = 1
    compiled: bool = True
    begin: Path | None = None
    """A GGUF whose weights are the first ones, where there is no checkpoint."""

    def rate(self, step: int, now: float) -> float:
        """The share of the peak learning rate, 0 to 1."""
        warm = min(1.0, (step + 1) / self.warm_up)
        by_clock = (self.deadline - now) / self.decay
        by_steps = (self.steps - step) / (self.steps / 2)
        return max(0.0, min(warm, by_clock, by_steps))


class Muon:
    """Momentum whose update is made orthogonal; each rank does its share of the matrices."""

    def __init__(self, matrices: list[Tensor], momentum: float = 0.95, decay: float = 0.05) -> None:
        self._matrices, self._momentum, self._decay = matrices, momentum, decay
        self.buffers = [torch.zeros_like(m) for m in matrices]

    @torch.no_grad()
    def step(self, rate: float, rank: int, ranks: int) -> None:
        updates = [torch.zeros_like(m) for m in self._matrices]
        alike: dict[torch.Size, list[int]] = {}
        for i, (matrix, buffer) in enumerate(zip(self._matrices, self.buffers, strict=True)):
            assert matrix.grad is not None
            buffer.lerp_(matrix.grad, 1 - self._momentum)
            if i % ranks == rank:
                alike.setdefault(matrix.shape, []).append(i)
        for same in alike.values():  # those of one shape at once: a GPU is called less often
            grads = [(self._matrices[i].grad, self.buffers[i]) for i in same]
            stacked = torch.stack([g.lerp(m, self._momentum) for g, m in grads if g is not None])
            for i, update in zip(same, orthogonal(stacked), strict=True):
                updates[i] = update
        flat = torch.cat([u.flatten() for u in updates])
        if ranks > 1:
            dist.all_reduce(flat)
        offset = 0
        for matrix in self._matrices:
            update = flat[offset : offset + matrix.numel()].view_as(matrix)
            offset += matrix.numel()
            tall = max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
            matrix.mul_(1 - rate * self._decay).sub_(update, alpha=rate * tall)


def orthogonal(gradient: Tensor) -> Tensor:
    """The nearest (semi-)orthogonal matrix of each of some (number, rows, columns), roughly: five quintic
    Newton-Schulz steps.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x = gradient.bfloat16()
    flipped = x.shape[1] > x.shape[2]
    x = x.mT if flipped else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        square = x @ x.mT
        x = a * x + (b * square + c * (square @ square)) @ x
    return (x.mT if flipped else x).float()


class Starved(SystemExit):
    """There are no more rows."""


def batches(plan: Plan, rank: int, skip: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """This rank's tokens, weights and where no end is to be learnt, (rows, length + 1) each, after `skip` rows.

    Waits for a shard that is still being made; raises `Starved` where none comes.
    """
    mine = plan.batch // plan.ranks
    index = 0
    left_tokens: np.ndarray | None = None
    left_weights: np.ndarray | None = None
    while True:
        shard = plan.rows / f"rows-{index:03}.npz"
        waited = 0
        while not shard.exists():
            if waited == PATIENCE or time.time() > plan.deadline:
                raise Starved(f"There is no {shard}: make more with `python -m training.pack --shards N`.")
            time.sleep(5)
            waited += 5
        with np.load(shard) as stored:
            new_tokens, new_weights = stored["tokens"], stored["weights"]
        index += 1
        if skip >= len(new_tokens):
            skip -= len(new_tokens)
            continue
        new_tokens, new_weights, skip = new_tokens[skip:], new_weights[skip:], 0
        if left_tokens is not None and left_weights is not None:
            new_tokens = np.concatenate((left_tokens, new_tokens))
            new_weights = np.concatenate((left_weights, new_weights))
        whole = len(new_tokens) // plan.batch * plan.batch
        for at in range(0, whole, plan.batch):
            part = slice(at + rank * mine, at + (rank + 1) * mine)
            tokens, weights = new_tokens[part].astype(np.int64), new_weights[part]
            endless = torch.from_numpy(joined_prefix(tokens, weights))
            yield torch.from_numpy(tokens), torch.from_numpy(weights / 2).float(), endless
        left_tokens, left_weights = new_tokens[whole:], new_weights[whole:]


def joined_prefix(tokens: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """True where a token belongs to a prefix that the middle will join, of the same shape as `tokens`.

    Suffix first, nothing marks where the prefix ends and the middle begins. If "not the end" were learnt at
    every line of the prefix, the end would stay unlikely in the middle, where alone it is ever asked for.
    """
    marks = np.isin(tokens, (END, PRE, SUF, MID, FILE))
    newest = np.maximum.accumulate(np.where(marks, np.arange(tokens.shape[1]), 0), axis=1)
    return (np.take_along_axis(tokens, newest, 1) == MID) & (weights != MIDDLE) & (tokens != END)


@torch.no_grad()
def grow(model: Llama, weights: dict[str, np.ndarray]) -> None:
    """Give the model these weights. What it has beyond them keeps its first values, which add nothing to any output
    (a new layer's output projections and the new columns of `ffn_down` are zero), so it begins as the smaller one was.
    """
    own = dict(model.named_parameters())
    for name, value in weights.items():
        own[name][tuple(slice(size) for size in value.shape)] = torch.from_numpy(value)


def work(rank: int, plan: Plan, port: int) -> None:
    """One rank."""
    torch.set_num_threads(1)
    torch.manual_seed(plan.seed)
    if plan.ranks > 1:
        address = f"tcp://127.0.0.1:{port}"
        patience = datetime.timedelta(days=2)
        dist.init_process_group("gloo", address, patience, plan.ranks, rank)
    device = torch.device(plan.device)
    model = Llama(plan.shape).to(device)
    named = list(model.named_parameters())
    matrices = [p for n, p in named if p.ndim == 2 and n.startswith("blk")]
    others = [p for n, p in named if not (p.ndim == 2 and n.startswith("blk"))]
    muon = Muon(matrices)
    adam = torch.optim.AdamW(others, lr=0.0, betas=(0.9, 0.95), eps=1e-10, weight_decay=0.0)
    step = seen = rows = length = 0
    newest = plan.out / "checkpoint.pt"
    if newest.exists():
        stored = torch.load(newest, weights_only=True, map_location="cpu")
        model.load_state_dict(stored["model"])
        for buffer, old in zip(muon.buffers, stored["muon"], strict=True):
            buffer.copy_(old)
        adam.load_state_dict(stored["adam"])
        step, seen, rows = stored["step"], stored["seen"], stored["rows"]
        length = stored["length"]
    elif plan.begin:
        restored = restore(plan.begin)
        grow(model, restored.weights)
        seen = restored.seen
    loss_of: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor] = model.loss
    if plan.compiled:
        loss_of = torch.compile(model.loss, dynamic=False)

    def save() -> None:
        facts = {"step": step, "seen": seen, "rows": rows, "length": length, "shape": asdict(plan.shape)}
        state = {"model": model.state_dict(), "muon": muon.buffers, "adam": adam.state_dict()}
        part = newest.with_suffix(".part")
        torch.save({**state, **facts}, part)
        part.rename(newest)

    log = (plan.out / "log.jsonl").open("a")
    begun = saved = told = time.time()
    recent = torch.zeros(2, device=device)
    first = seen
    given = batches(plan, rank, rows)
    while True:
        try:
            ids, weights, endless = next(given)
        except Starved:
            if rank == 0:
                save()
            raise
        now = time.time()
        clock = torch.tensor([now], dtype=torch.float64)
        if plan.ranks > 1:
            dist.broadcast(clock, 0)  # all ranks agree on the rate and on when to end
        rate = plan.rate(step, float(clock))
        if rate <= 0 or step >= plan.steps:
            break
        for group in adam.param_groups:
            group["lr"] = rate * plan.other_rate
        if device.type == "cuda":  # from memory that stays in its place, so that nobody waits for what is under way
            ids, weights, endless = (part.pin_memory() for part in (ids, weights, endless))
        ids, weights, endless = (part.to(device, non_blocking=True) for part in (ids, weights, endless))
        totals = torch.stack((torch.zeros((), device=device), weights[:, 1:].sum()))
        for part in range(0, len(ids), plan.micro):
            piece = slice(part, part + plan.micro)
            block, counted = ids[piece], weights[piece, 1:]
            with torch.autocast(device.type, torch.bfloat16):
                loss = loss_of(block[:, :-1], block[:, 1:], counted, endless[piece, 1:])
            (loss / 4096).backward()
            totals[0] += loss.detach()
        flat = torch.cat([p.grad.flatten() for _, p in named if p.grad is not None] + [totals])
        if plan.ranks > 1:
            dist.all_reduce(flat)
        offset = 0
        for _, p in named:
            p.grad = flat[offset : offset + p.numel()].view_as(p).mul_(4096 / flat[-1])
            offset += p.numel()
        muon.step(rate * plan.matrix_rate, rank, plan.ranks)
        adam.step()
        model.zero_grad(set_to_none=True)
        recent += flat[-2:]
        step += 1
        rows += plan.batch
        length = ids.shape[1] - 1
        seen += plan.batch * length
        if rank == 0 and (now - told > 20 or step == 1):
            speed = (seen - first) / (now - begun + 1e-9)
            facts = {
                "step": step,
                "tokens": seen,
                "loss": round(float(recent[0] / recent[1]), 4),
                "rate": round(rate, 3),
            }
            facts |= {"speed": round(speed), "at": round(now)}
            log.write(json.dumps(facts) + "\n")
            log.flush()
            progress = f"step {step} · {seen / 1e6:.2f} M tokens · loss {facts['loss']} · rate {rate:.2f}"
            print(f"{time.strftime('%H:%M:%S')} {progress} · {speed:.0f} tokens/s", flush=True)
            recent.zero_()
            told = now
        if rank == 0 and now - saved > plan.checkpoint_every:
            save()
            saved = now
    if rank == 0:
        save()
        print(f"done: {step} steps, {seen / 1e6:.1f} M tokens", flush=True)
    if plan.ranks > 1:
        dist.barrier()
        dist.destroy_process_group()


def clock(text: str) -> float:
    """`HH:MM` (UTC, the next one) or `+MINUTES` to seconds since the epoch."""
    now = datetime.datetime.now(datetime.UTC)
    if text.startswith("+"):
        return now.timestamp() + 60 * float(text[1:])
    hour, minute = map(int, text.split(":"))
    then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (then if then > now else then + datetime.timedelta(days=1)).timestamp()


def start(plan: Plan) -> None:
    """Run to the end; the process group's id goes to `train.pgid` so that it can be stopped and continued."""
    plan.out.mkdir(parents=True, exist_ok=True)
    (plan.out / "train.pgid").write_text(str(os.getpgrp()))
    port = 20_000 + os.getpid() % 20_000
    if plan.ranks == 1:
        work(0, plan, port)
    else:
        torch.multiprocessing.spawn(work, (plan, port), nprocs=plan.ranks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="begin", type=Path, help="start from this GGUF's weights, in its shape")
    parser.add_argument("--shape", choices=sorted(SHAPES), default="small", help="of a model that starts from nothing")
    parser.add_argument("--hidden", type=int, help="grow the feed-forward part of the file's shape to this width")
    parser.add_argument("--layers", type=int, help="grow the file's shape to so many layers")
    parser.add_argument("--rows", type=Path, default=RUN / "rows")
    parser.add_argument("--out", type=Path, default=RUN / "small", help="checkpoint.pt, log.jsonl, train.pgid")
    parser.add_argument("--deadline", type=clock, default="+120", help="HH:MM (UTC) or +MINUTES: the end of the run")
    parser.add_argument(
        "--decay", type=float, default=60, help="minutes before the deadline that the rate starts to fall"
    )
    parser.add_argument("--steps", type=int, default=Plan.steps)
    parser.add_argument("--device", choices=("cpu", "cuda"), default=Plan.device)
    parser.add_argument("--ranks", type=int, help="processes, one thread each (2; 1 on a GPU)")
    parser.add_argument("--batch", type=int, help="rows a step, all ranks together (12; 64 on a GPU)")
    parser.add_argument("--micro", type=int, help="rows a forward pass (6; 32 on a GPU)")
    parser.add_argument("--matrix-rate", type=float, default=Plan.matrix_rate)
    parser.add_argument("--other-rate", type=float, default=Plan.other_rate)
    parser.add_argument("--warm-up", type=int, default=Plan.warm_up, help="steps")
    parser.add_argument("--vocabulary", type=int, help="another size than the shape's own, as the tokenizer has it")
    parser.add_argument("--eager", action="store_true", help="without torch.compile")
    o = parser.parse_args()
    ranks, batch, micro = (1, 64, 32) if o.device == "cuda" else (Plan.ranks, Plan.batch, Plan.micro)
    shape = SHAPES[o.shape]
    if (newest := o.out / "checkpoint.pt").exists():
        shape = Shape(**torch.load(newest, weights_only=True, map_location="cpu")["shape"])
    elif o.begin:
        shape = restore(o.begin).shape
        shape = replace(shape, hidden=max(o.hidden or 0, shape.hidden), layers=max(o.layers or 0, shape.layers))
    elif o.vocabulary:
        shape = replace(shape, vocabulary=o.vocabulary)
    start(
        Plan(
            shape,
            o.rows,
            o.out,
            o.device,
            o.ranks or ranks,
            o.batch or batch,
            o.micro or micro,
            o.matrix_rate,
            o.other_rate,
            o.warm_up,
            o.deadline,
            60 * o.decay,
            o.steps,
            compiled=not o.eager,
            begin=o.begin,
        )
    )


if __name__ == "__main__":
    main()
