"""What a GGUF file's weights compute, in double precision and without our code: the measure of fidelity.

The gguf package dequantises the weights; numpy does the rest. Networks: llama, without rope scaling and biases.
"""
import gguf
import numpy as np

ROWS_AT_ONCE = 64  # rows of logits that are compared at a time


class Network:
    """A llama network that keeps its weights in the file and widens one matrix at a time."""

    def __init__(self, path):
        reader = gguf.GGUFReader(path)
        self.tensors = {tensor.name: tensor for tensor in reader.tensors}
        self.fields = reader.fields
        self.layers = self.number("block_count")
        self.heads = self.number("attention.head_count")
        self.kv_heads = self.number("attention.head_count_kv")
        self.epsilon = self.number("attention.layer_norm_rms_epsilon")
        self.base = self.number("rope.freq_base")

    def number(self, key):
        return self.fields["llama." + key].contents()

    def weight(self, name, rows=slice(None)):
        tensor = self.tensors[name + ".weight"]
        return gguf.quants.dequantize(tensor.data[rows], tensor.tensor_type).astype(np.float64)

    def norm(self, x, name):
        return x / np.sqrt((x * x).mean(axis=1, keepdims=True) + self.epsilon) * self.weight(name)

    def heads_of(self, x, count, rotates):
        """tokens x (heads * length) to heads x tokens x length, pairs of neighbours turned by their position."""
        x = x.reshape(len(x), count, -1)
        if rotates:
            length = x.shape[2]
            angles = np.outer(np.arange(len(x)), self.base ** (-np.arange(0, length, 2) / length))[:, None, :]
            even, odd, cos, sin = x[..., 0::2], x[..., 1::2], np.cos(angles), np.sin(angles)
            x = np.stack([even * cos - odd * sin, even * sin + odd * cos], axis=3).reshape(x.shape)
        return x.swapaxes(0, 1)

    def attention(self, x, prefix):
        q = self.heads_of(x @ self.weight(prefix + "attn_q").T, self.heads, True)
        k = self.heads_of(x @ self.weight(prefix + "attn_k").T, self.kv_heads, True)
        v = self.heads_of(x @ self.weight(prefix + "attn_v").T, self.kv_heads, False)
        hidden = np.triu(np.full((len(x), len(x)), -np.inf), 1)
        out = []
        for head in range(self.heads):
            shared = head // (self.heads // self.kv_heads)
            scores = q[head] @ k[shared].T / np.sqrt(q.shape[2]) + hidden
            weights = np.exp(scores - scores.max(axis=1, keepdims=True))
            out.append(weights / weights.sum(axis=1, keepdims=True) @ v[shared])
        return np.concatenate(out, axis=1) @ self.weight(prefix + "attn_output").T

    def logits(self, tokens):
        """Logits after each token: tokens x vocabulary."""
        x = self.weight("token_embd", tokens)
        for layer in range(self.layers):
            prefix = f"blk.{layer}."
            x = x + self.attention(self.norm(x, prefix + "attn_norm"), prefix)
            n = self.norm(x, prefix + "ffn_norm")
            gate = n @ self.weight(prefix + "ffn_gate").T
            hidden = gate / (1 + np.exp(-gate)) * (n @ self.weight(prefix + "ffn_up").T)
            x = x + hidden @ self.weight(prefix + "ffn_down").T
        output = "output" if "output.weight" in self.tensors else "token_embd"
        return self.norm(x, "output_norm") @ self.weight(output).T


def log_softmax(logits):
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def compare(reference, logits):
    """The KL divergence of each row's distribution from the reference's, in nats, and whether the first choices agree."""
    divergences, agree = [], []
    for first in range(0, len(reference), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        p, q = log_softmax(reference[rows]), log_softmax(logits[rows])
        divergences.append((np.exp(p) * (p - q)).sum(axis=1))
        agree.append(p.argmax(axis=1) == q.argmax(axis=1))
    return np.concatenate(divergences), np.concatenate(agree)
