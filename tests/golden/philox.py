"""Our random streams again, written from the papers: what make.py draws codes with."""
import math

import torch


def philox(counter, key):
    """Philox4x32-10 of Salmon et al. 2011."""
    counter, key = list(counter), list(key)
    for _ in range(10):
        first, second = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [(second >> 32) ^ counter[1] ^ key[0], second & 0xFFFFFFFF,
                   (first >> 32) ^ counter[3] ^ key[1], first & 0xFFFFFFFF]
        key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return counter


def normals(seed, name, step, shape):
    """The numbers of core/random/streams.ts, by Box and Muller in f64."""
    hashed = 0x811C9DC5
    for byte in name.encode():
        hashed = ((hashed ^ byte) * 0x01000193) & 0xFFFFFFFF
    drawn = []
    for block in range(-(-math.prod(shape) // 4)):
        words = philox((block, 0, step, 0), (seed, hashed))
        for first, second in (words[:2], words[2:]):
            radius = math.sqrt(-2 * math.log(((first >> 8) + 1) * 2**-24))
            angle = 2 * math.pi * (second >> 8) * 2**-24
            drawn += [radius * math.cos(angle), radius * math.sin(angle)]
    return torch.tensor(drawn[:math.prod(shape)]).float().reshape(shape)
