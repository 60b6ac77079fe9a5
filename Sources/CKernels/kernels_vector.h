// The table of a level; CK_VECTOR_KERNELS is its name.

const ck_kernels CK_VECTOR_KERNELS[CK_ARITHMETICS] = {
  {
    .pack_activations = pack_activations,
    .matmul = matmul,
    .rms_norm = rms_norm,
    .add = add,
    .silu_multiply = silu_multiply,
    .rope = ck_rope_reference,
    .to_f16 = to_f16,
    .from_f16 = from_f16,
    .argmax = argmax,
    .attention = attention,
  },
  {
    .pack_activations = pack_llama_cpp,
    .matmul = matmul,
    .matmul_by_word = matmul_by_word,
    .rms_norm = ck_rms_norm_llama_cpp,
    .add = add,
    .silu_multiply = silu_multiply_llama_cpp,
    .rope = rope_llama_cpp,
    .to_f16 = to_f16,
    .from_f16 = from_f16,
    .argmax = argmax,
    .attention = attention_llama_cpp,
  },
};
