// Keys and values beside the messages.

#include "internal.h"

cgrpc_metadata *cgrpc_metadata_create(size_t capacity) {
  cgrpc_metadata *metadata = allocate(sizeof(cgrpc_metadata));
  grpc_metadata_array_init(&metadata->array);
  metadata->owns_slices = true;
  if (capacity > 0) {
    metadata->array.metadata = allocate(capacity * sizeof(grpc_metadata));
    metadata->array.capacity = capacity;
  }
  count(&cgrpc_counters.metadata, 1);
  return metadata;
}

void cgrpc_metadata_destroy(cgrpc_metadata *metadata) {
  for (size_t i = 0; metadata->owns_slices && i < metadata->array.count; i++) {
    grpc_slice_unref(metadata->array.metadata[i].key);
    grpc_slice_unref(metadata->array.metadata[i].value);
  }
  grpc_metadata_array_destroy(&metadata->array);
  gpr_free(metadata);
  count(&cgrpc_counters.metadata, -1);
}

bool cgrpc_metadata_add(cgrpc_metadata *metadata, const char *key, size_t key_length, const uint8_t *value,
                        size_t value_length) {
  grpc_slice key_slice = grpc_slice_from_copied_buffer(key, key_length);
  grpc_slice value_slice = value_length == 0
                               ? grpc_empty_slice()
                               : grpc_slice_from_copied_buffer((const char *)value, value_length);
  bool legal = grpc_header_key_is_legal(key_slice) != 0 &&
               (grpc_is_binary_header(key_slice) != 0 || grpc_header_nonbin_value_is_legal(value_slice) != 0);
  if (!legal) {
    grpc_slice_unref(key_slice);
    grpc_slice_unref(value_slice);
    return false;
  }
  grpc_metadata_array *array = &metadata->array;
  if (array->count == array->capacity) {
    array->capacity = array->capacity == 0 ? 8 : 2 * array->capacity;
    array->metadata = gpr_realloc(array->metadata, array->capacity * sizeof(grpc_metadata));
  }
  grpc_metadata *entry = &array->metadata[array->count++];
  memset(entry, 0, sizeof(*entry));
  entry->key = key_slice;
  entry->value = value_slice;
  return true;
}

size_t cgrpc_metadata_get_count(const cgrpc_metadata *metadata) { return metadata->array.count; }

const char *cgrpc_metadata_get_key(const cgrpc_metadata *metadata, size_t index, size_t *length) {
  const grpc_slice *key = &metadata->array.metadata[index].key;
  *length = GRPC_SLICE_LENGTH(*key);
  return (const char *)GRPC_SLICE_START_PTR(*key);
}

const uint8_t *cgrpc_metadata_get_value(const cgrpc_metadata *metadata, size_t index, size_t *length) {
  const grpc_slice *value = &metadata->array.metadata[index].value;
  *length = GRPC_SLICE_LENGTH(*value);
  return GRPC_SLICE_START_PTR(*value);
}
