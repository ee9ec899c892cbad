"""The main pair of nets of the dcgan experiment in PyTorch."""

import torch
from torch import nn

CODE = 64


def generator():
    return nn.Sequential(
        nn.ConvTranspose2d(CODE, 64, 7, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        nn.ConvTranspose2d(64, 32, 4, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
        nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Tanh(),
    )


def discriminator():
    return nn.Sequential(
        nn.Conv2d(1, 32, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Conv2d(32, 64, 4, 2, 1, bias=False), nn.BatchNorm2d(64), nn.LeakyReLU(0.2),
        nn.Conv2d(64, 1, 7), nn.Flatten(0),
    )


def pair_step(batch, device):
    """A step of D and one of G."""
    g, d = generator().to(device), discriminator().to(device)
    for layer in [*g, *d]:
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(layer.weight, 0, 0.02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    of_g, of_d = (
        torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999), eps=1e-8) for net in [g, d]
    )
    images = 2 * torch.rand(batch, 1, 28, 28, device=device) - 1
    real, fake = torch.ones(batch, device=device), torch.zeros(batch, device=device)
    entropy = nn.functional.binary_cross_entropy_with_logits

    def fakes():
        return g(torch.randn(batch, CODE, 1, 1, device=device))

    def step():
        with torch.no_grad():
            made = fakes()
        of_d.zero_grad()
        (0.5 * (entropy(d(images), real) + entropy(d(made), fake))).backward()
        of_d.step()
        of_g.zero_grad()
        # D's own gradients would be thrown away.
        d.requires_grad_(False)
        loss = entropy(d(fakes()), real)
        loss.backward()
        d.requires_grad_(True)
        of_g.step()
        return loss

    return step
