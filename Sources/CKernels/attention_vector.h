static void attention(const ck_attention_work *work, float *scratch) { ck_attention_reference(work, scratch); }
