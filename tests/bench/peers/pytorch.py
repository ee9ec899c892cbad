"""PyTorch, with the same lines on standard input and output as the other peers (see serve.ts).

On a GPU if the first argument is "gpu", in plain f32 unless the second is "tf32"; else on all cores
of the CPU.
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
    import pytorch_dcgan
except Exception as error:
    answer(error=first_line(error))
    sys.exit()

device = "cuda" if sys.argv[1:2] == ["gpu"] else "cpu"
if device == "cuda" and not torch.cuda.is_available():
    answer(error="this PyTorch finds no GPU")
    sys.exit()
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = "tf32" in sys.argv
torch.set_num_threads(os.cpu_count())


def product(task):
    a = torch.rand(task["m"], task["k"], device=device)
    b = torch.rand(task["k"], task["n"], device=device)
    return lambda: a @ b


def convolution(task):
    batch, channels, filters = task["batch"], task["channels"], task["filters"]
    height, width = task["height"], task["width"]
    x = torch.rand(batch, channels, height, width, device=device)
    weights = torch.rand(filters, channels, 3, 3, device=device)
    dy = torch.rand(batch, filters, height - 2, width - 2, device=device)
    return {
        "forward": lambda: torch.nn.functional.conv2d(x, weights),
        "input gradient": lambda: torch.nn.grad.conv2d_input(x.shape, weights, dy),
        "weight gradient": lambda: torch.nn.grad.conv2d_weight(x, weights.shape, dy),
    }[task["pass"]]


def transposed(task):
    batch, channels, filters = task["batch"], task["channels"], task["filters"]
    kernel, move = task["kernel"], {"stride": task["stride"], "padding": task["padding"]}
    x = torch.rand(batch, channels, task["height"], task["width"], device=device)
    weights = torch.rand(channels, filters, kernel, kernel, device=device)
    forward = lambda: torch.nn.functional.conv_transpose2d(x, weights, **move)
    dy = torch.rand_like(forward())
    return {
        "forward": forward,
        # Those of the convolution that it transposes, which takes dy to x.
        "input gradient": lambda: torch.nn.functional.conv2d(dy, weights, **move),
        "weight gradient": lambda: torch.nn.grad.conv2d_weight(dy, weights.shape, x, **move),
    }[task["pass"]]


def norm(task):
    channels = task["channels"]
    shape = task["batch"], channels, task["height"], task["width"]
    x = torch.rand(shape, device=device, requires_grad=True)
    layer = torch.nn.BatchNorm2d(channels).to(device)
    dy = torch.rand(shape, device=device)
    return lambda: torch.autograd.grad(layer(x), [x, layer.weight, layer.bias], dy)[0]


def training_step(task):
    if task["experiment"] == "dcgan":
        return pytorch_dcgan.pair_step(task["batch"], device)
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


PREPARE = {
    "product": product,
    "convolution": convolution,
    "transposed": transposed,
    "norm": norm,
    "step": training_step,
}


def timed(once, times):
    start = time.perf_counter()
    for _ in range(times):
        last = once()
    last.flatten()[0].item()
    return time.perf_counter() - start


name = torch.cuda.get_device_name() if device == "cuda" else f"CPU, {os.cpu_count()} threads"
answer(version=torch.__version__, adapter=name)
once = None
for line in sys.stdin:
    try:
        request = json.loads(line)
        if "prepare" in request:
            task = request["prepare"]
            once = PREPARE[task["kind"]](task)
            answer()
        else:
            answer(seconds=timed(once, request["run"]))
    except Exception as error:
        answer(error=first_line(error))
