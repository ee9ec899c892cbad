"""Writes the golden values that tests/golden/*_test.ts compare with: PyTorch's, on the CPU, f32.

    pip install torch safetensors numpy && python3 tests/golden/make.py

Inputs are given by a formula that both sides compute, so the files hold results only. Layouts are
ours: activations NHWC, convolution weights [kh, kw, cin, cout], dense [in, out]; PyTorch's NCHW,
[cout, cin, kh, kw] and [out, in] are transposed here.
"""
import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from philox import normals

torch.set_num_threads(1)
HERE = Path(__file__).parent


def numbers(shape, start, scale=1.0):
    """Element i is ((start + i) * 7919 mod 1000) / 1000 - 0.5, times scale, rounded to f32."""
    i = torch.arange(math.prod(shape), dtype=torch.int64) + start
    exact = ((i * 7919 % 1000).double() / 1000 - 0.5) * scale
    return exact.float().reshape(shape)


def flat(tensor):
    """Numbers with the fewest digits that read back to the same f32."""
    return [shortest(x) for x in tensor.detach().reshape(-1).tolist()]


def shortest(x):
    for digits in range(1, 10):
        text = f"{x:.{digits}g}"
        if torch.tensor(float(text)).float().item() == x:
            return float(text)
    return x


def write(name, content):
    content = {"torch": torch.__version__.split("+")[0], **content}
    (HERE / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


def nchw(x):
    return x.permute(0, 3, 1, 2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def oihw(w):
    return w.permute(3, 2, 0, 1)


def same_pads(length, kernel, stride):
    size = -(-length // stride)
    total = max(0, (size - 1) * stride + kernel - length)
    return total // 2, total - total // 2


def convolve(x, w, stride, padding):
    if padding == "same":
        top, bottom = same_pads(x.shape[1], w.shape[0], stride)
        left, right = same_pads(x.shape[2], w.shape[1], stride)
    else:
        top = bottom = left = right = 0 if padding == "valid" else padding
    padded = F.pad(nchw(x), (left, right, top, bottom))
    return nhwc(F.conv2d(padded, oihw(w), stride=stride))


def conv2d():
    cases = []
    for x_shape, kernel, filters, stride, padding in [
        ((2, 6, 7, 3), (3, 3), 4, 1, "valid"),
        ((2, 6, 7, 3), (3, 3), 5, 1, "same"),
        ((1, 8, 7, 2), (5, 5), 3, 2, "same"),
        ((2, 7, 6, 1), (1, 4), 2, 1, 2),
        ((1, 9, 9, 4), (2, 3), 4, 3, 1),
        ((3, 5, 5, 2), (1, 1), 6, 2, "valid"),
    ]:
        x = numbers(x_shape, 0).requires_grad_()
        w = numbers((*kernel, x_shape[3], filters), 100).requires_grad_()
        y = convolve(x, w, stride, padding)
        y.backward(numbers(y.shape, 200))
        cases.append({
            "x": x_shape, "kernel": kernel, "filters": filters, "stride": stride,
            "padding": padding, "shape": list(y.shape), "y": flat(y),
            "inputGradient": flat(x.grad), "weightGradient": flat(w.grad),
        })
    write("conv2d", {"cases": cases})


def conv2d_transpose():
    cases = []
    for x_shape, kernel, filters, stride, padding, output_padding in [
        ((2, 1, 1, 5), (7, 7), 3, 1, "valid", 0),
        ((2, 4, 3, 6), (4, 4), 5, 2, 1, 0),
        ((1, 4, 5, 3), (4, 4), 1, 2, "same", 0),
        ((1, 5, 4, 2), (5, 5), 3, 2, "same", 0),
        ((1, 3, 4, 2), (3, 2), 4, 3, "valid", 2),
        ((2, 3, 3, 4), (5, 3), 2, 2, 2, 1),
        ((1, 4, 4, 1), (1, 2), 3, 3, "same", 0),
    ]:
        x = numbers(x_shape, 0).requires_grad_()
        w = numbers((*kernel, x_shape[3], filters), 100).requires_grad_()
        theirs = nchw(x), w.permute(2, 3, 0, 1).contiguous()
        if padding == "same":
            # All of it, then cut to stride times the size, the odd pixel at the end.
            more = [max(0, stride - side) for side in kernel]
            whole = nhwc(F.conv_transpose2d(*theirs, stride=stride, output_padding=more))
            top, left = [max(0, side - stride) // 2 for side in kernel]
            y = whole[:, top:top + x_shape[1] * stride, left:left + x_shape[2] * stride]
        else:
            cut = 0 if padding == "valid" else padding
            y = nhwc(F.conv_transpose2d(*theirs, stride=stride, padding=cut,
                                        output_padding=output_padding))
        y.backward(numbers(y.shape, 200))
        cases.append({
            "x": x_shape, "kernel": kernel, "filters": filters, "stride": stride,
            "padding": padding, "outputPadding": output_padding, "shape": list(y.shape),
            "y": flat(y), "inputGradient": flat(x.grad), "weightGradient": flat(w.grad),
        })
    write("conv2d_transpose", {"cases": cases})


def upsample():
    cases = []
    for shape, factor in [((2, 3, 2, 3), 2), ((1, 2, 4, 1), 3)]:
        x = numbers(shape, 50).requires_grad_()
        y = nhwc(F.interpolate(nchw(x), scale_factor=factor, mode="nearest"))
        y.backward(numbers(y.shape, 200))
        cases.append({"x": shape, "factor": factor, "shape": list(y.shape),
                      "y": flat(y), "gradient": flat(x.grad)})
    write("upsample", {"cases": cases})


def matmul():
    cases = []
    for m, k, n in [(3, 5, 4), (1, 17, 2), (9, 1, 7), (13, 40, 3)]:
        a, b = numbers((m, k), 0), numbers((k, n), 300)
        cases.append({"m": m, "k": k, "n": n, "y": flat(a @ b)})
    write("matmul", {"cases": cases})


def max_pool():
    cases = []
    for shape, size, stride in [((2, 6, 6, 3), 2, 2), ((1, 7, 8, 2), 3, 2), ((1, 9, 8, 1), 2, 3)]:
        x = numbers(shape, 50).requires_grad_()
        y = nhwc(F.max_pool2d(nchw(x), size, stride))
        y.backward(numbers(y.shape, 200))
        cases.append({"x": shape, "size": size, "stride": stride, "shape": list(y.shape),
                      "y": flat(y), "gradient": flat(x.grad)})
    write("max_pool", {"cases": cases})


def changes():
    """Images turned and scaled about their centre, edges repeated, by grid_sample in f64."""
    height, width, channels = 6, 9, 2
    x = ((torch.arange(height * width * channels) * 7919) % 256).double()
    image = x.reshape(1, height, width, channels)
    cases = []
    for change, value in [("rotate", 10), ("rotate", -37), ("scale", 0.9), ("scale", 1.3)]:
        turn = math.radians(value) if change == "rotate" else 0.0
        shrink = 1 / value if change == "scale" else 1.0
        # Where each pixel comes from, in pixels from the centre; y points down.
        ys, xs = torch.meshgrid(torch.arange(height).double() - (height - 1) / 2,
                                torch.arange(width).double() - (width - 1) / 2, indexing="ij")
        from_x = shrink * (math.cos(turn) * xs + math.sin(turn) * ys)
        from_y = shrink * (math.cos(turn) * ys - math.sin(turn) * xs)
        grid = torch.stack([from_x / ((width - 1) / 2), from_y / ((height - 1) / 2)], -1)
        y = nhwc(F.grid_sample(nchw(image), grid[None], mode="bilinear", padding_mode="border",
                               align_corners=True))
        cases.append({"change": change, "value": value, "y": flat(y.float())})
    write("changes", {"height": height, "width": width, "channels": channels, "cases": cases})


def margin(logits, labels):
    own = F.one_hot(labels, logits.shape[1]).bool()
    return logits[own] - logits.masked_fill(own, -torch.inf).amax(1)


def activations():
    cases = {}
    for name, function in [
        ("relu", torch.relu), ("sigmoid", torch.sigmoid), ("selu", torch.selu),
        ("tanh", torch.tanh), ("leakyRelu", lambda x: F.leaky_relu(x, 0.2)),
        ("clamp", lambda x: torch.clamp(x, -2.5, 1.25)),
    ]:
        x = numbers((60,), 7, 12).requires_grad_()
        y = function(x)
        y.backward(numbers((60,), 200))
        cases[name] = {"y": flat(y), "gradient": flat(x.grad)}
    logits = numbers((6, 10), 3, 10).requires_grad_()
    probabilities = torch.softmax(logits, 1)
    probabilities.backward(numbers((6, 10), 200))
    cases["softmax"] = {"y": flat(probabilities), "gradient": flat(logits.grad)}
    logits = numbers((6, 10), 3, 10).requires_grad_()
    labels = torch.arange(6) * 7 % 10
    losses = F.cross_entropy(logits, labels, reduction="none")
    losses.backward(numbers((6,), 200))
    cases["crossEntropy"] = {"labels": labels.tolist(), "y": flat(losses),
                             "gradient": flat(logits.grad)}
    logits = numbers((6, 10), 3, 10).requires_grad_()
    losses = F.cross_entropy(logits, torch.softmax(numbers((6, 10), 50, 10), 1), reduction="none")
    losses.backward(numbers((6,), 200))
    cases["softCrossEntropy"] = {"y": flat(losses), "gradient": flat(logits.grad)}
    logits = numbers((6, 10), 3, 10).requires_grad_()
    margins = margin(logits, labels)
    margins.backward(numbers((6,), 200))
    cases["margin"] = {"labels": labels.tolist(), "y": flat(margins), "gradient": flat(logits.grad)}
    logits = numbers((60,), 7, 40).requires_grad_()
    targets = (numbers((60,), 13) + 0.5).clamp(0, 1)
    targets[::3], targets[1::3] = 0, 1
    losses = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    losses.backward(numbers((60,), 200))
    cases["binaryCrossEntropy"] = {"targets": flat(targets), "y": flat(losses),
                                   "gradient": flat(logits.grad)}
    write("activations", cases)


def frechet():
    """Frechet distances in f64, the root of the product by the eigenvalues of the product itself."""
    def distance(a, b):
        (mean_a, s_a), (mean_b, s_b) = [(x.mean(0), torch.cov(x.T)) for x in (a, b)]
        roots = torch.linalg.eigvals(s_a @ s_b).real.clamp(min=0).sqrt().sum()
        return ((mean_a - mean_b).square().sum() + s_a.trace() + s_b.trace() - 2 * roots).item()

    cases = []
    for name, samples, units, fires in [
        ("full covariances", (60, 90), 12, 12), ("units that never fire", (60, 90), 12, 7),
        ("fewer samples than units", (5, 8), 12, 12), ("one of them singular", (7, 200), 12, 12),
    ]:
        a = numbers((samples[0], units), 0).double()
        b = (numbers((samples[1], units), 333, 3) + 0.25).double()
        a[:, fires:] = 0
        b[:, fires:] = 0
        cases.append({"name": name, "samples": samples, "units": units, "fires": fires,
                      "rank": [torch.linalg.matrix_rank(torch.cov(x.T), hermitian=True).item()
                               for x in (a, b)],
                      "distance": distance(a, b)})
    write("frechet", {"cases": cases})


def instruments():
    norms = [
        {"length": length, "scale": scale,
         "norm": torch.linalg.vector_norm(numbers((length,), 0, scale), dtype=torch.float64).item()}
        for length, scale in [(40, 1.0), (3000, 0.01), (700, 1e-20), (700, 1e-35), (700, 1e38)]
    ]
    histograms = []
    for length, scale, start, end, bins in [
        (900, 8.0, -4.0, 4.0, 32), (5000, 1.0, -0.3003, 0.4113, 17), (2000, 1.0, 0.0, 0.25, 7),
    ]:
        x = numbers((length,), 0, scale)
        # The last bin of histogram() is closed.
        inside = torch.histogram(x[x < end], bins, range=(start, end)).hist
        histograms.append({
            "length": length, "scale": scale, "from": start, "to": end, "bins": bins,
            "counts": [int(n) for n in [(x < start).sum(), *inside, (x >= end).sum()]],
        })
    write("instruments", {"norms": norms, "histograms": histograms})


def optimisers():
    cases = {}
    for name, make in [
        ("sgd", lambda w: torch.optim.SGD([w], lr=0.1)),
        ("adam", lambda w: torch.optim.Adam([w], lr=1e-2, betas=(0.9, 0.999), eps=1e-7)),
        ("rmsprop", lambda w: torch.optim.RMSprop([w], lr=1e-3, alpha=0.9, eps=1e-7)),
    ]:
        w = numbers((40,), 0).requires_grad_()
        optimiser = make(w)
        steps = []
        for step in range(5):
            w.grad = numbers((40,), 100 * (step + 1), 0.1)
            optimiser.step()
            steps.append(flat(w))
        cases[name] = steps
    write("optimisers", cases)


def batch_norm():
    """Training on one batch, then another; its gradients; then inference by the running moments."""
    cases = []
    for shape, momentum, epsilon in [((5, 4), 0.9, 1e-5), ((3, 4, 5, 2), 0.9, 1e-5),
                                     ((8, 7, 6, 3), 0.99, 1e-3)]:
        channels = shape[-1]
        running = [torch.zeros(channels), torch.ones(channels)]
        x = numbers(shape, 0, 3).requires_grad_()
        gamma = numbers((channels,), 30, 2).requires_grad_()
        beta = numbers((channels,), 60).requires_grad_()

        def normalise(x, training):
            flattened = x.reshape(-1, channels)
            y = F.batch_norm(flattened, *running, gamma, beta, training, 1 - momentum, epsilon)
            return y.reshape(shape)

        y = normalise(x, True)
        y.backward(numbers(shape, 200))
        gradients = [x.grad.clone(), gamma.grad.clone(), beta.grad.clone()]
        with torch.no_grad():
            normalise(numbers(shape, 500, 2) + 0.25, True)
        x.grad = None
        inferred = normalise(x, False)
        inferred.backward(numbers(shape, 200))
        cases.append({
            "x": shape, "momentum": momentum, "epsilon": epsilon, "y": flat(y),
            "gradients": [flat(g) for g in gradients], "running": [flat(r) for r in running],
            "inferred": flat(inferred), "inferredGradient": flat(x.grad),
        })
    write("batch_norm", {"cases": cases})


def folding():
    """A layer and the batch normalisation after it, in inference, as one layer."""
    layers = [
        ("conv2d", (3, 2, 2, 4)), ("conv2d", (3, 3, 4, 4)), ("conv2dTranspose", (2, 3, 3, 5)),
        ("conv2dTranspose", (3, 3, 4, 4)), ("dense", (6, 3)), ("dense", (4, 4)),
    ]
    # Ours to PyTorch's, and back.
    orders = {"conv2d": ((3, 2, 0, 1), (2, 3, 1, 0)), "conv2dTranspose": ((2, 3, 0, 1),) * 2,
              "dense": ((1, 0),) * 2}
    cases = []
    for (kind, weights), bias, epsilon in [(layer, bias, epsilon) for layer in layers
                                           for bias, epsilon in ((True, 1e-5), (False, 1e-3))]:
        *taps, inner, channels = weights
        there, back = orders[kind]
        if kind == "dense":
            theirs, norm = torch.nn.Linear(inner, channels, bias), torch.nn.BatchNorm1d
        else:
            make = torch.nn.Conv2d if kind == "conv2d" else torch.nn.ConvTranspose2d
            theirs, norm = make(inner, channels, taps, bias=bias), torch.nn.BatchNorm2d
        norm = norm(channels, eps=epsilon)
        with torch.no_grad():
            theirs.weight.copy_(numbers(weights, 0, 2).permute(there))
            if bias:
                theirs.bias.copy_(numbers((channels,), 100))
            norm.weight.copy_(numbers((channels,), 200, 3))
            norm.bias.copy_(numbers((channels,), 300))
            norm.running_mean.copy_(numbers((channels,), 400))
            norm.running_var.copy_(numbers((channels,), 500) + 0.6)
            parts = theirs.eval(), norm.eval()
            fused = (fuse_linear_bn_eval(*parts) if kind == "dense"
                     else fuse_conv_bn_eval(*parts, transpose=kind == "conv2dTranspose"))
        cases.append({
            "layer": kind, "shape": weights, "bias": bias, "epsilon": epsilon,
            "weights": flat(fused.weight.permute(back)), "biases": flat(fused.bias),
        })
    write("folding", {"cases": cases})


LAYERS = [
    ("conv1", (3, 3, 3, 32)), ("conv2", (3, 3, 32, 64)), ("conv3", (3, 3, 64, 64)),
    ("dense1", (1024, 64)), ("dense2", (64, 10)),
]


def train_step():
    """One step of the reference net of CLAIMS.md on four images: loss, gradients, Adam's update."""
    parameters = {}
    for position, (name, shape) in enumerate(LAYERS):
        fan_in, fan_out = math.prod(shape[:-1]), math.prod(shape[:-2]) * shape[-1]
        scale = 2 * math.sqrt(6 / (fan_in + fan_out))
        parameters[f"{name}/weights"] = numbers(shape, 100 * position, scale).requires_grad_()
        parameters[f"{name}/bias"] = numbers((shape[-1],), 37, 0.1).requires_grad_()
    x = numbers((4, 32, 32, 3), 0) + 0.5
    labels = torch.tensor([3, 0, 9, 3])

    def layer(name, x):
        return convolve(x, parameters[f"{name}/weights"], 1, "valid") + parameters[f"{name}/bias"]

    def pool(x):
        return nhwc(F.max_pool2d(nchw(x), 2))

    h = pool(torch.relu(layer("conv1", x)))
    h = pool(torch.relu(layer("conv2", h)))
    h = torch.relu(layer("conv3", h)).reshape(4, -1)
    h = torch.relu(h @ parameters["dense1/weights"] + parameters["dense1/bias"])
    logits = h @ parameters["dense2/weights"] + parameters["dense2/bias"]
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    before = {name: p.detach().clone() for name, p in parameters.items()}
    torch.optim.Adam(parameters.values(), lr=1e-3, eps=1e-7).step()
    tensors = {}
    for name, p in parameters.items():
        g, count = p.grad.reshape(-1), p.numel()
        at = [i * 7919 % count for i in range(min(count, 24))]
        tensors[name] = {
            "shape": list(p.shape),
            "sum": g.double().sum().item(),
            "norm": g.double().norm().item(),
            "at": at,
            "gradient": flat(g[at]),
            "change": flat((p.detach() - before[name]).reshape(-1)[at]),
        }
    write("train_step", {"labels": labels.tolist(), "logits": flat(logits), "loss": loss.item(),
                         "parameters": tensors})


def attacks():
    """Steps of attacks on a small net from the pixels on, and rows brought to a length."""
    origin, labels = numbers((3, 6, 6, 2), 0) + 0.5, torch.tensor([3, 0, 4])
    w1, b1 = numbers((3, 3, 2, 4), 100, 0.8), numbers((4,), 37, 0.1)
    w2, b2 = numbers((64, 5), 300, 0.4), numbers((5,), 40, 0.1)

    def slope(x, loss):
        x = x.clone().requires_grad_()
        h = torch.relu(convolve(x, w1, 1, "valid") + b1).reshape(3, -1)
        logits = h @ w2 + b2
        losses = (F.cross_entropy(logits, labels, reduction="none") if loss == "cross-entropy"
                  else -margin(logits, labels))
        losses.sum().backward()
        # So that rounding decides no sign.
        assert (x.grad.abs() > 1e-5)[x.grad != 0].all()
        return x.grad

    cases = []
    for norm, loss, epsilon, size in [
        ("max", "cross-entropy", 0.1, 0.03), ("max", "margin", 0.25, -0.1),
        ("l2", "cross-entropy", 1.0, 0.4), ("l2", "margin", 0.5, -0.3),
    ]:
        x = origin
        steps = []
        for _ in range(4):
            g = slope(x, loss)
            if norm == "max":
                x = (x + size * g.sign()).clamp(origin - epsilon, origin + epsilon).clamp(0, 1)
            else:
                direction = F.normalize(g.reshape(3, -1)).reshape(g.shape)
                moved = x + size * direction - origin
                x = (origin + torch.renorm(moved, 2, 0, epsilon)).clamp(0, 1)
            steps.append(x)
        cases.append({"norm": norm, "loss": loss, "epsilon": epsilon, "size": size,
                      "first": flat(steps[0]), "last": flat(steps[-1])})
    x = numbers((4, 150), 11) * torch.tensor([[1e-12], [0.01], [1.0], [100.0]])
    rows = {"radius": 3.0, "exactly": flat(3 * F.normalize(x, eps=0)),
            "atMost": flat(torch.renorm(x, 2, 0, 3.0))}
    write("attacks", {"labels": labels.tolist(), "cases": cases, "rows": rows})


INSPECTED = [("dense1/weights", (16, 6)), ("batchNorm1/gamma", (6,)), ("batchNorm1/beta", (6,)),
             ("dense2/weights", (6, 4)), ("dense2/bias", (4,)),
             ("dense3/weights", (4, 3)), ("dense3/bias", (3,))]


def inspection():
    """Outputs, gradients and a step of a small net with batch normalisation, and its landscape."""
    batch, rate, sizes = 8, 0.5, [0.25, 4.0]
    pixels = torch.arange(batch * 16) * 7919 % 256
    x = (pixels.float() / 255).reshape(batch, 16)
    labels = torch.tensor([0, 2, 1, 1, 0, 2, 2, 0])
    start = [numbers(shape, 100 * i, 2.0) for i, (_, shape) in enumerate(INSPECTED)]

    def run(values):
        p = [value.detach().clone().requires_grad_() for value in values]
        outputs = {"flatten1": x}
        h = outputs["dense1"] = x @ p[0]
        h = outputs["batchNorm1"] = F.batch_norm(h, None, None, p[1], p[2], True, 0.1, 1e-5)
        h = outputs["sigmoid1"] = torch.sigmoid(h)
        h = outputs["dense2"] = h @ p[3] + p[4]
        h = outputs["relu1"] = torch.relu(h)
        outputs["dense3"] = h @ p[5] + p[6]
        loss = F.cross_entropy(outputs["dense3"], labels)
        loss.backward()
        return outputs, loss.item(), [value.grad for value in p]

    def norms(values):
        layers = {}
        for (name, _), value in zip(INSPECTED, values):
            layers.setdefault(name.split("/")[0], []).append(value.double().reshape(-1))
        return {layer: torch.cat(parts).norm().item() for layer, parts in layers.items()}

    def along(size):
        _, loss, gradient = run([v - size * g for v, g in zip(start, gradients)])
        change = torch.cat([(a - b).double().reshape(-1) for a, b in zip(gradient, gradients)])
        return loss, change.norm().item()

    before, loss, gradients = run(start)
    step = [rate * g for g in gradients]
    after, _, _ = run([v - s for v, s in zip(start, step)])
    layers = {}
    for name, y in before.items():
        y = y.detach().double()
        moved = after[name].detach().double().mean(0) - y.mean(0)
        layers[name] = {
            "mean": y.mean().item(),
            "variance": y.var(unbiased=False).item(),
            "dead": (y == 0).all(0).double().mean().item(),
            "drift": (moved.norm() / y.var(0, unbiased=False).sum().sqrt()).item(),
        }
    own, moved = norms(start), norms(step)
    losses, changes = zip(*[along(size) for size in sizes])
    write("inspection", {
        "rate": rate, "sizes": sizes, "labels": labels.tolist(), "loss": loss, "layers": layers,
        "gradients": norms(gradients), "updates": {name: moved[name] / own[name] for name in own},
        "losses": losses, "changes": changes})


PAIR = [
    ("generator/conv2dTranspose1/weights", (2, 2, 3, 3)),
    ("generator/batchNorm1/gamma", (3,)), ("generator/batchNorm1/beta", (3,)),
    ("generator/conv2dTranspose2/weights", (4, 4, 3, 1)),
    ("generator/conv2dTranspose2/bias", (1,)),
    ("discriminator/conv2d1/weights", (3, 3, 1, 3)),
    ("discriminator/batchNorm1/gamma", (3,)), ("discriminator/batchNorm1/beta", (3,)),
    ("discriminator/conv2d2/weights", (2, 2, 3, 1)), ("discriminator/conv2d2/bias", (1,)),
]


def adversarial_steps():
    """Steps of a DCGAN of 4x4 images, its codes drawn as ours are, by gradient descent."""
    batch, seed, rate, momentum = 4, 3, 0.5, 0.9
    parameters = {name: numbers(shape, 100 * i).requires_grad_()
                  for i, (name, shape) in enumerate(PAIR)}
    running = {net: [torch.zeros(3), torch.ones(3)] for net in ("generator", "discriminator")}
    pixels = torch.arange(2 * batch * 16) * 7919 % 256
    images = (pixels.float() / 255).reshape(2, batch, 4, 4, 1) * 2 - 1

    def normalise(net, x, learns):
        kept = running[net] if learns else [moment.clone() for moment in running[net]]
        own = [parameters[f"{net}/batchNorm1/{role}"] for role in ("gamma", "beta")]
        rows = F.batch_norm(x.reshape(-1, 3), *kept, *own, True, 1 - momentum, 1e-5)
        return rows.reshape(x.shape)

    def transposed(x, name, **how):
        w = parameters[f"generator/{name}/weights"].permute(2, 3, 0, 1)
        return nhwc(F.conv_transpose2d(nchw(x), w, **how))

    def generate(codes, learns):
        h = torch.relu(normalise("generator", transposed(codes, "conv2dTranspose1"), learns))
        y = transposed(h, "conv2dTranspose2", stride=2, padding=1)
        return torch.tanh(y + parameters["generator/conv2dTranspose2/bias"])

    def logits(x, learns):
        own = {name: parameters[f"discriminator/{name}"]
               for name in ("conv2d1/weights", "conv2d2/weights", "conv2d2/bias")}
        h = normalise("discriminator", convolve(x, own["conv2d1/weights"], 2, "same"), learns)
        h = F.leaky_relu(h, 0.2)
        return (convolve(h, own["conv2d2/weights"], 1, "valid") + own["conv2d2/bias"]).reshape(-1)

    def told(x, label):
        return F.binary_cross_entropy_with_logits(x, torch.full_like(x, label))

    def descend(net, loss):
        names = [name for name in parameters if name.startswith(net)]
        gradients = torch.autograd.grad(loss, [parameters[name] for name in names])
        with torch.no_grad():
            for name, gradient in zip(names, gradients):
                parameters[name] -= rate * gradient
        return max(gradient.abs().max().item() for gradient in gradients)

    steps = []
    for step in range(2):
        codes = [normals(seed, f"noise/codes, {use}", step, (batch, 1, 1, 3))
                 for use in ("beside real ones", "labelled real")]
        beside = generate(codes[0], False)
        loss = (told(logits(images[step], True), 1.0) + told(logits(beside, True), 0.0)) / 2
        largest = [descend("discriminator", loss)]
        fooled = told(logits(generate(codes[1], True), False), 1.0)
        largest.append(descend("generator", fooled))
        steps.append({
            "codes": [flat(c) for c in codes], "losses": [loss.item(), fooled.item()],
            "largestGradient": max(largest),
            "parameters": {name: flat(p) for name, p in parameters.items()},
            "running": {net: [flat(m) for m in moments] for net, moments in running.items()},
        })
    write("adversarial_steps", {
        "batch": batch, "seed": seed, "rate": rate, "momentum": momentum,
        "shapes": dict(PAIR), "steps": steps,
    })


ROBUST = [("conv2d1/weights", (3, 3, 1, 2)), ("conv2d1/bias", (2,)),
          ("dense1/weights", (8, 3)), ("dense1/bias", (3,))]
NORMALISED = [*ROBUST[:2], ("batchNorm1/gamma", (2,)), ("batchNorm1/beta", (2,)), *ROBUST[2:]]


def robust_steps():
    """Steps of a small net with weight decay, the hinge loss, and on adversarial images."""
    batch, steps, rate = 8, 3, 0.05
    labels = torch.arange(batch * steps) * 7919 % 3
    pixels = torch.arange(batch * steps * 16) * 7919 % 256
    images = (pixels.float() / 255).reshape(batch * steps, 4, 4, 1)
    fgsm = {"attack": "fgsm", "start": "image", "epsilon": 0.1, "clean": 0.0}
    pgd = {"attack": "pgd", "start": "image", "epsilon": 0.2, "stepSize": 0.15, "steps": 2,
           "clean": 0.0}
    cases = [
        {"optimiser": "sgd", "weightDecay": 0.5},
        {"optimiser": "adam", "weightDecay": 0.5},
        {"optimiser": "rmsprop", "weightDecay": 0.5},
        {"optimiser": "sgd", "loss": "hinge"},
        {"optimiser": "sgd", "adversary": fgsm},
        {"optimiser": "sgd", "adversary": {**fgsm, "clean": 0.25}},
        {"optimiser": "sgd", "adversary": pgd},
        {"optimiser": "sgd", "adversary": {**pgd, "ramp": 2}},
        {"optimiser": "sgd", "adversary": pgd, "loss": "hinge"},
        {"optimiser": "adam", "adversary": {**pgd, "clean": 0.5, "ramp": 4}, "weightDecay": 0.1},
        {"optimiser": "sgd", "adversary": {**fgsm, "clean": 0.25}, "normalised": True},
    ]

    def run(case):
        shapes = NORMALISED if "normalised" in case else ROBUST
        parameters = {name: numbers(shape, 100 * i, 2.0).requires_grad_()
                      for i, (name, shape) in enumerate(shapes)}
        running = [torch.zeros(2), torch.ones(2)]
        optimisers = {
            "sgd": lambda own: torch.optim.SGD(own, lr=rate, **decay),
            "adam": lambda own: torch.optim.Adam(own, lr=rate, eps=1e-7, **decay),
            "rmsprop": lambda own: torch.optim.RMSprop(own, lr=rate, alpha=0.9, eps=1e-7, **decay),
        }
        decay = {"weight_decay": case.get("weightDecay", 0.0)}
        optimiser = optimisers[case["optimiser"]](list(parameters.values()))
        adversary = case.get("adversary")

        def losses(x, y, learns=False):
            h = convolve(x, parameters["conv2d1/weights"], 1, "valid") + parameters["conv2d1/bias"]
            if "normalised" in case:
                own = [parameters[f"batchNorm1/{role}"] for role in ("gamma", "beta")]
                h = F.batch_norm(h.reshape(-1, 2), *running, *own, learns, 0.1, 1e-5)
            h = torch.relu(h).reshape(len(x), -1)
            logits = h @ parameters["dense1/weights"] + parameters["dense1/bias"]
            if "loss" not in case:
                return F.cross_entropy(logits, y, reduction="none")
            own = logits.gather(1, y[:, None])[:, 0]
            other = logits.scatter(1, y[:, None], -math.inf).max(1).values
            return 1 - (own - other)

        def mean_loss(x, y, learns=True):
            found = losses(x, y, learns)
            return torch.relu(found).mean() if "loss" in case else found.mean()

        def attacked(origin, y, step):
            share = min(1.0, step / adversary["ramp"]) if "ramp" in adversary else 1.0
            epsilon = adversary["epsilon"] * share
            size = adversary.get("stepSize", adversary["epsilon"]) * share
            x = origin
            for _ in range(adversary.get("steps", 1)):
                x = x.detach().requires_grad_()
                slope, = torch.autograd.grad(losses(x, y).sum(), x)
                # What is left to rounding would make a sign that means nothing.
                assert slope[slope != 0].abs().min() > 1e-5
                x = x + size * slope.sign()
                x = torch.clamp(torch.max(torch.min(x, origin + epsilon), origin - epsilon), 0, 1)
            return x.detach()

        told = []
        for step in range(steps):
            x, y = [of[step * batch:(step + 1) * batch] for of in (images, labels)]
            optimiser.zero_grad()
            if adversary:
                hard, clean = attacked(x, y, step), adversary["clean"]
                loss = clean * mean_loss(x, y) + (1 - clean) * mean_loss(hard, y)
            else:
                loss = mean_loss(x, y)
            loss.backward()
            largest = max(p.grad.abs().max().item() for p in parameters.values())
            optimiser.step()
            told.append({"loss": loss.item(), "largestGradient": largest,
                         "parameters": {name: flat(p) for name, p in parameters.items()}})
        with torch.no_grad():
            evaluated = mean_loss(images[:5], labels[:5], False).item()
        return {**case, "shapes": dict(shapes), "steps": told, "evaluated": evaluated}

    write("robust_steps", {"batch": batch, "rate": rate, "labels": labels.tolist(),
                           "cases": [run(case) for case in cases]})


VIRTUAL = [("dense1/weights", (16, 6)), ("batchNorm1/gamma", (6,)), ("batchNorm1/beta", (6,)),
           ("dense2/weights", (6, 3)), ("dense2/bias", (3,))]


def virtual():
    """Steps of virtual adversarial training (Miyato et al. 2018), directions drawn as ours are."""
    seed, rate, momentum = 3, 0.5, 0.9
    epsilon, xi, iterations, weight = 1.5, 0.5, 2, 0.75
    parameters = {name: numbers(shape, 100 * i, 2).requires_grad_()
                  for i, (name, shape) in enumerate(VIRTUAL)}
    running = [torch.zeros(6), torch.ones(6)]
    pixels = torch.arange(20 * 16) * 7919 % 256
    images = (pixels.float() / 255).reshape(20, 16)
    labels = torch.arange(20) * 7 % 3

    def logits(x, learns):
        w1, gamma, beta, w2, b2 = parameters.values()
        moments = running if learns else [None, None]
        h = F.batch_norm(x @ w1, *moments, gamma, beta, True, 1 - momentum, 1e-5)
        return torch.relu(h) @ w2 + b2

    def divergence(p, x):
        return F.kl_div(torch.log_softmax(logits(x, False), 1), p, reduction="sum")

    steps = []
    for step in range(2):
        own, others = torch.arange(4) + 4 * step, torch.arange(6) + 8 + 6 * step
        x, u = images[own], images[others]
        labelled = F.cross_entropy(logits(x, True), labels[own])
        p = torch.softmax(logits(u, False), 1).detach()
        d = normals(seed, "noise/virtual", step, u.shape)
        for _ in range(iterations):
            aside = (xi * F.normalize(d, dim=1)).requires_grad_()
            d, = torch.autograd.grad(divergence(p, u + aside), aside)
        r = epsilon * F.normalize(d, dim=1)
        term = divergence(p, u + r) / len(u)
        entropy = -(p * p.log()).sum() / len(u)
        loss = labelled + weight * term
        loss.backward()
        with torch.no_grad():
            for parameter in parameters.values():
                parameter -= rate * parameter.grad
                parameter.grad = None
        steps.append({
            "loss": (loss + weight * entropy).item(), "r": flat(r),
            "parameters": {name: flat(p) for name, p in parameters.items()},
            "running": [flat(moment) for moment in running],
        })
    write("virtual", {
        "seed": seed, "rate": rate, "shapes": dict(VIRTUAL), "steps": steps,
        "virtual": {"epsilon": epsilon, "xi": xi, "iterations": iterations, "weight": weight,
                    "batch": 6},
    })


def attacked_net():
    """Input gradients, and attacked images, of the net in attacked_net.safetensors."""
    saved = load_file(HERE / "attacked_net.safetensors")
    images, labels = saved["images"] / 255, saved["labels"].long()
    epsilon, size, steps, radius = 0.1, 0.4, 3, 1.0

    def logits(x):
        h = convolve(x, saved["conv2d1/weights"], 2, "valid") + saved["conv2d1/bias"]
        h = F.batch_norm(nchw(h), saved["batchNorm1/running mean"],
                         saved["batchNorm1/running variance"], saved["batchNorm1/gamma"],
                         saved["batchNorm1/beta"], False, 0, 1e-5)
        h = nhwc(F.max_pool2d(torch.relu(h), 2)).reshape(len(x), -1)
        return h @ saved["dense1/weights"] + saved["dense1/bias"]

    def gradient(x):
        x = x.detach().requires_grad_()
        F.cross_entropy(logits(x), labels, reduction="sum").backward()
        return x.grad

    def unit(rows):
        return rows / rows.flatten(1).norm(dim=1).reshape(-1, 1, 1, 1)

    slope = gradient(images)
    x = images
    for _ in range(steps):
        change = x + size * unit(gradient(x)) - images
        length = change.flatten(1).norm(dim=1).reshape(-1, 1, 1, 1)
        x = (images + change * (radius / length).clamp(max=1)).clamp(0, 1)
    write("attacked_net", {
        "epsilon": epsilon, "logits": flat(logits(images)), "gradient": flat(slope),
        "fgsm": flat((images + epsilon * slope.sign()).clamp(0, 1)),
        "l2": {"epsilon": radius, "stepSize": size, "steps": steps, "images": flat(x)}})


for make in (conv2d, matmul, max_pool, changes, activations, frechet, instruments, optimisers,
             train_step, conv2d_transpose, upsample, batch_norm, folding, adversarial_steps,
             inspection, attacks, attacked_net, robust_steps, virtual):
    make()
