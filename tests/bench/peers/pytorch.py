"""PyTorch, with the same lines on standard input and output as the other peers (see serve.ts).

On a GPU if the argument is "gpu" and PyTorch has one, else on all cores of the CPU.
"""

import json
import os
import sys
import time


def answer(**reply):
    print(json.dumps(reply), flush=True)


def first_line(error):
    return f"{type(error).__name__}: {error}".splitlines()[0]


try:
    import torch
except Exception as error:
    answer(error=first_line(error))
    sys.exit()

device = "cuda" if sys.argv[1:] == ["gpu"] and torch.cuda.is_available() else "cpu"
torch.set_num_threads(os.cpu_count())


def product(task):
    a = torch.rand(task["m"], task["k"], device=device)
    b = torch.rand(task["k"], task["n"], device=device)
    return lambda: (a @ b)[0, 0]


def training_step(task):
    nn = torch.nn
    net = nn.Sequential(
        nn.Conv2d(3, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten(),
        nn.Linear(1024, 64), nn.ReLU(), nn.Linear(64, 10),
    ).to(device)
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3, eps=1e-7)
    x = torch.rand(task["batch"], 3, 32, 32, device=device)
    y = torch.arange(task["batch"], device=device) % 10

    def step():
        optimiser.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimiser.step()
        return loss

    return step


def timed(once, times):
    start = time.perf_counter()
    for _ in range(times):
        last = once()
    last.item()
    return time.perf_counter() - start


name = torch.cuda.get_device_name() if device == "cuda" else f"CPU, {os.cpu_count()} threads"
answer(version=torch.__version__, adapter=name)
once = None
for line in sys.stdin:
    try:
        request = json.loads(line)
        if "prepare" in request:
            task = request["prepare"]
            once = product(task) if task["kind"] == "product" else training_step(task)
            timed(once, 2)
            answer()
        else:
            answer(seconds=timed(once, request["run"]))
    except Exception as error:
        answer(error=first_line(error))
