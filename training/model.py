"""The model: Llama as llama.cpp runs it.

RMSNorm, rotary positions, grouped queries, SwiGLU, tied embeddings.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.fim import END
from training.shapes import Shape


class Layer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        kv = shape.kv_heads * shape.head
        self.attn_norm = nn.Parameter(torch.ones(shape.width))
        self.attn_q = nn.Parameter(torch.empty(shape.width, shape.width))
        self.attn_k = nn.Parameter(torch.empty(kv, shape.width))
        self.attn_v = nn.Parameter(torch.empty(kv, shape.width))
        self.attn_output = nn.Parameter(torch.zeros(shape.width, shape.width))
        self.ffn_norm = nn.Parameter(torch.ones(shape.width))
        self.ffn_gate = nn.Parameter(torch.empty(shape.hidden, shape.width))
        self.ffn_up = nn.Parameter(torch.empty(shape.hidden, shape.width))
        self.ffn_down = nn.Parameter(torch.zeros(shape.width, shape.hidden))
        for weight in (self.attn_q, self.attn_k, self.attn_v, self.ffn_gate, self.ffn_up):
            nn.init.normal_(weight, std=shape.width**-0.5)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        rows, length, width = x.shape
        s = self.shape
        h = F.rms_norm(x, (width,), self.attn_norm, s.epsilon)
        q = F.linear(h, self.attn_q).view(rows, length, s.heads, s.head).transpose(1, 2)
        k = F.linear(h, self.attn_k).view(rows, length, s.kv_heads, s.head).transpose(1, 2)
        v = F.linear(h, self.attn_v).view(rows, length, s.kv_heads, s.head).transpose(1, 2)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if s.kv_heads != s.heads:
            k = k.repeat_interleave(s.heads // s.kv_heads, 1)
            v = v.repeat_interleave(s.heads // s.kv_heads, 1)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + F.linear(a.transpose(1, 2).reshape(rows, length, width), self.attn_output)
        h = F.rms_norm(x, (width,), self.ffn_norm, s.epsilon)
        return x + F.linear(F.silu(F.linear(h, self.ffn_gate)) * F.linear(h, self.ffn_up), self.ffn_down)


class Llama(nn.Module):
    """Rotary positions turn the halves of a head against each other; export permutes to llama.cpp's pairs."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Parameter(torch.empty(shape.vocabulary, shape.width))
        self.blk = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.output_norm = nn.Parameter(torch.ones(shape.width))
        nn.init.normal_(self.token_embd, std=0.02)
        steps = torch.arange(shape.context).float()
        angles = torch.outer(steps, shape.rope_base ** (-torch.arange(0, shape.head, 2).float() / shape.head))
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        """(rows, length) ids to (rows, length, width) normed states; multiply by `token_embd` for logits."""
        length = ids.shape[1]
        x = F.embedding(ids, self.token_embd)
        if torch.is_autocast_enabled(ids.device.type):
            x = x.bfloat16()
        cos, sin = self.cos[:length].to(x.dtype), self.sin[:length].to(x.dtype)
        for layer in self.blk:
            x = layer(x, cos, sin)
        return F.rms_norm(x, (x.shape[-1],), self.output_norm, self.shape.epsilon)

    def loss(self, ids: Tensor, targets: Tensor, weights: Tensor, endless: Tensor) -> Tensor:
        """Sum over the positions of weight times cross entropy (nats).

        Where `endless` is true the end token counts as impossible, so nothing is learnt about it there.
        """
        states = self(ids).flatten(0, 1)
        logits = F.linear(states, self.token_embd).float()
        is_end = torch.arange(logits.shape[1], device=logits.device) == END
        logits = logits.masked_fill(endless.flatten()[:, None] & is_end, -1e4)
        each = F.cross_entropy(logits, targets.flatten(), reduction="none")
        return (each * weights.flatten()).sum()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, a * sin + b * cos), -1)
