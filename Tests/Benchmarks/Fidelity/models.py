"""The files that are compared: a model's weights in F32, and in a network whose rows every type can hold."""
import gguf
import numpy as np

BLOCK = 256  # values in a block of the K types


def copy_fields(reader, writer, changes):
    """Copies the metadata; `changes` replaces values."""
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name in ("general.architecture", "general.file_type"):
            continue
        kind, *element = field.types
        value = changes.get(field.name, field.contents())
        writer.add_key_value(field.name, value, kind, sub_type=element[0] if element else None)


def write(source, target, changes, change):
    """Writes the weights of `source` as F32, each as `change(name, values)` leaves it."""
    reader, writer = gguf.GGUFReader(source), gguf.GGUFWriter(target, "llama")
    copy_fields(reader, writer, changes)
    for tensor in reader.tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        writer.add_tensor(tensor.name, np.ascontiguousarray(change(tensor.name, values), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def widen(source, target):
    """Writes the weights of `source` as F32."""
    write(source, target, {}, lambda _, values: values)


def pad(source, target):
    """Writes the same function as a wider network: rows become multiples of 256 by zeros that take no part.

    The hidden state is spread over its blocks, so that every block of 256 has as many zeros; heads of zeros follow the
    others. The norms' mean is over more values, which their weights and epsilon make up for.
    """
    fields = gguf.GGUFReader(source).fields
    number = lambda key: fields["llama." + key].contents()
    width, heads, kv_heads = (number(key) for key in ("embedding_length", "attention.head_count",
                                                      "attention.head_count_kv"))
    length, group = width // heads, heads // kv_heads
    blocks = -(-width // BLOCK)
    part = width // blocks
    if width % blocks or part % 32 or BLOCK * blocks % (length * group):
        raise SystemExit(f"the model's hidden state of {width} values and {heads} heads cannot be padded evenly")
    place = np.arange(width) // part * BLOCK + np.arange(width) % part
    share = width / (BLOCK * blocks)
    new_heads = BLOCK * blocks // length

    def spread(values, axis):
        shape = list(values.shape)
        shape[axis] = BLOCK * blocks
        out = np.zeros(shape, np.float32)
        out[(slice(None),) * axis + (place,)] = values
        return out

    def extend(values, axis, count):
        padding = [(0, 0)] * values.ndim
        padding[axis] = (0, count - values.shape[axis])
        return np.pad(values, padding)

    def change(name, values):
        kind = name.split(".")[-2]
        if "norm" in kind:
            return spread(values * np.sqrt(share), 0)
        if kind == "attn_output":
            return extend(spread(values, 0), 1, new_heads * length)
        if kind == "ffn_down":
            return spread(values, 0)
        values = spread(values, 1)
        if kind in ("attn_q", "attn_k", "attn_v"):
            values = extend(values, 0, (new_heads if kind == "attn_q" else new_heads // group) * length)
        return values

    epsilon = "llama.attention.layer_norm_rms_epsilon"
    write(source, target, {
        "llama.embedding_length": BLOCK * blocks, "llama.attention.head_count": new_heads,
        "llama.attention.head_count_kv": new_heads // group, epsilon: fields[epsilon].contents() * share,
    }, change)
