// The table of a level; CK_VECTOR_KERNELS is its name.

const ck_kernels CK_VECTOR_KERNELS = {
  .pack_activations = pack_activations,
  .matmul = matmul,
  .rms_norm = rms_norm,
  .add = add,
  .silu_multiply = silu_multiply,
  .rope = ck_rope_reference,
  .to_f16 = to_f16,
  .from_f16 = from_f16,
  .argmax = argmax,
  .softmax_of = softmax_of,
  .attention = attention,
  .quantize = quantize,
  .first_unfit = first_unfit,
};
