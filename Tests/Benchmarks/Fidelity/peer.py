"""llama.cpp's side of the comparison: its logits, and its quantiser."""
import llama_cpp as L
import numpy as np

SILENT = L.llama_log_callback(lambda *_: None)  # kept alive for as long as the library may call it
L.llama_log_set(SILENT, None)
L.llama_backend_init()


class Model:
    """A model and a context for one sequence; `exact` keeps keys and values in F32."""

    def __init__(self, path, positions, threads, exact=False):
        settings = L.llama_model_default_params()
        settings.n_gpu_layers = 0
        self.model = L.llama_model_load_from_file(path.encode(), settings)
        self.vocabulary = L.llama_model_get_vocab(self.model)
        context = L.llama_context_default_params()
        context.n_ctx = context.n_batch = positions
        context.n_threads = context.n_threads_batch = threads
        if exact:
            context.type_k = context.type_v = L.GGML_TYPE_F32
            context.flash_attn_type = 0
        self.context = L.llama_init_from_model(self.model, context)

    def tokenize(self, text):
        data = text.encode()
        ids = (L.llama_token * (len(data) + 8))()
        return list(ids[:L.llama_tokenize(self.vocabulary, data, len(data), ids, len(ids), True, True)])

    def logits(self, tokens):
        """Logits after each token: tokens x vocabulary."""
        batch = L.llama_batch_init(len(tokens), 0, 1)
        batch.n_tokens = len(tokens)
        for i, token in enumerate(tokens):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.seq_id[i][0] = token, i, 1, 0
            batch.logits[i] = True
        status = L.llama_decode(self.context, batch)
        L.llama_batch_free(batch)
        if status != 0:
            raise RuntimeError(f"llama_decode returned {status}")
        size = L.llama_vocab_n_tokens(self.vocabulary)
        return np.stack([np.ctypeslib.as_array(L.llama_get_logits_ith(self.context, i), (size,)).copy()
                         for i in range(len(tokens))])

    def close(self):
        L.llama_free(self.context)
        L.llama_model_free(self.model)


# llama_ftype of "mostly this type".
FILE_TYPES = {
    "F32": 0, "F16": 1, "BF16": 32, "Q8_0": 7, "Q4_0": 2, "Q4_1": 3, "Q5_0": 8, "Q5_1": 9, "Q2_K": 10, "Q3_K": 12,
    "Q4_K": 15, "Q5_K": 17, "Q6_K": 18, "IQ4_NL": 25, "IQ4_XS": 30,
}


def quantize(source, target, name, threads):
    """Writes every matrix of `source` as the type `name`."""
    settings = L.llama_model_quantize_default_params()
    settings.nthread, settings.ftype = threads, FILE_TYPES[name]
    settings.pure = settings.allow_requantize = True
    status = L.llama_model_quantize(source.encode(), target.encode(), settings)
    if status != 0:
        raise RuntimeError(f"llama_model_quantize returned {status}")
